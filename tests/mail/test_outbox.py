"""The outbox takes messages once, coalesces those of a kind with spacing, and knows both kinds of recipient."""

from collections.abc import Callable
from datetime import date
from typing import ClassVar

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.mail import outbox
from screener.mail.message import Message
from screener.mail.message import Recipient
from screener.mail.messages.approval_ends import ApprovalEnds
from screener.mail.messages.arrived import FormsArrived
from screener.mail.models import QueuedMessage
from screener.settings import Settings
from tests.support.mail_server import hire
from tests.support.submissions import NOON

WARNING = ApprovalEnds(locale="es", wording_version="a" * 64, last_day=date(2027, 10, 31), days=14)


class ToParticipant(Message):
    """A kind of a later release: to the person who sent a submission."""

    kind: ClassVar[str] = "to_participant"
    recipient: ClassVar[Recipient] = Recipient.SUBMISSION


def rows_of(settings: Settings) -> list[sa.Row[tuple[object, ...]]]:
    with reading(connect(settings.store, may="read")) as connection:
        return list(connection.execute(sa.select(QueuedMessage.__table__)))


def test_a_message_with_a_dedupe_key_is_taken_once(any_deployment: Settings) -> None:
    with writing(connect(any_deployment.store, may="write")) as connection:
        taken = [outbox.enqueue(connection, WARNING, account, at=NOON) for account in ("ada", "ada", "grace")]

    assert taken == [True, False, True]
    assert len(rows_of(any_deployment)) == 2


def test_messages_at_once_are_coalesced_into_one(any_deployment: Settings, at_once: Callable[..., None]) -> None:
    store = connect(any_deployment.store, may="write")

    def enqueue(number: int) -> None:
        with writing(store) as connection:
            outbox.enqueue(connection, FormsArrived(), "ada", at=NOON)

    at_once(enqueue, 8)

    (row,) = rows_of(any_deployment)
    assert row.facts == {"number": 8, "reference": ""}


def test_a_message_that_was_tried_takes_up_no_other(any_deployment: Settings) -> None:
    ada = hire(any_deployment, "ada")
    store = connect(any_deployment.store, may="write")
    with writing(store) as connection:
        outbox.enqueue(connection, FormsArrived(), ada, at=NOON)
    (leased,) = outbox.lease(store, at=NOON, limit=9)
    outbox.mark_failed(store, leased, "TimeoutError", at=NOON, permanent=False)

    with writing(store) as connection:
        outbox.enqueue(connection, FormsArrived(), ada, at=NOON)

    assert [row.facts["number"] for row in rows_of(any_deployment)] == [1, 1]


def test_damaged_facts_stop_no_later_message(any_deployment: Settings) -> None:
    with writing(connect(any_deployment.store, may="write")) as connection:
        outbox.enqueue(connection, FormsArrived(), "ada", at=NOON)
        connection.execute(sa.update(QueuedMessage).values(facts={"number": "many"}))
        outbox.enqueue(connection, FormsArrived(), "ada", at=NOON)

    assert [row.facts["number"] for row in rows_of(any_deployment)].count(1) == 1


def test_a_message_about_a_submission_is_kept_for_another_sender(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    with writing(store) as connection:
        outbox.enqueue(connection, ToParticipant(), b"\x01" * 32, at=NOON)

    (row,) = rows_of(any_deployment)
    assert (row.account_id, row.submission_id) == (None, b"\x01" * 32)
    assert outbox.lease(store, at=NOON, limit=9) == []


@pytest.mark.parametrize(
    "facts", [{"number": 0}, {"reference": "Ana Example"}, {"name": "Ana"}, {"number": 1, "phone": "(415) 555-0134"}]
)
def test_facts_that_a_kind_does_not_allow_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FormsArrived.model_validate(facts)
