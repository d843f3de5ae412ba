"""Study leads and administrators are warned before an approval ends and when it has: once each, in plain words."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from time_machine import TimeMachineFixture

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.mail import outbox
from screener.mail.approval_warnings import enqueue_approval_warnings
from screener.mail.models import QueuedMessage
from screener.settings import Settings
from screener.study.approvals import Approval
from screener.submissions import queries
from screener.submissions import writes
from screener.worker.loop import Worker
from tests.mail.test_delivery import text_of
from tests.routing.test_assign import send
from tests.support.mail_server import MailServer
from tests.support.mail_server import hire
from tests.support.server import free_port

LAST = date(2027, 10, 31)
APPROVAL = Approval("0123456789abcdef" * 4, "es", "Example IRB", "26-0100", date(2026, 11, 1), LAST, "Ada Example")


def record(settings: Settings, *approvals: Approval) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        for approval in approvals:
            writes.save_approval(connection, approval)


def before_the_end(days: int, hour: int = 12) -> datetime:
    return datetime.combine(LAST - timedelta(days=days), time(hour), UTC)


def warnings(settings: Settings) -> list[tuple[str, str, int]]:
    """The recipient of each warning, the version, and which of the four it is; in the order of their creation."""
    query = sa.select(QueuedMessage.account_id, QueuedMessage.facts).where(QueuedMessage.kind == "approval_ends")
    query = query.order_by(QueuedMessage.created_at, QueuedMessage.account_id)
    with reading(connect(settings.store, may="read")) as connection:
        rows = connection.execute(query).all()
    return [(row.account_id, row.facts["wording_version"], row.facts["days"]) for row in rows]


def hire_lead(settings: Settings, name: str, **changes: object) -> str:
    return hire(settings, name, **{"role_names": "study_lead", **changes})


def test_the_four_warnings_are_enqueued_on_their_days_and_once(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    ada = hire_lead(any_deployment, "ada")
    record(any_deployment, APPROVAL)

    worker = Worker(any_deployment)
    days_with_a_warning = []
    for days in (31, 30, 29, 15, 14, 13, 8, 7, 6, 1, 0, -1, -2):
        for hour in (0, 23):
            time_machine.move_to(before_the_end(days, hour), tick=False)
            known = len(warnings(any_deployment))
            worker.run_once()
            days_with_a_warning += [days] * (len(warnings(any_deployment)) - known)

    assert days_with_a_warning == [30, 14, 7, -1]
    assert warnings(any_deployment) == [(ada, APPROVAL.wording_version, days) for days in (30, 14, 7, 0)]


@pytest.mark.parametrize(("days", "warned"), [(25, 30), (14, 14), (9, 14), (3, 7), (0, 7), (-1, 0), (-90, 0)])
def test_a_worker_that_was_off_enqueues_only_the_nearest(
    any_deployment: Settings, time_machine: TimeMachineFixture, days: int, warned: int
) -> None:
    ada = hire_lead(any_deployment, "ada")
    record(any_deployment, APPROVAL)
    time_machine.move_to(before_the_end(days), tick=False)

    Worker(any_deployment).run_once()

    assert warnings(any_deployment) == [(ada, APPROVAL.wording_version, warned)]


def test_leads_and_administrators_with_a_proven_address_are_warned_and_no_others(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(before_the_end(14), tick=False)
    ada = hire_lead(any_deployment, "ada")
    both = hire_lead(any_deployment, "both", role_names="coordinator,study_lead,administrator")
    root = hire_lead(any_deployment, "root", role_names="administrator")
    hire(any_deployment, "mae")
    hire_lead(any_deployment, "gone", active=False, disabled_at=before_the_end(20))
    hire_lead(any_deployment, "invited", confirmed_at=None)
    record(any_deployment, APPROVAL)

    Worker(any_deployment).run_once()

    assert sorted(account for account, _, _ in warnings(any_deployment)) == sorted([ada, both, root])


def test_a_renewed_approval_needs_no_warning_and_one_that_waits_is_given_up(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    down = any_deployment.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{free_port()}")})
    hire_lead(any_deployment, "ada")
    longer = replace(APPROVAL, wording_version="b" * 64, expires_on=LAST + timedelta(days=300))
    record(any_deployment, APPROVAL, replace(APPROVAL, locale="en", wording_version="c" * 64))
    time_machine.move_to(before_the_end(14), tick=False)
    Worker(down).run_once()
    record(any_deployment, longer)

    for days in (13, 7, -1):
        time_machine.move_to(before_the_end(days), tick=False)
        Worker(down).run_once()

    with reading(connect(any_deployment.store, may="read")) as connection:
        query = sa.select(QueuedMessage.facts, QueuedMessage.fault).where(QueuedMessage.kind == "approval_ends")
        rows = connection.execute(query).all()
        spanish = [(row.facts["days"], row.fault) for row in rows if row.facts["locale"] == "es"]
        assert spanish == [(14, outbox.RENEWED)]
        shown = outbox.read_outbox_status(connection, now=before_the_end(13)).undelivered
        assert outbox.RENEWED not in {one.fault for one in shown}
    assert [days for _, version, days in warnings(any_deployment) if version == "c" * 64] == [14, 7, 0]


def test_a_leased_warning_is_withdrawn_only_after_its_lease(any_deployment: Settings) -> None:
    hire_lead(any_deployment, "ada")
    store = connect(any_deployment.store, may="write")
    now = before_the_end(14)
    enqueue_approval_warnings(store, [APPROVAL], at=now)
    (leased,) = outbox.lease(store, at=now, limit=9)
    renewed = [APPROVAL, replace(APPROVAL, wording_version="b" * 64, expires_on=LAST + timedelta(days=300))]
    faults = sa.select(QueuedMessage.fault)

    enqueue_approval_warnings(store, renewed, at=now)
    with reading(store) as connection:
        assert connection.scalars(faults).all() == [""]
    enqueue_approval_warnings(store, renewed, at=now + outbox.LEASE)
    with reading(store) as connection:
        assert connection.scalars(faults).all() == [outbox.RENEWED]
    assert outbox.lease(store, at=now + outbox.LEASE, limit=9) == []
    assert leased.facts["wording_version"] == APPROVAL.wording_version


def test_a_later_approval_that_ends_earlier_does_not_silence_the_other(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    ada = hire_lead(any_deployment, "ada")
    shorter = replace(APPROVAL, wording_version="b" * 64, expires_on=LAST - timedelta(days=60))
    record(any_deployment, APPROVAL, shorter)

    for days in (60, 7):
        time_machine.move_to(before_the_end(days), tick=False)
        Worker(any_deployment).run_once()

    assert warnings(any_deployment)[0] == (ada, "b" * 64, 7)
    assert (ada, APPROVAL.wording_version, 7) in warnings(any_deployment)


def test_an_approval_that_is_recorded_again_is_warned_of_once(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    hire_lead(any_deployment, "ada")
    for days in (30, 29, 28):
        time_machine.move_to(before_the_end(days), tick=False)
        record(any_deployment, APPROVAL)
        Worker(any_deployment).run_once()

    assert len(warnings(any_deployment)) == 1


def test_workers_at_once_enqueue_each_warning_once(
    any_deployment: Settings, time_machine: TimeMachineFixture, at_once: Callable[..., None]
) -> None:
    time_machine.move_to(before_the_end(14), tick=False)
    for number in range(10):
        hire_lead(any_deployment, f"person{number}")
    record(any_deployment, APPROVAL)

    at_once(
        lambda _: enqueue_approval_warnings(
            connect(any_deployment.store, may="write"), [APPROVAL], at=before_the_end(14)
        ),
        6,
    )

    assert len(warnings(any_deployment)) == len(set(warnings(any_deployment))) == 10


def test_the_database_refuses_a_second_warning_and_a_message_without_one_recipient(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(before_the_end(14), tick=False)
    hire_lead(any_deployment, "ada")
    record(any_deployment, APPROVAL)
    Worker(any_deployment).run_once()
    store = connect(any_deployment.store, may="write")
    table = QueuedMessage.__table__
    with reading(store) as connection:
        row = dict(connection.execute(sa.select(table)).mappings().one())

    for change in ({}, {"dedupe_key": "x", "account_id": None}, {"dedupe_key": "x", "submission_id": b"both"}):
        with pytest.raises(sa.exc.IntegrityError), writing(store) as connection:
            connection.execute(sa.insert(QueuedMessage).values({**row, "id": "another", **change}))


def test_a_warning_says_what_ends_and_what_to_do_and_no_more(
    posted_house: Settings, mail: MailServer, time_machine: TimeMachineFixture
) -> None:
    hire_lead(posted_house, "ada")
    record(posted_house, APPROVAL)
    for days in (14, 1, 0, -1):
        time_machine.move_to(before_the_end(days), tick=False)
        with writing(connect(posted_house.store, may="write")) as connection:
            rows = connection.execute(sa.select(QueuedMessage.id, QueuedMessage.facts)).all()
            sevens = [row.id for row in rows if row.facts.get("days") == 7]
            connection.execute(sa.delete(QueuedMessage).where(QueuedMessage.id.in_(sevens)))
        Worker(posted_house).run_once()

    warnings = [email for email in mail.taken if "approval" in email["Subject"]]
    assert [email["Subject"] for email in warnings] == [
        "An approval ends in 14 days",
        "An approval ends in 1 day",
        "An approval ends today",
        "An approval has ended",
    ]
    for email in warnings:
        text = text_of(email)
        assert "form in Spanish" in text
        assert text.count("0123456789ab") == 2
        assert "0123456789abc" not in text
        assert text.count("October 31, 2027 (UTC)") + text.count("October 31, 2027</strong> (UTC)") == 2
        assert "screener wording approve --locale es" in text
        words = set(re.findall(r"[a-z]+", (text + str(email["Subject"])).lower()))
        assert words.isdisjoint({"study", "depression", "trial", "nct", "drug", "patient", "participant", "suicide"})
        assert words.isdisjoint({"irb", "research", "medicine"})
    assert "After this day the form in Spanish does not open." in text_of(warnings[0])
    assert "does not open now. It opens again by itself" in text_of(warnings[3])


def test_a_sent_warning_is_in_the_audit_trail(
    posted_house: Settings, mail: MailServer, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(before_the_end(14), tick=False)
    hire_lead(posted_house, "ada")
    record(posted_house, APPROVAL)
    Worker(posted_house).run_once()

    (email,) = mail.taken
    with reading(connect(posted_house.store, may="read")) as connection:
        query = sa.select(audit.EVENTS.c.subject, audit.EVENTS.c.detail)
        event = connection.execute(query.where(audit.EVENTS.c.action == "worker:letter:sent")).one()
        assert audit.verify(connection).whole
    assert event.subject in email["Message-ID"]
    assert '"kind":"approval_ends"' in event.detail.replace(" ", "")
    assert "ada@example.org" in event.detail


def test_messages_about_forms_neither_join_a_warning_nor_wait_for_one(
    posted_house: Settings, mail: MailServer, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(before_the_end(14), tick=False)
    ada = hire_lead(posted_house, "ada", role_names="coordinator,study_lead")
    record(posted_house, APPROVAL)
    enqueue_approval_warnings(connect(posted_house.store, may="write"), [APPROVAL], at=before_the_end(14))
    send(posted_house, 3)

    Worker(posted_house).run_once()

    assert sorted(email["Subject"] for email in mail.taken) == [
        "3 new forms at Screener",
        "An approval ends in 14 days",
    ]
    assert warnings(posted_house) == [(ada, APPROVAL.wording_version, 14)]


def test_a_worker_that_may_not_read_approvals_still_sends_email(
    posted_house: Settings, mail: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(_: object) -> None:
        raise UnavailableError("no right to read this")

    hire(posted_house, "ada")
    send(posted_house)
    monkeypatch.setattr(queries, "list_approvals", refused)

    with pytest.raises(UnavailableError):
        Worker(posted_house).run_once()

    assert len(mail.taken) == 1
    assert 'job waits job="approval warnings" reason="no right to read this"' in caplog.text
