"""A new submission is assigned to a coordinator, and the email to them is enqueued, in one transaction."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import sqlalchemy as sa

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.mail import outbox
from screener.mail.models import QueuedMessage
from screener.settings import Settings
from screener.staff import accounts
from screener.staff.accounts import AuditActor
from screener.submissions import inbox
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference
from screener.worker.context import open_job_context
from screener.worker.loop import Worker
from screener.worker.move import move_submissions
from tests.support.mail_server import hire
from tests.support.submissions import NOON
from tests.support.submissions import sealed


def send(settings: Settings, number: int = 1, **changes: object) -> list[str]:
    engine = connect(settings.inbox, may="write")
    sent = [sealed(each, **changes) for each in range(number)]
    for one in sent:
        inbox.add_submission(engine, one)
    return [derive_reference(one.envelope.id) for one in sent]


def follow_ups(settings: Settings) -> list[tuple[str, str | None]]:
    with reading(connect(settings.store, may="read")) as connection:
        query = sa.select(FollowUp.state, FollowUp.assignee).join(Submission, Submission.id == FollowUp.submission_id)
        return [(row.state, row.assignee) for row in connection.execute(query.order_by(Submission.arrival))]


def messages(settings: Settings) -> list[tuple[str, str, int]]:
    query = sa.select(QueuedMessage.account_id, QueuedMessage.facts)
    query = query.order_by(QueuedMessage.created_at, QueuedMessage.id)
    with reading(connect(settings.store, may="read")) as connection:
        rows = connection.execute(query).all()
    return [(row.account_id, row.facts["reference"], row.facts["number"]) for row in rows]


def test_it_goes_round_by_language_and_turn(any_deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    ada = hire(any_deployment, "ada", languages="en")
    grace = hire(any_deployment, "grace", languages="en,es")
    given = []
    for number, language in enumerate(("es", "", "es", "en", "", "en")):
        time_machine.move_to(NOON + timedelta(minutes=number), tick=False)
        send(any_deployment, call_language=language)
        move_submissions(open_job_context(any_deployment))
        given.append(follow_ups(any_deployment)[-1])

    people = [assignee for _, assignee in given]
    assert {state for state, _ in given} == {"assigned"}
    assert people == [grace, ada, grace, ada, grace, ada]
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert audit.verify(connection).whole


@pytest.mark.parametrize(
    "changes",
    [{"active": False, "disabled_at": NOON}, {"confirmed_at": None}, {"role_names": "administrator"}],
    ids=["disabled", "address not proven", "no coordinator"],
)
def test_who_may_not_or_cannot_be_told_gets_nothing(any_deployment: Settings, changes: dict[str, object]) -> None:
    hire(any_deployment, "ada", **changes)
    send(any_deployment)
    Worker(any_deployment).run_once()

    assert follow_ups(any_deployment) == [("new", None)]
    assert messages(any_deployment) == []


def test_what_came_while_there_was_no_coordinator_is_assigned_later(any_deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    time_machine.move_to(NOON, tick=False)
    worker = Worker(any_deployment)
    send(any_deployment, 60)
    worker.run_once()
    ada = hire(any_deployment, "ada")
    worker.run_once()
    assert messages(any_deployment) == []

    time_machine.move_to(NOON + timedelta(minutes=1), tick=False)
    worker.run_once()

    assert follow_ups(any_deployment) == [("assigned", ada)] * 60
    assert messages(any_deployment) == [(ada, "", 60)]


def test_one_person_gets_one_message_in_ten_minutes(any_deployment: Settings, time_machine) -> None:  # type: ignore[no-untyped-def]
    ada = hire(any_deployment, "ada")
    worker = Worker(any_deployment)
    for minute in (0, 1, 5, 9, 11, 25):
        time_machine.move_to(NOON + timedelta(minutes=minute), tick=False)
        (last,) = send(any_deployment)
        worker.run_once()

    assert [number for _, _, number in messages(any_deployment)] == [1, 4, 1]
    assert messages(any_deployment)[-1] == (ada, last, 1)


def test_a_message_about_a_batch_that_was_not_kept_is_not_enqueued(
    any_deployment: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire(any_deployment, "ada")
    send(any_deployment, 3)

    def breaks(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(audit, "record", breaks)
        move_submissions(open_job_context(any_deployment))

    assert messages(any_deployment) == []
    move_submissions(open_job_context(any_deployment))
    assert [number for _, _, number in messages(any_deployment)] == [3]


def test_what_a_disabled_account_left_is_told_to_the_next_and_no_email_follows_them(
    any_deployment: Settings, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    ada = hire(any_deployment, "ada")
    hire(any_deployment, "root", role_names="administrator")
    worker = Worker(any_deployment)
    for minute in (0, 1):
        time_machine.move_to(NOON + timedelta(minutes=minute), tick=False)
        send(any_deployment)
        worker.run_once()
    with writing(connect(any_deployment.store, may="write")) as connection:
        leaving = accounts.get_account_by_email(connection, "ada@example.org")
        moved = accounts.disable_account(connection, leaving, heir=None, by=AuditActor("cli", "root"), at=NOON)
    grace = hire(any_deployment, "grace")

    time_machine.move_to(NOON + timedelta(minutes=30), tick=False)
    worker.run_once()

    assert moved == 2
    assert follow_ups(any_deployment) == [("assigned", grace)] * 2
    assert messages(any_deployment) == [(ada, ANY, 1), (ada, ANY, 1), (grace, "", 2)]
    assert len(list(any_deployment.email_folder.glob("*.eml"))) == 2
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert outbox.read_outbox_status(connection, now=NOON + timedelta(minutes=30)) == outbox.OutboxStatus((), None)


def test_what_the_rules_and_the_team_page_change_is_in_the_timeline(any_deployment: Settings) -> None:
    ada = hire(any_deployment, "ada")
    hire(any_deployment, "root", role_names="administrator")
    send(any_deployment)
    Worker(any_deployment).run_once()
    grace = hire(any_deployment, "grace")
    with writing(connect(any_deployment.store, may="write")) as connection:
        leaving = accounts.get_account_by_email(connection, "ada@example.org")
        accounts.disable_account(connection, leaving, heir=grace, by=AuditActor("cli", "somebody"), at=NOON)

    with reading(connect(any_deployment.store, may="read")) as connection:
        told = connection.execute(sa.select(FollowUpEvent.__table__).order_by(FollowUpEvent.version)).all()
        version = connection.scalar(sa.select(FollowUp.version))

    assert [(one.version, one.by, one.kind) for one in told] == [(2, "worker", "assigned"), (3, "cli", "assigned")]
    assert [(one.from_assignee, one.to_assignee) for one in told] == [(None, ada), (ada, grace)]
    assert version == 3
