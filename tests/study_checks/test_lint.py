"""Each rule of the words bites in each language, and leaves alone what only looks like a fault."""

from typing import Any

import pytest

from screener.settings import Settings
from screener.study.wording_files import read_wording_source
from screener.study_checks import lint
from screener.study_checks.banned_words import INNOCENT
from screener.study_checks.banned_words import NOT_IN_TITLES
from screener.study_checks.banned_words import THEMES
from screener.study_checks.sentences import WordingFault
from screener.study_checks.sentences import sentences_of

LANGUAGES = ("en", "es", "zh-Hant", "fil", "vi")
BANNED: dict[str, dict[str, Any]] = {
    "judging": {
        "en": ("See if you qualify.", "Your score is high.", "You match the study.", "Unfortunately, no."),
        "es": ("Usted es elegible.", "Vea si califica.", "Reúne los requisitos.", "Lamentablemente, no."),
        "zh-Hant": ("您符合資格。", "您的得分很高。", "您會被優先聯絡。", "很遺憾，不行。"),
        "fil": (
            "Karapat-dapat kayo.",
            "Kwalipikado kayo.",
            "Tumutugma kayo sa pag-aaral.",
            "Sa kasamaang-palad, hindi.",
        ),
        "vi": ("Quý vị đủ điều kiện.", "Quý vị được ưu tiên.", "Điểm số của quý vị cao.", "Rất tiếc, không được."),
    },
    "promising": {
        "en": ("A breakthrough.", "It is proven.", "A new treatment.", "The benefit is clear.", "It can heal you."),
        "es": ("Está demostrado.", "Es seguro y eficaz.", "Un tratamiento nuevo.", "Sus beneficios.", "Alivia y cura."),
        "zh-Hant": ("重大突破。", "安全有效。", "全新的新療法。", "對您有益處。", "可以治癒您。", "我們保證。"),
        "fil": ("Ito ay lunas.", "Napatunayan na ito.", "Ligtas at mabisa.", "May benepisyo.", "Gagaling kayo."),
        "vi": ("Một đột phá.", "An toàn và hiệu quả.", "Cách chữa mới.", "Có lợi ích.", "Bảo đảm chữa khỏi."),
    },
    "drug": {
        "en": ("A psychedelic.", "It is 5-MeO-DMT."),
        "es": ("Un psicodélico.", "Es 5-MeO-DMT."),
        "zh-Hant": ("這是迷幻藥。", "它叫5-MeO-DMT。", "參加者有報酬。"),
        "fil": ("Isa itong saykedelik.", "May kompensasyon."),
        "vi": ("Chất gây ảo giác.", "Có thù lao."),
    },
    "suicide": {
        "en": ("He committed suicide.", "A failed suicide."),
        "es": ("Cometió suicidio.", "Un suicidio consumado."),
        "zh-Hant": ("自殺未遂。", "他輕生了。"),
        "fil": ("Nag-commit ng suicide siya.", "Bigong pagpapakamatay."),
        "vi": ("Tự tử không thành.", "Tự sát thành công."),
    },
    "consent": {
        "en": ("Your consent.", "A signature."),
        "es": ("Su consentimiento.", "Firme aquí."),
        "zh-Hant": ("知情同意。", "請簽名。"),
        "fil": ("Pahintulot sa pananaliksik.", "Ang inyong lagda.", "Pumirma dito."),
        "vi": ("Giấy chấp thuận.", "Chữ ký của quý vị."),
    },
    "private": {
        "en": ("It is confidential.",),
        "es": ("Es confidencial.",),
        "zh-Hant": ("我們會保密。",),
        "fil": ("Kumpidensyal ito.",),
        "vi": ("Được bảo mật.",),
    },
    "criterion": {
        "en": ("Ages 18 to 75", "Two or more medicines", "For ages between 20 and 30"),
        "es": ("De 18 a 75 años", "Dos o más medicamentos", "Tiene entre 18 y 60"),
        "zh-Hant": ("18 至 60 歲", "兩種或以上的藥物", "年齡介於"),
        "fil": ("18 hanggang 60", "Dalawa o higit pang gamot"),
        "vi": ("18 đến 60 tuổi", "Hai loại thuốc trở lên"),
    },
    "press 3": {
        "en": ("Press 3.",),
        "es": ("Oprima el 3.", "Marque 3."),
        "zh-Hant": ("請按 3。", "請按３。"),
        "fil": ("Pindutin ang 3.", "I-press ang 3."),
        "vi": ("Bấm phím số 3.",),
    },
    "resistant": {
        "en": ("Treatment-resistant depression",),
        "es": ("Depresión resistente al tratamiento",),
        "zh-Hant": ("難治的憂鬱症",),
        "fil": ("Depresyong hindi tinatablan ng gamot",),
        "vi": ("Trầm cảm kháng trị",),
    },
}
BANNED_SENTENCES = [
    (theme, locale, sentence) for theme, said in BANNED.items() for locale in said for sentence in said[locale]
]
LONG = {
    "en": "We " + "really " * 19 + "do.",
    "es": "Nosotros " + "muy " * 19 + "bien.",
    "fil": "Kami " + "po " * 19 + "ito.",
    "vi": "Chúng tôi " + "rất " * 28 + "vui.",
    "zh-Hant": "我" * 41 + "。",
}


