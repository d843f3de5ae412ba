"""References: short, unambiguous, and quick to notice a slip."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.errors import UserError
from screener.submissions.reference import ALPHABET
from screener.submissions.reference import derive_reference
from screener.submissions.reference import parse_reference

IDS = st.binary(min_size=32, max_size=32)


@given(IDS)
def test_a_reference_is_a_fixed_function_of_the_id_and_reads_back(submission_id: bytes) -> None:
    reference = derive_reference(submission_id)

    assert reference == derive_reference(submission_id)
    assert [len(part) for part in reference.split("-")] == [4, 4, 4, 1]
    assert parse_reference(f"  {reference.lower().replace('-', ' ')} ") == reference


@given(IDS, st.integers(0, 12), st.integers(1, len(ALPHABET) - 1))
def test_one_wrong_character_is_noticed(submission_id: bytes, place: int, shift: int) -> None:
    code = list(derive_reference(submission_id).replace("-", ""))
    code[place] = ALPHABET[(ALPHABET.index(code[place]) + shift) % len(ALPHABET)]

    with pytest.raises(UserError, match="typing error"):
        parse_reference("".join(code))


@given(IDS, st.integers(0, 10))
def test_two_neighbours_swapped_are_noticed(submission_id: bytes, place: int) -> None:
    code = list(derive_reference(submission_id).replace("-", ""))
    if code[place] == code[place + 1]:
        return
    code[place], code[place + 1] = code[place + 1], code[place]

    with pytest.raises(UserError, match="typing error"):
        parse_reference("".join(code))


@pytest.mark.parametrize("text", ["", "ABC", "0O1I-0O1I-0O1I-0", "2222-2222-2222-2-2", "пять", "2" * 4000])
def test_what_is_no_reference_gets_a_sentence(text: str) -> None:
    with pytest.raises(UserError, match="not a reference"):
        parse_reference(text)


def test_a_hundred_thousand_references_do_not_repeat() -> None:
    assert len({derive_reference(os.urandom(32)) for _ in range(100_000)}) == 100_000
