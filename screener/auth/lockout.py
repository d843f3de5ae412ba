"""How often somebody may try: ten wrong tries in a row, then the account rests, and only that account.

A try is taken before anything is compared, by one statement, so that a thousand guesses sent at once count like a
thousand guesses one after the other. It is given back when the password was right; the count starts anew only when the
second factor was right too, or a known password would open the way to guess at codes for ever.
"""

from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener.db import UtcDateTime
from screener.staff.models import Account

MOST = 10
REST = timedelta(minutes=15)


def take(connection: sa.Connection, whose: sa.ColumnElement[bool], *, at: datetime) -> bool:
    """Take a try for the account that *whose* finds; False when it rests, and when there is none."""
    rested = sa.or_(Account.failures < MOST, Account.locked_until <= at)
    done = connection.execute(
        sa.update(Account)
        .where(whose, rested)
        .values(
            failures=sa.case((Account.failures >= MOST, 1), else_=Account.failures + 1),
            locked_until=sa.case((Account.failures == MOST - 1, sa.literal(at + REST, UtcDateTime)), else_=sa.null()),
        )
    )
    return bool(done.rowcount)


def give_back(connection: sa.Connection, account_id: str) -> None:
    """That try was no wrong one."""
    one_less = sa.case((Account.failures > 0, Account.failures - 1), else_=0)
    connection.execute(sa.update(Account).where(Account.id == account_id).values(failures=one_less, locked_until=None))


def forgive(connection: sa.Connection, account_id: str) -> None:
    """Somebody got in: whatever was tried before no longer counts."""
    connection.execute(sa.update(Account).where(Account.id == account_id).values(failures=0, locked_until=None))
