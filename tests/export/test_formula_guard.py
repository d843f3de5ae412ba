"""The guard makes no formula possible, and loses nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.export.formula_guard import escape_formula
from screener.export.formula_guard import unescape_formula

RISKY = "=+-@|%＝＋－＠"  # noqa: RUF001
BLANKS = st.text(st.sampled_from(" \t\r\n\0\x0b\x1f\x7f\x85\xa0\u2003\u200b\u200f\u202e\u2028\u3000\ufeff"), max_size=4)
ANY = st.text(st.characters(exclude_categories=["Cs"]))
HOSTILE = st.builds(lambda blank, first, rest: blank + first + rest, BLANKS, st.sampled_from([*RISKY, "'", "''"]), ANY)


def first_that_shows(cell: str) -> str:
    return next((each for each in cell if unicodedata.category(each) not in {"Cc", "Cf", "Zs", "Zl", "Zp"}), "")


@given(ANY | HOSTILE)
def test_taking_the_guard_off_gives_the_value_back(value: str) -> None:
    assert unescape_formula(escape_formula(value)) == value


@given(ANY | HOSTILE)
def test_no_guarded_cell_begins_with_a_character_that_a_spreadsheet_acts_on(value: str) -> None:
    cell = escape_formula(value)

    assert first_that_shows(cell) not in set(RISKY)
    assert not cell.startswith(("\t", "\r", "\n", "\0"))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1 415 555 0100", "'+1 415 555 0100"),
        ("\u200f \u00a0=1+1", "'\u200f \u00a0=1+1"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("%0A", "'%0A"),
        ("'", "''"),
        ("'Ada", "''Ada"),
        ("\tAda", "'\tAda"),
        ("\0", "'\0"),
    ],
)
def test_what_is_risky_gets_one_apostrophe(value: str, cell: str) -> None:
    assert escape_formula(value) == cell


@pytest.mark.parametrize(
    "value", ["", " ", "Ada Example", "(415) 555-0100", "ada@example.org", "00012345", "1/2", "é", "🙂"]
)
def test_what_is_not_risky_stays_as_it_was_typed(value: str) -> None:
    assert escape_formula(value) == value
