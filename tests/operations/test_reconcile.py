"""The store is laid beside the audit trail: what was taken out or changed past us is named."""

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from screener.cli.main import cli
from screener.db import connect
from screener.db import reading
from screener.operations.erasure import erase_by_reference
from screener.operations.reconcile import find_first_discrepancy
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions.reference import derive_reference
from screener.worker.context import open_job_context
from screener.worker.move import move_submissions
from tests.support.submissions import sealed

FIFTH = "(SELECT id FROM submission WHERE arrival = 5)"
TAKEN_OUT = (f"DELETE FROM follow_up WHERE submission_id = {FIFTH}", "DELETE FROM submission WHERE arrival = 5")


@pytest.fixture
def kept(any_deployment: Settings) -> Settings:
    """Eight submissions, of which the second was erased."""
    engine = connect(any_deployment.inbox, may="write")
    sent = [sealed(number) for number in range(8)]
    for one in sent:
        inbox.add_submission(engine, one)
        move_submissions(open_job_context(any_deployment))
    erase_by_reference(any_deployment, derive_reference(sent[1].envelope.id), reason="on request", actor="ada")
    return any_deployment


def astray(settings: Settings) -> str:
    with reading(connect(settings.store, may="read")) as connection:
        return find_first_discrepancy(connection)


def behind_our_back(settings: Settings, *statements: str) -> None:
    with connect(settings.store, may="write").connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(sa.text(statement))
        connection.commit()


def test_what_we_did_ourselves_agrees(kept: Settings) -> None:
    assert astray(kept) == ""


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (TAKEN_OUT, "missing"),
        (TAKEN_OUT[:1], "lost its follow-up"),
        (("UPDATE submission SET source = 'elsewhere' WHERE arrival = 5",), "envelope that was changed"),
        (("UPDATE submission SET suspected_spam = TRUE WHERE arrival = 5",), "envelope that was changed"),
        (("UPDATE submission SET reference = '2222-2222-2222-2' WHERE arrival = 5",), "another reference"),
        (("UPDATE submission SET arrival = 99 WHERE arrival = 5",), "missing"),
        (
            (
                "UPDATE submission SET contact_box = NULL, answers_box = NULL, erased_at = received_at "
                "WHERE arrival = 5",
            ),
            "erased without an event",
        ),
    ],
    ids=["removed", "follow-up removed", "envelope", "spam note", "reference", "number", "erased"],
)
def test_what_was_done_behind_our_back_is_named(kept: Settings, statements: tuple[str, ...], why: str) -> None:
    behind_our_back(kept, *statements)

    assert "arrival 5 " in astray(kept)
    assert why in astray(kept)
    verified = CliRunner().invoke(cli, ["audit", "verify"], obj=kept)
    assert verified.exit_code == 1
    assert why in verified.output


def test_the_last_one_removed_is_named_too(kept: Settings) -> None:
    behind_our_back(kept, *(statement.replace("= 5", "= 8") for statement in TAKEN_OUT))

    assert "arrival 8 " in astray(kept)
