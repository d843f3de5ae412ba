"""Warnings that an approval ends: who gets which, once each.

They are due 30, 14 and 7 days before the last day and when it is over; a worker that was off enqueues the nearest one
only. An approval is known by its wording and its last day, so one that was recorded twice is warned of once.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from screener.db import reading
from screener.db import serialize_transactions
from screener.db import writing
from screener.mail import outbox
from screener.mail.messages.approval_ends import ApprovalEnds
from screener.mail.models import QueuedMessage
from screener.staff import directory
from screener.study.approvals import Approval
from screener.study.approvals import not_renewed
from screener.study.approvals import warning


def enqueue_approval_warnings(engine: sa.Engine, recorded: Sequence[Approval], *, at: datetime) -> int:
    """Enqueue what is due of *recorded* approvals, in the order of their recording; returns how many messages.

    A renewed approval needs none: what still waits is given up. Raises *Unavailable* as *writing* does.
    """
    lasting = not_renewed(recorded)
    with reading(engine) as connection:
        if not (_list_missing(connection, lasting, at=at) or _list_unneeded(connection, lasting, at=at)):
            return 0
    with writing(engine) as connection:
        serialize_transactions(connection, "outbox")
        unneeded = QueuedMessage.id.in_(_list_unneeded(connection, lasting, at=at))
        change = sa.update(QueuedMessage).where(unneeded)
        connection.execute(change.values(given_up_at=at, fault=outbox.RENEWED))
        missing = _list_missing(connection, lasting, at=at)
        return sum(outbox.enqueue(connection, message, account_id, at=at) for account_id, message in missing)


def _list_missing(
    connection: sa.Connection, lasting: Sequence[Approval], *, at: datetime
) -> list[tuple[str, ApprovalEnds]]:
    """The warnings that are due and not in the outbox, each with its recipient's account."""
    due = [
        ApprovalEnds(
            locale=approval.locale,
            wording_version=approval.wording_version,
            last_day=approval.expires_on,
            days=days,
        )
        for approval in lasting
        if (days := warning(approval, at.date())) is not None
    ]
    if not due:
        return []
    wanted = [(account_id, message) for message in due for account_id in directory.list_lead_ids(connection)]
    there = outbox.find_dedupe_keys(connection, [message.dedupe_key(account_id) for account_id, message in wanted])
    return [(account_id, message) for account_id, message in wanted if message.dedupe_key(account_id) not in there]


def _list_unneeded(connection: sa.Connection, lasting: Sequence[Approval], *, at: datetime) -> list[str]:
    """Warnings of renewed approvals that are neither sent nor given up, and that no worker is sending."""
    needed = {(approval.wording_version, str(approval.expires_on)) for approval in lasting}
    query = sa.select(QueuedMessage.id, QueuedMessage.facts).where(
        outbox.is_waiting(), outbox.is_unleased(at), QueuedMessage.kind == ApprovalEnds.kind
    )
    rows = connection.execute(query)
    return [row.id for row in rows if (row.facts["wording_version"], row.facts["last_day"]) not in needed]
