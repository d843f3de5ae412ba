"""Delivery: every message arrives, once if the connection holds, recognizable as one if not, and without content."""

import random
import re
import time
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.mail import delivery
from screener.mail import outbox
from screener.mail import transport
from screener.mail.models import QueuedMessage
from screener.settings import Settings
from screener.worker.context import open_job_context
from screener.worker.loop import Worker
from screener.worker.move import move_submissions
from tests.routing.test_assign import send
from tests.support.mail_server import MailServer
from tests.support.mail_server import hire
from tests.support.server import free_port
from tests.support.submissions import NOON


def outbox_of(settings: Settings) -> tuple[int, int, outbox.OutboxStatus]:
    """How many messages are sent, how many wait, and what the desk shows."""
    count = sa.select(sa.func.count()).select_from(QueuedMessage)
    with reading(connect(settings.store, may="read")) as connection:
        return (
            connection.scalar(count.where(QueuedMessage.sent_at.is_not(None))) or 0,
            connection.scalar(count.where(outbox.is_waiting())) or 0,
            outbox.read_outbox_status(connection, now=clock.now()),
        )


def text_of(message: Message) -> str:
    return "\n".join(part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart())


def test_an_email_says_which_form_and_where_to_sign_in_and_no_more(posted_house: Settings, mail: MailServer) -> None:
    hire(posted_house, "ada")
    (reference,) = send(posted_house)

    Worker(posted_house).run_once()

    (email,) = mail.taken
    assert (email["To"], email["Subject"]) == ("ada@example.org", "1 new form at Screener")
    assert email["Auto-Submitted"] == "auto-generated"
    assert reference in text_of(email)
    assert "http://127.0.0.1:8001" in text_of(email)
    words = set(re.findall(r"[a-z]+", (text_of(email) + str(email["Subject"])).lower()))
    assert words.isdisjoint({"study", "depression", "trial", "nct", "drug", "patient", "participant", "suicide"})
    assert outbox_of(posted_house) == (1, 0, outbox.OutboxStatus((), None))
    with reading(connect(posted_house.store, may="read")) as connection:
        assert audit.verify(connection).whole


def test_several_forms_are_a_number(posted_house: Settings, mail: MailServer) -> None:
    hire(posted_house, "ada")
    references = send(posted_house, 7)

    Worker(posted_house).run_once()

    (email,) = mail.taken
    assert email["Subject"] == "7 new forms at Screener"
    assert not any(reference in text_of(email) for reference in references)


def test_without_a_mail_server_emails_are_files(any_deployment: Settings) -> None:
    hire(any_deployment, "ada")
    (reference,) = send(any_deployment)

    Worker(any_deployment).run_once()

    (path,) = (any_deployment.data / "letters").iterdir()
    assert path.suffix == ".eml"
    assert reference in text_of(message_from_bytes(path.read_bytes()))
    assert (any_deployment.data / "letters").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("trouble", ["down", "busy", "slow"])
