"""The table of key terms says what the wordings say, in each language: a translator who goes by it finds it true."""

import re
from functools import cache

from screener.settings import ROOT
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.wording_files import read_wording_source
from screener.study_checks.sentences import sentences_of

SHIPPED = Settings().study
LOCALES = list_locales(SHIPPED)
CHAPTER = (ROOT / "docs" / "terms.md").read_text(encoding="utf-8").partition("## Key terms in other languages")[2]
#: The words of the form, and those for the consent that it never asks for.
SAID, NEVER_SAID = (table.splitlines() for table in re.findall(r"(?:^\|.*\n)+", CHAPTER, re.MULTILINE))


def terms(table: list[str]) -> list[tuple[str, str]]:
    """The locale and the term in each cell of *table*, whose heads name the locales in brackets."""
    heads, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table)
    columns = [head.partition("(")[2].rstrip(")") for head in heads]
    return [pair for row in rows for pair in zip(columns, row, strict=True)]


@cache
def text_of(locale: str) -> str:
    return "\n".join(sentences_of(read_wording_source(SHIPPED, locale).merged()).values())


def says(locale: str, term: str) -> bool:
    """Whether a sentence of *locale* has *term*, as whole words; Chinese sets no words apart."""
    letter = "[A-Za-z0-9]" if locale == "zh-Hant" else r"\w"
    return bool(re.search(rf"(?<!{letter}){re.escape(term)}(?!{letter})", text_of(locale), re.IGNORECASE))


def test_each_table_has_a_column_for_each_language_and_no_empty_cell() -> None:
    for table in (SAID, NEVER_SAID):
        found = terms(table)

        assert {locale for locale, _ in found} == set(LOCALES)
        assert all(term for _, term in found)


def test_every_term_stands_in_the_words_of_its_language() -> None:
    assert [f"{locale}: {term}" for locale, term in terms(SAID) if not says(locale, term)] == []


def test_no_word_for_consent_stands_anywhere() -> None:
    assert [f"{locale}: {term}" for locale, term in terms(NEVER_SAID) if says(locale, term)] == []
