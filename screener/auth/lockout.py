"""Lock an account out after ten failed attempts in a row, for 15 minutes, and no other account.

An attempt is counted before anything is compared, by one statement, so that a thousand guesses sent at once count like
a thousand guesses one after the other. A correct password gives its own attempt back and no more: the count starts
anew only with a correct second factor, or else a known password would allow unlimited guesses at codes.
"""

from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener.db import UtcDateTime
from screener.staff.models import Account

MAX_FAILED_ATTEMPTS = 10
LOCKOUT = timedelta(minutes=15)


def register_attempt(connection: sa.Connection, criterion: sa.ColumnElement[bool], *, at: datetime) -> bool:
    """Count an attempt on the account that *criterion* selects; False when it is locked, or when there is none."""
    unlocked = sa.or_(Account.failures < MAX_FAILED_ATTEMPTS, Account.locked_until <= at)
    is_last = Account.failures == MAX_FAILED_ATTEMPTS - 1
    counted = connection.execute(
        sa.update(Account)
        .where(criterion, unlocked)
        .values(
            failures=sa.case((Account.failures >= MAX_FAILED_ATTEMPTS, 1), else_=Account.failures + 1),
            locked_until=sa.case((is_last, sa.literal(at + LOCKOUT, UtcDateTime)), else_=sa.null()),
        )
    )
    return bool(counted.rowcount)


def release_attempt(connection: sa.Connection, account_id: str) -> None:
    """Take back one counted attempt: the password was correct."""
    one_less = sa.case((Account.failures > 0, Account.failures - 1), else_=0)
    connection.execute(sa.update(Account).where(Account.id == account_id).values(failures=one_less, locked_until=None))


def reset_attempts(connection: sa.Connection, account_id: str) -> None:
    """Forget all failed attempts: the sign-in is complete."""
    connection.execute(sa.update(Account).where(Account.id == account_id).values(failures=0, locked_until=None))
