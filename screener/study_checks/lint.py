"""Lint the words of a locale: plain sentences, no judgement, no promise, no criterion, and help in a crisis.

A site edits the study folder itself, so the rules of its words are part of the product: ``screener wording check``
prints the faults, and an approval is refused while one is broken. Nothing that serves pages loads this. A sentence is
judged as the file has it, with stand-ins for the site's facts: a site cannot mend its own name. What the rules
let pass is in ``ALLOWED``, each with its reason.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from screener.study_checks import readability as reading
from screener.study_checks.banned_words import INNOCENT
from screener.study_checks.banned_words import NOT_IN_TITLES
from screener.study_checks.banned_words import THEMES
from screener.study_checks.sentences import PLACEHOLDER
from screener.study_checks.sentences import WordingFault
from screener.study_checks.sentences import is_inside
from screener.study_checks.sentences import sentences_of
from screener.typed_text import normalize_width

LOCALES = ("en", "es", "zh-Hant", "fil", "vi")
#: The line that answers in the United States; files say it in crisis.number, and everywhere else by its name.
CRISIS_NUMBER = "988"
EMERGENCY_NUMBER = "911"
#: As long as such facts are. Any other fact is a word.
STAND_INS = {
    "site_name": "The Example Centre",
    "site_phone": "+1 415 555 0100",
    "site_address": "1 Example Street, Example Town",
    "investigator": "Ada Example",
    "irb_name": "Example IRB",
    "crisis_number": CRISIS_NUMBER,
}
A_WORD = "Example"


@dataclass(frozen=True)
class SentenceLimit:
    """How long a sentence may be, and in what it is counted."""

    most: int
    unit: str
    counted: Callable[[str], list[str]] = reading.split_words


#: Vietnamese is written with a blank after each syllable, and most of its words have two; Chinese with none at all,
#: and a word has one or two characters.
LENGTHS = {
    "en": SentenceLimit(20, "words"),
    "es": SentenceLimit(20, "words"),
    "fil": SentenceLimit(20, "words"),
    "vi": SentenceLimit(30, "syllables"),
    "zh-Hant": SentenceLimit(40, "characters", reading.split_characters),
}
#: An IRB asks for the eighth grade; a question has to be plainer than a page.
MOST_OF_A_PAGE = 8
MOST_OF_A_QUESTION = 6
#: With fewer words than this, a label and its hint have no grade that means anything.
FEWEST_WORDS = 8


@dataclass(frozen=True)
class LintException:
    """A part of a file in which one rule does not hold, and why."""

    rule: str
    part: str
    reason: str


ALLOWED = (
    LintException(
        "drug", "pages.about", "who comes to the page about the study has read of the drug, and finds its names"
    ),
    LintException("promising", "preview", "keys are proven there, and only people who set the form up read it"),
    LintException("hard page", "preview", "only people who set the form up read it"),
    LintException("hard page", "fields", "fields are judged one by one"),
    LintException(
        "hard question", "fields.psy_told", "three names of diseases; no plainer word exists, the hint explains"
    ),
)


@dataclass(frozen=True)
class WordingText:
    """The words of one locale by key path: as they stand in the file, and as they are judged."""

    locale: str
    raw: Mapping[str, str]
    read: Mapping[str, str]


def find_lint_faults(data: Mapping[str, Any]) -> tuple[WordingFault, ...]:
    """What is wrong with the words that a wording file holds, and that the loader has found whole."""
    locale = data["locale"]
    if locale not in LOCALES:
        known = ", ".join(LOCALES)
        wrong = f"is {locale}, which has no list of banned words"
        return (
            WordingFault(
                "locale", "", wrong, f"Add lists for it to screener/study_checks/banned_words.py; there are: {known}."
            ),
        )
    words = read_wording_text(data)
    return tuple(fault for rule in RULES for fault in rule(words)) + tuple(_crisis_number(data["crisis"]["number"]))


def read_wording_text(data: Mapping[str, Any]) -> WordingText:
    """The words that a wording file holds, with the stand-ins in their places."""
    raw = sentences_of(data)
    read = {path: PLACEHOLDER.sub(lambda found: STAND_INS.get(found[1], A_WORD), text) for path, text in raw.items()}
    return WordingText(data["locale"], raw, read)


def _allowed(rule: str, path: str) -> bool:
    return any(one.rule == rule and is_inside(path, one.part) for one in ALLOWED)


def _banned(words: WordingText) -> Iterator[WordingFault]:
    for path, text in words.read.items():
        known = _without_innocent(_folded(text), words.locale)
        for theme in THEMES:
            found = _pattern(theme.words, words.locale).search(known)
            if found and not _allowed(theme.name, path):
                yield WordingFault(path, text, f'{theme.wrong} ("{found[0]}")', theme.do)


def _folded(text: str) -> str:
    """*text* in one spelling: full-width figures are figures, and an accent belongs to its letter."""
    words = (normalize_width(word) for word in text.replace("’", "'").split(" "))
    return " ".join(words)


def _without_innocent(text: str, locale: str) -> str:
    for phrase in INNOCENT.get(locale, {}):
        text = re.sub(phrase, "·", text, flags=re.IGNORECASE)
    return text


def _pattern(words: Mapping[str, tuple[str, ...]], locale: str) -> re.Pattern[str]:
    return _compiled(words["en"], () if locale == "en" else words[locale], locale)


@cache
def _compiled(english: tuple[str, ...], own: tuple[str, ...], locale: str) -> re.Pattern[str]:
    """Whole words of English and of the language; Chinese has no edges of words, and its neighbours are letters."""
    letter = "[A-Za-z0-9]" if locale == "zh-Hant" else r"\w"
    whole = english if locale == "zh-Hant" else english + own
    parts = [rf"(?<!{letter})(?:{'|'.join(whole)})(?!{letter})", *(own if locale == "zh-Hant" else ())]
    return re.compile("|".join(parts), re.IGNORECASE)


def _long(words: WordingText) -> Iterator[WordingFault]:
    limit = LENGTHS[words.locale]
    for path, text in words.read.items():
        for sentence in reading.split_sentences(text):
            count = len(limit.counted(sentence))
            if count > limit.most and not _allowed("long", path):
                wrong = f"has a sentence of {count} {limit.unit}"
                yield WordingFault(path, sentence, wrong, f"Make two of it; {limit.most} {limit.unit} are the most.")


def _hard_pages(words: WordingText) -> Iterator[WordingFault]:
    if words.locale not in reading.MEASURES:
        return
    for page, grade in grade_pages(words).items():
        if grade > MOST_OF_A_PAGE and not _allowed("hard page", page):
            do = f"Use shorter words and sentences; grade {MOST_OF_A_PAGE} is the most for a page."
            yield WordingFault(page, "", f"needs {grade:.1f} years of school to be read", do)


def grade_pages(words: WordingText) -> dict[str, float]:
    """The school grade of each page, and of each part of the file that stands on pages."""
    pages = defaultdict(list)
    for path, text in words.read.items():
        pages[_page_of(path)].append(text)
    return {page: reading.grade_texts(texts, words.locale) for page, texts in pages.items()}


def _page_of(path: str) -> str:
    """``pages.start`` for ``pages.start.actions.start``, ``fields`` for a field, ``errors`` for ``errors.age``."""
    first, *rest = path.split(".")
    return f"{first}.{rest[0]}" if len(rest) > 1 and first != "fields" else first.partition("[")[0]


def _hard_questions(words: WordingText) -> Iterator[WordingFault]:
    if words.locale not in reading.MEASURES:
        return
    for path, label in words.read.items():
        field, _, key = path.rpartition(".")
        if not is_inside(path, "fields") or key != "label" or _allowed("hard question", field):
            continue
        texts = [label, *filter(None, [words.read.get(f"{field}.hint")])]
        grade = reading.grade_texts(texts, words.locale)
        if grade > MOST_OF_A_QUESTION and sum(len(reading.split_words(text)) for text in texts) >= FEWEST_WORDS:
            do = f"Use shorter words and sentences; grade {MOST_OF_A_QUESTION} is the most for a question and its hint."
            yield WordingFault(field, label, f"needs {grade:.1f} years of school to be read", do)


def _crisis(words: WordingText) -> Iterator[WordingFault]:
    for path, text in words.raw.items():
        if re.search(rf"(?<!\d){CRISIS_NUMBER}(?!\d)", _folded(text)):
            yield WordingFault(path, text, "has the crisis number in figures", "Write {crisis_number} instead.")
    lines = " ".join(text for path, text in words.read.items() if is_inside(path, "crisis.lines"))
    for number in (CRISIS_NUMBER, EMERGENCY_NUMBER):
        if number not in _folded(lines):
            do = "Name the crisis line and the emergency number there: {crisis_number} and 911."
            yield WordingFault("crisis.lines", "", f"does not name {number}", do)


def _crisis_number(number: str) -> Iterator[WordingFault]:
    if number != CRISIS_NUMBER:
        do = "People dial what stands here; write the number of the Suicide and Crisis Lifeline."
        yield WordingFault("crisis.number", number, f"is not {CRISIS_NUMBER}", do)


def _titles(words: WordingText) -> Iterator[WordingFault]:
    tells = re.compile("|".join({*NOT_IN_TITLES["en"], *NOT_IN_TITLES[words.locale]}), re.IGNORECASE)
    for path, text in words.read.items():
        if path.endswith(".title") and (found := tells.search(_folded(text))):
            do = "A title can be read over a shoulder and stays in the browser's history; say less."
            yield WordingFault(path, text, f'tells a bystander what this is about ("{found[0]}")', do)


RULES = (_banned, _long, _hard_pages, _hard_questions, _crisis, _titles)