def english() -> dict[str, Any]:
    return read_wording_source(Settings().study, "en").merged()


def said_in(locale: str, sentence: str, path: str = "errors.lead") -> list[WordingFault]:
    """The faults at *path* of a file that says *sentence* there."""
    data = english() | {"locale": locale}
    *tables, key = path.split(".")
    part = data
    for table in tables:
        part = part[table]
    part[key] = sentence
    return [fault for fault in lint.find_lint_faults(data) if fault.path == path]


def test_every_language_has_lists_of_everything() -> None:
    assert LANGUAGES == lint.LOCALES
    assert {theme.name for theme in THEMES} == set(BANNED)
    lists: list[Any] = [*(theme.words for theme in THEMES), *BANNED.values(), NOT_IN_TITLES, lint.LENGTHS]
    for words in lists:
        assert set(words) == set(LANGUAGES)


@pytest.mark.parametrize(("theme", "locale", "sentence"), BANNED_SENTENCES)
def test_a_banned_word_is_found_and_its_reason_told(theme: str, locale: str, sentence: str) -> None:
    said = next(one for one in THEMES if one.name == theme)

    (fault,) = [fault for fault in said_in(locale, sentence) if fault.do == said.do]

    assert fault.wrong.startswith(said.wrong)
    assert sentence in str(fault)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_english_that_was_left_standing_is_found_in_every_language(locale: str) -> None:
    assert said_in(locale, "您qualify。" if locale == "zh-Hant" else "... you qualify ...")


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "I am 18 or older."),
        ("es", "Tengo 18 años o más. Elija una opción, o no elija nada."),
        ("es", "¿Cuántos medicamentos ha probado que no le ayudaron lo suficiente?"),
        ("es", "Todavía está en prueba. No estoy seguro."),
        ("zh-Hant", "我年滿 18 歲或以上。如果您同意，請勾選。"),
        ("zh-Hant", "請填寫有效的電話。"),
        ("fil", "Hindi ako sigurado. Magaling. Galing sa telepono ang form."),
        ("vi", "Tôi từ 18 tuổi trở lên. Tôi đồng ý."),
        ("vi", "Đánh dấu tất cả những gì phù hợp."),
    ],
)
def test_what_only_looks_like_a_banned_word_passes(locale: str, sentence: str) -> None:
    assert said_in(locale, sentence) == []


def test_each_innocent_phrase_would_be_found_without_its_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    phrases = {"es": "Los que ha probado.", "zh-Hant": "有效的電話。"}
    assert set(phrases) == set(INNOCENT)
    assert [said_in(locale, text) for locale, text in phrases.items()] == [[], []]

    monkeypatch.setattr(lint, "INNOCENT", {})

    assert [len(said_in(locale, text)) for locale, text in phrases.items()] == [1, 1]


def test_only_the_page_about_the_study_names_the_drug() -> None:
    data = english()
    data["pages"]["about"] = {"body": ["The drug in it is called mebufotenin."]}
    data["pages"]["start"]["body"][0] = "The drug in it is called mebufotenin."

    assert [fault.path for fault in lint.find_lint_faults(data)] == ["pages.start.body[1]"]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_sentence_may_be_so_long_and_no_longer(locale: str) -> None:
    limit = lint.LENGTHS[locale]
    enough = LONG[locale].replace("我", "", 1) if locale == "zh-Hant" else LONG[locale].split(" ", 1)[1]

    (fault,) = [fault for fault in said_in(locale, LONG[locale]) if "sentence of" in fault.wrong]

    assert fault.wrong == f"has a sentence of {limit.most + 1} {limit.unit}"
    assert [fault for fault in said_in(locale, enough) if "sentence of" in fault.wrong] == []


