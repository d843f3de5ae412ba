"""Notes are boxes like any other: when keys change they are sealed again, and no key fits where it should not."""

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from screener.cli.keys import keys_group
from screener.db import reading
from screener.db import writing
from screener.follow_up.models import Note
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import recipient_key_ids
from screener.settings import Settings
from screener.submissions.models import Submission
from tests.desk.conftest import opened
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser


def boxes(house: DeskApp) -> list[bytes]:
    with reading(house.room.store) as connection:
        return [box for box in connection.scalars(sa.select(Note.box)) if box]


def test_notes_are_sealed_again_when_the_answers_key_changes(
    house: DeskApp, ada: DeskUser, deployment: Settings
) -> None:
    reference, other = house.receives(), house.receives()
    ada.does(reference, "note", note="Noted before")
    ada.does(other, "note", note="Gone before")
    ada.does(other, "erase", reason="on_request")

    said = CliRunner().invoke(keys_group, ("rotate",), obj=deployment, catch_exceptions=False)

    assert "3 boxes sealed again" in said.output
    assert [recipient_key_ids(box) for box in boxes(house)] == [
        (load_public_keys(deployment.public_keys).answers.key_id,)
    ]
    for old in deployment.private_keys.glob("*.*.private"):
        old.unlink()
    later = next(opened(deployment))
    somebody = later.hires("Later DeskUser")
    page = somebody.record(reference)
    assert "Noted before" in page.text
    assert "Ada Example" in page.text
    later.room.close()
    assert "0 boxes sealed again, 3 were" in _again(deployment)


def _again(deployment: Settings) -> str:
    return CliRunner().invoke(keys_group, ("rotate", "--re-wrap"), obj=deployment, catch_exceptions=False).output


@pytest.mark.parametrize("swapped", ["note into answers", "answers into note"])
def test_a_note_never_passes_for_answers_nor_answers_for_a_note(house: DeskApp, ada: DeskUser, swapped: str) -> None:
    reference = house.receives()
    ada.does(reference, "note", note="A private note")
    with writing(house.room.store) as connection:
        if swapped == "note into answers":
            connection.execute(sa.update(Submission).values(answers_box=sa.select(Note.box).scalar_subquery()))
        else:
            connection.execute(sa.update(Note).values(box=sa.select(Submission.answers_box).scalar_subquery()))

    page = ada.does(reference, "answers")

    assert "The answers box does not open" in page.text
    assert ("A private note" in page.text) == (swapped == "note into answers")
    assert ("Left blank" in page.text or "044" in page.text) == (swapped == "answers into note")


def test_a_note_of_somebody_else_stays_shut(house: DeskApp, ada: DeskUser) -> None:
    mine, other = house.receives(), house.receives()
    ada.does(mine, "note", note="About me")
    ada.does(other, "note", note="About somebody else")
    theirs = sa.select(Note.box).join(Submission, Submission.id == Note.submission_id)
    with writing(house.room.store) as connection:
        box = connection.scalar(theirs.where(Submission.reference == other))
        connection.execute(sa.update(Note).values(box=box))

    page = ada.record(mine)

    assert "About somebody else" not in page.text
    assert "does not open" in page.text
