"""Typed text is measured before it is normalized, and each normal form reads what people and their programs write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import typed_text
from screener.submissions.reference import derive_reference
from screener.submissions.reference import parse_reference
from screener.typed_text import is_longer
from screener.typed_text import is_single_line
from screener.typed_text import normalize_code
from screener.typed_text import normalize_email
from screener.typed_text import normalize_password
from screener.typed_text import strip_line
from screener.typed_text import strip_lines

REFERENCE = derive_reference(bytes(range(32)))


@pytest.mark.parametrize(
    "typed",
    [
        REFERENCE.replace("-", "\u2013"),
        REFERENCE.replace("-", "\u2011"),
        REFERENCE.replace("-", "."),
        f"#{REFERENCE}\u200b",
        f" {REFERENCE.lower()}. ",
        "".join(chr(ord(letter) + 0xFEE0) for letter in REFERENCE),
    ],
)
def test_a_reference_is_read_with_the_marks_that_programs_put_into_it(typed: str) -> None:
    assert parse_reference(typed) == REFERENCE


@given(st.text(max_size=40))
def test_a_password_that_is_cut_first_hashes_as_before(password: str) -> None:
    assert normalize_password(password, 12) == typed_text._normalize("NFKD", password[:12])[:12]
    if len(typed_text._normalize("NFKD", password)) <= 12:
        assert normalize_password(password, 12) == typed_text._normalize("NFKD", password)


def test_a_letter_counts_once_however_its_accents_were_typed() -> None:
    assert not is_longer("e\u0302\u0301" * 80, 80)
    assert not is_longer("\N{GREEK SMALL LETTER ALPHA}\u0313\u0300\u0345" * 80, 80)
    assert is_longer("e\u0302\u0301" * 81, 80)


def test_codes_and_addresses_are_read_in_one_form() -> None:
    assert normalize_code(" 12\u00a03-456 ") == normalize_code("\uff11\uff12\uff13456") == "123456"
    assert normalize_code("1" * 101) == ""
    assert normalize_email(" Ada@Example.ORG\0 ") == "ada@example.org\N{REPLACEMENT CHARACTER}"
    assert len(normalize_email("a" * 5000)) == typed_text.MAX_EMAIL_CHARACTERS + 1


def test_filters_keep_what_was_meant() -> None:
    assert strip_line("  Ana \t\n Lee\0\u202e ") == "Ana Lee"
    assert strip_line(None) == ""
    assert strip_lines("one\r\ntwo\tthree\0\x9f\n") == "one\ntwo\tthree\n"
    assert [is_single_line(text, 5) for text in ("line", " ", "a\nb", "longer")] == [True, False, False, False]
