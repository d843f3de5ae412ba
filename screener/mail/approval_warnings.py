"""Warnings that an approval ends: letters to those who can do something about it, once each.

They are owed 30, 14 and 7 days before the last day and when it is over; whoever looks late owes the nearest one only.
An approval is known by its words and its last day, so one that was recorded twice is warned of once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.db import reading
from screener.db import serialize
from screener.db import writing
from screener.mail.models import APPROVAL_ENDS
from screener.mail.models import Letter
from screener.mail.outbox import RENEWED
from screener.staff import directory
from screener.study.approvals import Approval
from screener.study.approvals import not_renewed
from screener.study.approvals import warning

#: What tells two warnings to one person apart; the database refuses a second one of the same.
_KEY = ("account_id", "wording_version", "last_day", "days")


def warn(engine: sa.Engine, recorded: Sequence[Approval], *, at: datetime) -> int:
    """Owe what is due of *recorded* approvals, in the order of their recording; returns how many letters that are.

    A renewed approval needs none: what still waits is given up. Raises *UnavailableError* as *writing* does.
    """
    lasting = not_renewed(recorded)
    with reading(engine) as connection:
        if not (_due(connection, lasting, at=at) or _unneeded(connection, lasting, at=at)):
            return 0
    with writing(engine) as connection:
        serialize(connection, "letter")
        gone = Letter.id.in_(_unneeded(connection, lasting, at=at))
        connection.execute(sa.update(Letter).where(gone).values(dead_at=at, fault=RENEWED))
        if due := _due(connection, lasting, at=at):
            connection.execute(sa.insert(Letter), due)
    return len(due)


def _due(connection: sa.Connection, lasting: Sequence[Approval], *, at: datetime) -> list[dict[str, Any]]:
    """The letters that somebody should have and nobody owes them yet."""
    due = [(approval, days) for approval in lasting if (days := warning(approval, at.date())) is not None]
    if not due:
        return []
    letters = [_letter(person, *one, at=at) for one in due for person in directory.list_lead_ids(connection)]
    query = sa.select(*(getattr(Letter, name) for name in _KEY)).where(Letter.kind == APPROVAL_ENDS)
    owed = {tuple(row) for row in connection.execute(query)}
    return [letter for letter in letters if tuple(letter[name] for name in _KEY) not in owed]


def _letter(account_id: str, approval: Approval, days: int, *, at: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "kind": APPROVAL_ENDS,
        "reference": "",
        "number": 1,
        "owed_at": at,
        "due_at": at,
        "locale": approval.locale,
        "wording_version": approval.wording_version,
        "last_day": approval.expires_on,
        "days": days,
    }


def _unneeded(connection: sa.Connection, lasting: Sequence[Approval], *, at: datetime) -> list[str]:
    """Warnings of approvals that were renewed, as far as they are not sent and nobody is sending them."""
    needed = {(approval.wording_version, approval.expires_on) for approval in lasting}
    nobody_sends = sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= at)
    waiting = Letter.sent_at.is_(None), Letter.dead_at.is_(None), nobody_sends
    query = sa.select(Letter.id, Letter.wording_version, Letter.last_day).where(Letter.kind == APPROVAL_ENDS, *waiting)
    return [row.id for row in connection.execute(query) if (row.wording_version, row.last_day) not in needed]
