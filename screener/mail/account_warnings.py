"""Tell a person and the administrators of many failed attempts to sign in to an account: at most one email a day."""

from datetime import datetime

import sqlalchemy as sa

from screener.mail import outbox
from screener.mail.messages.failed_sign_ins import FailedSignIns
from screener.mail.messages.failed_sign_ins import Whose
from screener.staff import directory
from screener.staff.models import Account

#: Failed attempts in a row that people are told of, and then of so many more.
TOLD_FROM, TOLD_EVERY = 20, 10


def warn_of_failed_attempts(connection: sa.Connection, account: Account, in_a_row: int, *, at: datetime) -> None:
    """Enqueue what *in_a_row* failed attempts on *account* are a reason for.

    Not at every attempt, so that almost every answer to a known address takes no longer than to an unknown one.
    """
    if in_a_row < TOLD_FROM or in_a_row % TOLD_EVERY or not account.active or account.confirmed_at is None:
        return
    attempts = min(in_a_row, FailedSignIns.MOST_ATTEMPTS)
    for recipient in {account.id, *directory.list_administrator_ids(connection)}:
        whose = Whose.OWN if recipient == account.id else Whose.OTHER
        outbox.enqueue(connection, FailedSignIns(attempts=attempts, day=at.date(), whose=whose), recipient, at=at)
