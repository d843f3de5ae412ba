"""What every wording owes the people who read it: plain, kind and true sentences, and no judgement.

The tests run over all locales that the shipped study has. A locale for which nobody has written down the
words that judge or promise fails here, before anybody reads it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.settings import Settings
from screener.study.loader import content_of
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.model import Study
from screener.study.wording import Wording
from tests.study import reading

SHIPPED = Settings().study
LOCALES = locales(SHIPPED)
#: In each locale: words that judge, that promise, that are out of date, or that hurt.
NEVER = {
    "en": (
        r"\w*eligib\w*|\w*qualif\w*|screen fail\w*|scor(e|es|ed|ing)|match\w*|priorit\w*|unfortunately",
        r"breakthrough\w*|cur(e|es|ed|ing)|proven|safe and effective|effective\w*|new treatment\w*|rapid\w*|lasting",
        r"benefit\w*|guarantee\w*|promising|relief|heal(s|ed|ing)?|psychedelic\w*|toad|5-meo-dmt|compensat\w*",
        r"press 3|commit\w* suicide|(failed|completed|successful) suicide|epidemic|treatment[- ]resistant",
        r"consent|signature|confidential\w*",
        r"age[sd]? (between|from)|18 ?(-|\u2013|to) ?\d+|75|two or more|at least two",
    )
}
#: What a title may not tell a person who looks over a shoulder.
NOT_IN_TITLES = re.compile(r"depress|suicid|study|trial|drug|medicine|research|placeholder|psych", re.IGNORECASE)
MOST_WORDS = 20
MOST_SYLLABLES = 4
#: Names of things for which there is no shorter word.
LONG_NAMES = {"accessibility", "clinicaltrials.gov"}
#: An IRB asks for the eighth grade; we aim lower.
MOST_GRADE = 6


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(SHIPPED)


@pytest.fixture(scope="module", params=LOCALES)
def wording(request: pytest.FixtureRequest, study: Study) -> Wording:
    """One locale, for a site with a name and a number as real ones are."""
    facts = {"name": "The Example Centre", "phone": "+1 415 555 0100", "address": "1 Example Street"}
    site = study.site.model_copy(update=facts)
    return load_wording(SHIPPED, study.model_copy(update={"site": site}), request.param)


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
    elif isinstance(part, str) and part:
        yield part


def _seen(wording: Wording, study: Study) -> dict[str, object]:
    content: dict[str, object] = content_of(wording, study)["wording"]
    return content


def _pages(wording: Wording, study: Study) -> dict[str, list[str]]:
    """The text of each page as a person meets it; the form with all its modules on."""
    content = _seen(wording, study)
    found = {}
    for group in ("pages", "notices", "error_pages"):
        pages = content[group]
        assert isinstance(pages, dict)
        found.update({f"{group}.{name}": list(_texts(page)) for name, page in pages.items()})
    found["pages.interest"] += list(_texts(content["fields"]))
    return found | {name: list(_texts(content[name])) for name in ("common", "crisis", "errors")}


def test_no_word_judges_or_promises(wording: Wording, study: Study) -> None:
    never = re.compile(rf"\b({'|'.join(NEVER[wording.locale])})\b", re.IGNORECASE)

    assert [text for text in _texts(_seen(wording, study)) if never.search(text)] == []


@pytest.mark.parametrize(
    "sentence", ["You may qualify.", "A breakthrough.", "Press 3.", "Ages 18 to 75", "It is proven"]
)
def test_the_words_that_never_stand_there_are_found(sentence: str) -> None:
    assert re.search(rf"\b({'|'.join(NEVER['en'])})\b", sentence, re.IGNORECASE)


def test_no_sentence_is_longer_than_twenty_words(wording: Wording, study: Study) -> None:
    texts = [*_texts(_seen(wording, study)), *wording.preview.values()]
    found = [sentence for text in texts for sentence in reading.sentences(text)]

    assert len(found) > 300
    assert [sentence for sentence in found if len(reading.words(sentence)) > MOST_WORDS] == []


def test_every_page_can_be_read_after_six_years_of_school(wording: Wording, study: Study) -> None:
    if wording.locale != "en":
        pytest.fail("Flesch and Kincaid grade English; name a measure for this language")

    grades = {name: round(reading.grade(texts), 1) for name, texts in _pages(wording, study).items()}

    assert {name: grade for name, grade in grades.items() if grade > MOST_GRADE} == {}


def test_no_word_is_longer_than_four_syllables(wording: Wording, study: Study) -> None:
    used = {word.lower() for text in _texts(_seen(wording, study)) for word in reading.words(text)}

    assert {word for word in used if reading.syllables(word) > MOST_SYLLABLES} == LONG_NAMES


@pytest.mark.parametrize(
    ("word", "count"),
    [("medicine", 3), ("voice", 1), ("depression", 3), ("trouble", 2), ("used", 1), ("needed", 2), ("times", 1)],
)
def test_syllables_are_counted_well_enough(word: str, count: int) -> None:
    assert reading.syllables(word) == count


def test_a_hard_page_is_found() -> None:
    hard = "Participation necessitates comprehensive psychiatric evaluation, including documentation of therapies."

    assert reading.grade([hard]) > MOST_GRADE


def test_no_title_tells_a_bystander_anything(wording: Wording) -> None:
    groups = (wording.pages, wording.notices, wording.error_pages)
    titles = [getattr(group, name).title for group in groups for name in type(group).model_fields]

    assert len(titles) == 18
    assert [title for title in titles if NOT_IN_TITLES.search(title)] == []


def test_the_crisis_number_stands_in_one_place() -> None:
    kinds = {".py", ".html", ".toml", ".js", ".txt"}
    files = [path for folder in (PACKAGE, ROOT / "templates") for path in folder.rglob("*") if path.suffix in kinds]
    number = re.compile(r"(?<![0-9a-f])988(?![0-9a-f])")
    found = [f"{path.name}: {line}" for path in files for line in _lines(path) if number.search(line)]

    assert found == [f'wording.{locale}.toml: number = "988"' for locale in LOCALES]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_crisis_block_names_the_line_the_emergency_number_and_the_rest_of_the_world(wording: Wording) -> None:
    text = " ".join(wording.crisis.lines)

    assert wording.crisis.number == "988"
    assert "Call or text 988." in text
    assert "call 988 and press 2" in text
    assert "call 911" in text
    assert "not in the US" in text


@pytest.mark.parametrize("place", ["received", "grace", "closed"])
def test_taking_a_form_back_is_promised_by_telephone_and_by_nothing_else(wording: Wording, place: str) -> None:
    page = wording.pages.received if place == "received" else wording.notices[place]
    text = " ".join(page.body)

    assert "Call +1 415 555 0100 and give your reference." in text
    assert not re.search(r"\b(link|code|e-?mail)\b", text, re.IGNORECASE)


def test_no_letter_is_promised_as_long_as_none_is_sent(wording: Wording) -> None:
    assert wording.fields["email"].hint == "If you can, use one that only you read."


@pytest.mark.parametrize("page", ["start", "interest", "received"])
def test_who_takes_medicine_reads_that_it_must_not_stop(wording: Wording, page: str, study: Study) -> None:
    text = " ".join(_pages(wording, study)[f"pages.{page}"])

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
