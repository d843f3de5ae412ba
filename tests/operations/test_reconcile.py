"""The store is laid beside the audit trail: what was taken out or changed past us is named."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from screener import audit
from screener.cli.main import cli
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.receipt import receive_submission
from screener.operations.erasure import erase_by_reference
from screener.operations.reconcile import StoreComparison
from screener.operations.reconcile import compare_store
from screener.sealing.open import PrivateKeys
from screener.sealing.open import derive_private_key
from screener.sealing.open import rewrap_box
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import seal_contact
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions.box_digest import RECEIVED
from screener.submissions.box_digest import compare_with_receipt
from screener.submissions.box_digest import digest_box
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference
from screener.worker.context import open_job_context
from screener.worker.move import move_submissions
from tests.support.submissions import NOON
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


def compared(settings: Settings) -> StoreComparison:
    with reading(connect(settings.store, may="read")) as connection:
        return compare_store(connection)


def verified(settings: Settings) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["audit", "verify"], obj=settings)
    return done.exit_code, done.output


def behind_our_back(settings: Settings, *statements: str) -> None:
    with connect(settings.store, may="write").connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(sa.text(statement))
        connection.commit()


def test_what_we_did_ourselves_agrees(kept: Settings) -> None:
    found = compared(kept)

    assert (found.compared, found.erased, found.old, found.faults) == (7, 1, 0, [])
    code, printed = verified(kept)
    assert (code, "7 forms are what was received; 1 were erased, with their events." in printed) == (0, True)


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (TAKEN_OUT, "missing"),
        (TAKEN_OUT[:1], "lost its follow-up"),
        (("UPDATE submission SET source = 'elsewhere' WHERE arrival = 5",), "envelope that was changed"),
        (("UPDATE submission SET suspected_spam = TRUE WHERE arrival = 5",), "envelope that was changed"),
        (("UPDATE submission SET reference = '2222-2222-2222-2' WHERE arrival = 5",), "another reference"),
        (("UPDATE submission SET arrival = 99 WHERE arrival = 5",), "missing"),
        (("UPDATE submission SET moved_at = received_at WHERE arrival = 5",), "another time of arrival"),
        (("UPDATE submission SET contact_box = answers_box WHERE arrival = 5",), "not received (contact)"),
        (
            ("UPDATE submission SET contact_box = answers_box, answers_box = contact_box WHERE arrival = 5",),
            "not received (contact and answers)",
        ),
        (
            (
                "UPDATE submission SET contact_box = NULL, answers_box = NULL, erased_at = received_at "
                "WHERE arrival = 5",
            ),
            "erased without an event",
        ),
    ],
    ids=[
        "removed",
        "follow-up removed",
        "envelope",
        "spam note",
        "reference",
        "number",
        "time",
        "contact replaced",
        "boxes swapped",
        "erased",
    ],
)
def test_what_was_done_behind_our_back_is_named(kept: Settings, statements: tuple[str, ...], why: str) -> None:
    behind_our_back(kept, *statements)

    faults = " ".join(compared(kept).faults)
    assert "arrival 5 " in faults
    assert why in faults
    code, printed = verified(kept)
    assert (code, why in printed) == (1, True)


def test_the_last_one_removed_is_named_too(kept: Settings) -> None:
    behind_our_back(kept, *(statement.replace("= 5", "= 8") for statement in TAKEN_OUT))

    assert "arrival 8 " in " ".join(compared(kept).faults)


def test_every_row_that_differs_is_named_and_many_are_counted(kept: Settings) -> None:
    behind_our_back(kept, *TAKEN_OUT, "UPDATE submission SET source = 'elsewhere' WHERE arrival IN (3, 7)")

    found = compared(kept)

    assert [fault.split(" (")[0] for fault in found.faults] == ["arrival 3", "arrival 5", "arrival 7"]
    assert (found.faulty, found.compared) == (3, 4)


def test_a_row_that_no_event_received_is_named(kept: Settings) -> None:
    with writing(connect(kept.store, may="write")) as connection:
        receive_submission(connection, sealed(99), at=NOON)

    assert "arrival 9 " in compared(kept).faults[0]
    assert "was added" in compared(kept).faults[0]


def test_a_second_event_does_not_vouch_for_another_box(kept: Settings) -> None:
    """An attack with the rights of the worker: a box is replaced, and an event is added that says so."""
    engine = connect(kept.store, may="write")
    with writing(engine) as connection:
        row = connection.execute(sa.select(Submission.__table__).where(Submission.arrival == 5)).one()
        connection.execute(sa.update(Submission).where(Submission.id == row.id).values(contact_box=b"forged"))
        digests = {"contact_box": digest_box(b"forged"), "answers_box": digest_box(row.answers_box)}
        detail: dict[str, str | int] = {"arrival": 5, **digests}
        audit.record(connection, actor="worker", action=RECEIVED, subject=row.reference, detail=detail)

    with reading(engine) as connection:
        boxes = {"contact": b"forged", "answers": row.answers_box}
        assert compare_with_receipt(connection, row.reference, boxes) == {"contact": False, "answers": True}
    faults = " ".join(compared(kept).faults)
    assert "arrival 5 " in faults
    assert "an earlier event recorded" in faults


def test_rows_from_before_the_upgrade_are_named_as_old(any_deployment: Settings) -> None:
    engine = connect(any_deployment.store, may="write")
    with writing(engine) as connection:
        one = sealed(1)
        receive_submission(connection, one, at=NOON)
        detail: dict[str, str | int] = {"arrival": 1, "wording": "a" * 64, "envelope": one.envelope.digest()}
        reference = derive_reference(one.envelope.id)
        audit.record(connection, actor="worker", action=RECEIVED, subject=reference, detail=detail)
        assert compare_with_receipt(connection, reference, {"contact": b"x", "answers": b"y"}) is None

    found = compared(any_deployment)

    assert (found.compared, found.old, found.faults) == (0, 1, [])
    assert "1 are from before release 0.2" in verified(any_deployment)[1]


def test_a_key_rotation_leaves_the_digests_as_they_are(deployment: Settings, private_keys: PrivateKeys) -> None:
    id_ = b"i" * 32
    bound: dict[str, Any] = {"study": "nct05870540", "submission": id_}
    box = seal_contact(b"{}", load_public_keys(deployment.public_keys), **bound)
    new = derive_private_key("contact", b"n" * 32, created_at=NOON, protected=False)

    again = rewrap_box(box, private_keys, to=new.public, **bound)

    assert again != box
    assert digest_box(again) == digest_box(box)
    assert digest_box(box[:-1]) != digest_box(box)


def test_times_that_run_backwards_are_printed(kept: Settings) -> None:
    with writing(connect(kept.store, may="write")) as connection:
        audit.record(connection, actor="ada", action="test:thing:done", at=NOON - timedelta(days=300))

    code, printed = verified(kept)

    assert (code, "Times run backwards at event" in printed) == (0, True)