def test_two_short_chinese_sentences_are_not_one_long_one() -> None:
    assert said_in("zh-Hant", "我" * 30 + "。" + "我" * 30 + "。") == []


@pytest.mark.parametrize(
    ("locale", "hard"),
    [
        (
            "en",
            "Participation necessitates comprehensive psychiatric evaluation, including documentation of therapies.",
        ),
        (
            "es",
            "La participación requiere evaluaciones psiquiátricas comprensivas, incluyendo documentación terapéutica.",
        ),
    ],
)
def test_a_hard_page_and_a_hard_question_are_found(locale: str, hard: str) -> None:
    data = english() | {"locale": locale}
    data["notices"]["closed"] = {"title": "X", "heading": hard, "body": [hard, hard]}
    data["fields"]["home_help"] = {"label": hard, "hint": ""}

    found = {fault.path: fault.do for fault in lint.find_lint_faults(data) if "years of school" in fault.wrong}

    assert "grade 8 is the most for a page" in found["notices.closed"]
    assert "grade 6 is the most for a question" in found["fields.home_help"]


def test_a_short_question_has_no_grade_and_three_names_of_diseases_are_allowed() -> None:
    data = english()
    data["fields"]["home_help"] = {"label": "Accessibility necessities?", "hint": ""}

    assert lint.find_lint_faults(data) == ()
    assert [one.part for one in lint.ALLOWED if one.rule == "hard question"] == ["fields.psy_told"]


def test_every_exception_is_needed_and_has_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    data = english()
    data["pages"]["about"] = {"body": ["The drug in it is called mebufotenin."]}
    data["preview"] = dict.fromkeys(data["preview"], "Administrators deliberately misconfigured authentication.")
    data["preview"]["proof"] = "Nobody has proven these keys."
    data["fields"]["psy_told"] = {"label": "Has a psychiatrist diagnosed schizophrenia, psychosis or bipolarity?"}
    assert lint.find_lint_faults(data) == ()

    for one in lint.ALLOWED:
        monkeypatch.setattr(lint, "ALLOWED", tuple(other for other in lint.ALLOWED if other != one))
        if one.part != "fields":
            assert lint.find_lint_faults(data), one
        assert len(one.reason.split()) > 4


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_crisis_number_is_said_by_its_name_and_the_block_names_both_numbers(locale: str) -> None:
    assert "in figures" in said_in(locale, "988")[0].wrong
    data = english() | {"locale": locale}
    data["crisis"]["lines"] = ["{crisis_number}"]
    assert ("crisis.lines", "does not name 911") in [(fault.path, fault.wrong) for fault in lint.find_lint_faults(data)]
    data["crisis"] |= {"lines": ["911"], "number": "998"}
    found = [(fault.path, fault.wrong) for fault in lint.find_lint_faults(data)]
    assert ("crisis.lines", "does not name 988") in found
    assert ("crisis.number", "is not 988") in found


@pytest.mark.parametrize(
    ("locale", "title"),
    [("en", "Depression"), ("es", "Su medicamento"), ("zh-Hant", "研究"), ("fil", "Pananaliksik"), ("vi", "Trầm cảm")],
)
def test_a_title_that_tells_a_bystander_is_found(locale: str, title: str) -> None:
    (fault,) = said_in(locale, title, "pages.start.title")

    assert "tells a bystander" in fault.wrong
    assert said_in(locale, title, "pages.start.heading") == []


def test_a_language_without_lists_is_one_fault() -> None:
    (fault,) = lint.find_lint_faults(english() | {"locale": "fr"})

    assert fault.path == "locale"
    assert "fr" in fault.wrong
    assert "banned_words.py" in fault.do


def test_the_sites_own_name_is_not_judged() -> None:
    assert said_in("en", "{site_name}, {site_phone}, {sponsor}") == []


def test_every_sentence_has_its_path_and_nothing_else_has_one() -> None:
    found = sentences_of(english())

    assert found["pages.start.body[3]"] == "## What this form does"
    assert found["fields.dep_told.options.1"] == "Yes"
    assert found["preview.keys"].startswith("The keys")
    assert not {"locale", "name", "direction", "status", "crisis.number", "fields.dep_told.hint"} & set(found)