def test_after_an_hour_of_failures_every_message_arrives_once(
    posted_house: Settings, mail: MailServer, time_machine: Any, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    for name in ("ada", "grace", "mae"):
        hire(posted_house, name)
    time_machine.move_to(NOON, tick=False)
    timeout = transport.SMTP_TIMEOUT_SECONDS
    monkeypatch.setattr(transport, "SMTP_TIMEOUT_SECONDS", 0.05)
    harmed = posted_house
    if trouble == "down":
        harmed = posted_house.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{free_port()}")})
    elif trouble == "busy":
        mail.refuses = lambda address: "451 come back later"
    else:
        mail.refuses = lambda address: time.sleep(0.15) or ""  # type: ignore[func-returns-value]
    worker = Worker(harmed)
    for minute in range(0, 60, 4):
        time_machine.move_to(NOON + timedelta(minutes=minute), tick=False)
        send(posted_house)
        worker.run_once()
    assert mail.taken == []
    _, waiting, status = outbox_of(posted_house)
    assert (waiting > 0, status.undelivered, status.oldest_unsent) == (True, (), NOON)

    monkeypatch.setattr(transport, "SMTP_TIMEOUT_SECONDS", timeout)
    mail.refuses = lambda address: ""
    mail.after_data = lambda: "250 taken"
    worker = Worker(posted_house)
    for minute in range(60, 200, 10):
        time_machine.move_to(NOON + timedelta(minutes=minute), tick=False)
        worker.run_once()

    sent, waiting, status = outbox_of(posted_house)
    assert (waiting, status) == (0, outbox.OutboxStatus((), None))
    assert len(mail.ids()) == len(set(mail.ids())) == sent


def test_one_refused_address_is_given_up_and_delays_no_other(posted_house: Settings, mail: MailServer) -> None:
    hire(posted_house, "ada")
    hire(posted_house, "grace")
    mail.refuses = lambda address: "550 no such person" if address.startswith("ada") else ""
    send(posted_house, 2)

    Worker(posted_house).run_once()

    assert [email["To"] for email in mail.taken] == ["grace@example.org"]
    sent, waiting, status = outbox_of(posted_house)
    assert (sent, waiting, len(status.undelivered)) == (1, 0, 1)
    with reading(connect(posted_house.store, may="read")) as connection:
        query = sa.select(audit.EVENTS.c.detail).where(audit.EVENTS.c.action == "worker:letter:given_up")
        assert "ada@example.org" in (connection.scalar(query) or "")


def test_a_connection_cut_after_the_data_repeats_the_email_under_the_same_id(
    posted_house: Settings, mail: MailServer, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    hire(posted_house, "ada")
    send(posted_house)
    mail.after_data = lambda: ""
    Worker(posted_house).run_once()
    mail.after_data = lambda: "250 taken"

    time_machine.move_to(NOON + timedelta(minutes=2), tick=False)
    Worker(posted_house).run_once()

    first, second = mail.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()
    assert outbox_of(posted_house)[:2] == (1, 0)


def test_after_a_day_of_failures_a_message_is_given_up_and_the_desk_shows_it(
    posted_house: Settings, mail: MailServer, time_machine: Any
) -> None:
    hire(posted_house, "ada")
    mail.refuses = lambda address: "451 come back later"
    time_machine.move_to(NOON, tick=False)
    send(posted_house)
    worker = Worker(posted_house)
    for hour in range(26):
        time_machine.move_to(NOON + timedelta(hours=hour), tick=False)
        worker.run_once()

    sent, waiting, status = outbox_of(posted_house)
    assert (sent, waiting, status.oldest_unsent) == (0, 0, None)
    assert [(one.to, one.fault) for one in status.undelivered] == [("Ada", "SMTPRecipientsRefused")]


@pytest.mark.parametrize("number_of_deaths", [8, pytest.param(50, marks=pytest.mark.release)])
def test_deaths_between_sending_and_marking_lose_nothing(
    posted_house: Settings, mail: MailServer, time_machine: Any, monkeypatch: pytest.MonkeyPatch, number_of_deaths: int
) -> None:
    hire(posted_house, "ada")
    mark = outbox.mark_sent
    deaths = 0

    def dies(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    for number in range(number_of_deaths):
        time_machine.move_to(NOON + timedelta(minutes=20 * number), tick=False)
        send(posted_house)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(outbox, "mark_sent", dies)
            Worker(posted_house).run_once()
        deaths += 1
        time_machine.move_to(NOON + timedelta(minutes=20 * number + 5), tick=False)
        Worker(posted_house).run_once()

    assert (deaths, outbox.mark_sent) == (number_of_deaths, mark)
    assert outbox_of(posted_house)[:2] == (number_of_deaths, 0)
    assert len(mail.ids()) == 2 * number_of_deaths
    assert len(set(mail.ids())) == number_of_deaths


def test_workers_at_once_send_each_message_once(
    posted_house: Settings, mail: MailServer, at_once: Callable[..., None]
) -> None:
    for number in range(30):
        hire(posted_house, f"person{number}")
    send(posted_house, 30)
    move_submissions(open_job_context(posted_house))

    at_once(
        lambda number: [delivery.deliver_due(posted_house, connect(posted_house.store, may="write")) for _ in range(4)],
        4,
    )

    assert len(mail.ids()) == len(set(mail.ids())) == 30


def test_retry_delays_grow_and_differ() -> None:
    random.seed(7)
    delays = [outbox.retry_delay(attempts) for attempts in range(1, 12)]

    assert timedelta(seconds=30) <= delays[0] <= timedelta(minutes=1)
    assert all(delay <= outbox.LONGEST_RETRY_DELAY for delay in delays)
    assert delays[-1] >= outbox.LONGEST_RETRY_DELAY / 2
    assert len({outbox.retry_delay(3) for _ in range(20)}) > 10


def test_a_password_is_not_sent_without_tls(any_deployment: Settings, mail: MailServer, tmp_path: Path) -> None:
    url = mail.url.replace("smtp://", "smtp://ada:secret@")
    settings = any_deployment.model_copy(update={"smtp_url": SecretStr(url)})
    hire(settings, "ada")
    send(settings)

    Worker(settings).run_once()

    assert mail.taken == []
    assert outbox_of(settings)[:2] == (0, 1)


def test_a_message_that_cannot_be_composed_is_given_up_and_delays_no_other(
    posted_house: Settings, mail: MailServer
) -> None:
    ada = hire(posted_house, "ada")
    hire(posted_house, "grace")
    send(posted_house, 2)
    move_submissions(open_job_context(posted_house))
    with writing(connect(posted_house.store, may="write")) as connection:
        broken = sa.update(QueuedMessage).where(QueuedMessage.account_id == ada)
        connection.execute(broken.values(facts={"number": 1, "name": "Qzxvera"}))

    assert delivery.deliver_due(posted_house, connect(posted_house.store, may="write")) == 1

    assert [email["To"] for email in mail.taken] == ["grace@example.org"]
    assert [one.fault for one in outbox_of(posted_house)[2].undelivered] == ["invalid message"]


def test_a_kind_that_this_version_does_not_know_waits_untouched(posted_house: Settings, mail: MailServer) -> None:
    hire(posted_house, "ada")
    send(posted_house)
    move_submissions(open_job_context(posted_house))
    with writing(connect(posted_house.store, may="write")) as connection:
        connection.execute(sa.update(QueuedMessage).values(kind="of_a_later_release"))

    assert delivery.deliver_due(posted_house, connect(posted_house.store, may="write")) == 0
    assert outbox_of(posted_house)[:2] == (0, 1)
