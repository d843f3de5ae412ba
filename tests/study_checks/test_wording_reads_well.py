"""The shipped wordings keep every rule of the lint and name help in danger; English says what it has to say.

The rules, and the words that they look for, are in ``screener.study_checks.lint``; here are the rules that only our own
English has to keep, and the sentences that must not go missing.
"""

import re
from pathlib import Path

import pytest

from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import Study
from screener.study.wording import Wording
from screener.study.wording_files import read_wording_source
from screener.study_checks import lint
from screener.study_checks import readability as reading
from screener.study_checks import translations as translation
from screener.study_checks.sentences import is_inside
from screener.study_checks.sentences import sentences_of

SHIPPED = Settings().study
LOCALES = list_locales(SHIPPED)
MOST_SYLLABLES = 4
#: Names of things for which there is no shorter word.
LONG_NAMES = {"accessibility", "clinicaltrials.gov", "mebufotenin"}
#: An IRB asks for the eighth grade, and the lint with it; our own English aims lower.
MOST_GRADE = 6
#: The line does not answer in these languages: a caller names one of them in English, and an interpreter is found.
SPOKEN_TO_THE_LINE = {"fil": ["Tagalog"], "vi": ["Vietnamese"], "zh-Hant": ["Cantonese", "Mandarin"]}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(SHIPPED)


@pytest.fixture(scope="module")
def wording(study: Study) -> Wording:
    """English, for a site with a name and a number as real ones are."""
    facts = {"name": "The Example Centre", "phone": "+1 415 555 0100", "address": "1 Example Street"}
    site = study.site.model_copy(update=facts)
    return load_wording(SHIPPED, study.model_copy(update={"site": site}), "en")


@pytest.fixture(scope="module")
def english() -> lint.WordingText:
    return lint.read_wording_text(read_wording_source(SHIPPED, "en").merged())


def _texts(words: lint.WordingText, *parts: str) -> list[str]:
    return [text for path, text in words.read.items() if any(is_inside(path, part) for part in parts)]


@pytest.mark.parametrize("locale", LOCALES)
def test_no_shipped_wording_breaks_a_rule(locale: str) -> None:
    data = read_wording_source(SHIPPED, locale).merged()

    assert len(sentences_of(data)) > 200
    assert [str(fault) for fault in lint.find_lint_faults(data)] == []
    assert [str(fault) for fault in translation.find_translation_faults(SHIPPED, locale)] == []


def test_every_english_page_can_be_read_after_six_years_of_school(english: lint.WordingText) -> None:
    grades = {page: round(grade, 1) for page, grade in lint.grade_pages(english).items()}

    assert len(grades) > 20
    assert {page: grade for page, grade in grades.items() if grade > MOST_GRADE} == {}


def test_no_english_word_is_longer_than_four_syllables(english: lint.WordingText) -> None:
    seen = [text for path, text in english.read.items() if not is_inside(path, "preview")]
    long = {
        word.lower()
        for text in seen
        for word in reading.split_words(text)
        if reading.count_syllables(word) > MOST_SYLLABLES
    }

    assert "accessibility" in long
    assert long - LONG_NAMES == set()


def test_the_crisis_number_stands_in_one_place() -> None:
    kinds = {".py", ".html", ".toml", ".js", ".txt"}
    files = [path for folder in (PACKAGE, ROOT / "templates") for path in folder.rglob("*") if path.suffix in kinds]
    files.remove(Path(str(lint.__file__)))  # it holds the other files to this number
    number = re.compile(r"(?<![0-9a-f])988(?![0-9a-f])")
    found = [f"{path.name}: {line}" for path in files for line in _lines(path) if number.search(line)]

    assert sorted(found) == sorted(f'wording.{locale}.toml: number = "988"' for locale in LOCALES)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_crisis_block_names_the_line_the_emergency_number_and_the_rest_of_the_world(wording: Wording) -> None:
    text = " ".join(wording.crisis.lines)

    assert wording.crisis.number == "988"
    assert "Call or text 988." in text
    assert "call 988 and press 2" in text
    assert "call 911" in text
    assert "not in the US" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_crisis_block_names_the_line_and_the_emergency_number_in_every_language(study: Study, locale: str) -> None:
    crisis = load_wording(SHIPPED, study, locale).crisis

    assert crisis.number == "988"
    for said in (" ".join(crisis.lines), crisis.call, crisis.text):
        assert _numbers(said) & {"988"}
    assert "911" in _numbers(" ".join(crisis.lines))


def test_spanish_goes_to_the_line_in_spanish(study: Study) -> None:
    crisis = load_wording(SHIPPED, study, "es").crisis

    assert "llame al 988 y oprima 2" in " ".join(crisis.lines)
    assert "oprima 2" in crisis.call


@pytest.mark.parametrize(("locale", "spoken"), sorted(SPOKEN_TO_THE_LINE.items()))
def test_who_needs_an_interpreter_reads_what_to_say_in_english(study: Study, locale: str, spoken: list[str]) -> None:
    text = " ".join(load_wording(SHIPPED, study, locale).crisis.lines)

    assert all(word in text for word in spoken)
    assert "2" not in _numbers(text)


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


@pytest.mark.parametrize("place", ["received", "grace", "closed"])
def test_taking_a_form_back_is_promised_by_telephone_and_by_nothing_else(wording: Wording, place: str) -> None:
    page = wording.pages.received if place == "received" else wording.notices[place]
    text = " ".join(page.body)

    assert "Call +1 415 555 0100 and give your reference." in text
    assert not re.search(r"\b(link|code|e-?mail)\b", text, re.IGNORECASE)


def test_no_letter_is_promised_as_long_as_none_is_sent(wording: Wording) -> None:
    assert wording.fields["email"].hint == "If you can, use one that only you read."


@pytest.mark.parametrize("place", ["pages.start", "fields.ad_now", "pages.received"])
def test_who_takes_medicine_reads_that_it_must_not_stop(english: lint.WordingText, place: str) -> None:
    text = " ".join(_texts(english, place))

    assert "Please do not stop or change any medicine because of this form." in text


def test_start_says_what_has_to_be_known_before_the_first_question(wording: Wording) -> None:
    text = " ".join(wording.pages.start.body)

    for said in (
        "It may not help you. It can have risks.",
        "This form does not decide who can join.",
        "Nothing is kept until you press Send.",
        "This is not medical care. We do not read forms right away.",
        "We try to reach you within 3 work days.",
        "We erase your form 180 days after we last work on it, or sooner if you ask.",
        "If you do not send it, your care stays the same.",
    ):
        assert said in text


def test_the_permission_is_to_keep_and_to_make_contact_and_is_no_consent_to_research(wording: Wording) -> None:
    words = wording.fields["adult_self"]

    assert words.label == (
        "I am 18 or older. This form is about me. The Example Centre may keep it and contact me about this study."
    )
    assert "It does not sign you up for the study." in words.hint


def test_every_choice_offers_not_sure_and_a_talk(wording: Wording, study: Study) -> None:
    for question in study.questions:
        if question.kind == "choice":
            labels = wording.fields[question.id].options
            assert labels["8"] == "Not sure"
            assert labels["9"] == "I'd rather talk about it"
