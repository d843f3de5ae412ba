"""A note that was not written at the desk, or not here, is not shown as one; the attacker may write the store."""

from typing import Any

import pytest
import sqlalchemy as sa

from screener.db import reading
from screener.db import writing
from screener.desk.note_proof import pack_note
from screener.desk.note_proof import unpack_note
from screener.follow_up.models import Note
from screener.follow_up.notes import note_purpose
from screener.sealing.seal import seal_answers
from screener.submissions.models import Submission
from screener.submissions.opening import ProofResult
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

REFUSED = "This note is not what was written here"
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
PLACE: dict[str, Any] = {"purpose": "study note", "submission": b"s" * 32, "version": 3}


def boxes(house: DeskApp) -> dict[int, bytes]:
    with reading(house.store) as connection:
        return {row.version: row.box for row in connection.execute(sa.select(Note.__table__))}


def puts(house: DeskApp, version: int, box: bytes) -> None:
    with writing(house.store) as connection:
        connection.execute(sa.update(Note).where(Note.version == version).values(box=box))


def forged(house: DeskApp, reference: str, plain: bytes) -> bytes:
    with reading(house.store) as connection:
        id_ = connection.execute(sa.select(Submission.id).where(Submission.reference == reference)).scalar_one()
    return seal_answers(plain, house.room.public_keys, study=note_purpose(house.room.study.id), submission=id_)


def mismatches(house: DeskApp) -> list[str]:
    return [event["detail"]["part"] for event in house.trail() if event["action"] == "desk:box:altered"]


@pytest.fixture
def reference(house: DeskApp, ada: DeskUser) -> str:
    made = house.receives()
    for text in ("Called back on Monday", "Prefers mornings"):
        assert ada.does(made, "note", note=text).status == 200
    return made


def test_a_note_as_it_was_written_is_shown_without_a_word(house: DeskApp, ada: DeskUser, reference: str) -> None:
    page = ada.record(reference)

    assert "Called back on Monday" in page.text
    assert "Written before proofs" not in page.text
    assert mismatches(house) == []


def test_a_note_that_somebody_else_sealed_is_refused(house: DeskApp, ada: DeskUser, reference: str) -> None:
    version = min(boxes(house))
    key_id = pack_note("", house.room.note_key, **PLACE)[33:41]
    puts(house, version, forged(house, reference, b"\2" + b"m" * 32 + key_id + b"Asked never to be called"))

    page = ada.record(reference)

    assert REFUSED in page.text
    assert "never to be called" not in page.text
    assert mismatches(house) == ["note"]


def test_two_notes_that_were_swapped_are_refused(house: DeskApp, ada: DeskUser, reference: str) -> None:
    before = boxes(house)
    first, second = sorted(before)
    puts(house, first, before[second])

    assert REFUSED in ada.record(reference).text


def test_a_note_of_release_1_says_so(house: DeskApp, ada: DeskUser, reference: str) -> None:
    puts(house, min(boxes(house)), forged(house, reference, "Naïve plan".encode()))

    page = ada.record(reference)

    assert "Naïve plan" in page.text
    assert "Written before proofs: changes since then cannot be ruled out." in page.text


@pytest.mark.parametrize("plain", [b"\xff", b"\2", b"\2" + b"m" * 40 + b"\xff"])
def test_junk_in_a_note_is_a_mark_and_no_fault(house: DeskApp, ada: DeskUser, reference: str, plain: bytes) -> None:
    puts(house, min(boxes(house)), forged(house, reference, plain))

    assert ada.record(reference).status == 200


def test_the_check_knows_its_place_and_its_key() -> None:
    data = pack_note("text", KEY, **PLACE)

    assert unpack_note(data, KEY, **PLACE) == ("text", ProofResult.CHECKED)
    assert unpack_note(data, OTHER_KEY, **PLACE) == ("text", ProofResult.UNCHECKABLE)
    for change in ({"purpose": "another"}, {"submission": b"t" * 32}, {"version": 4}):
        assert unpack_note(data, KEY, **{**PLACE, **change}) == ("", ProofResult.ALTERED)
    assert unpack_note(data + b"!", KEY, **PLACE) == ("", ProofResult.ALTERED)
