"""Bulk acts of people obey the proportion that erasing by age obeys: one day's share, and a clock that is not in doubt.

An act on one submission is never held back: it may be what a participant asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener import audit
from screener.db import writing
from screener.errors import UserError
from screener.retention.clock_doubt import find_clock_doubt
from screener.retention.models import ErasureStop
from screener.retention.models import StopKind
from screener.retention.stops import STOP_SENTENCES
from screener.retention.stops import list_open_stops
from screener.retention.stops import raise_stop
from screener.retention.stops import read_daily_limit

#: What was done in this time counts; a confirmation holds for as long.
ONE_BULK_DAY = timedelta(hours=24)


def require_in_proportion(
    store: sa.Engine, number: int, *, actions: Sequence[str], source: str, actor: str, at: datetime
) -> None:
    """Refuse a bulk act on *number* submissions that is out of proportion, or while erasing is stopped.

    *actions* are the audit actions of such acts, whose events of the last day count too. More than one day's share is
    stored and reported as a stop; after `screener retention confirm` the same act goes through for a day. *source* is
    ``cli`` or ``desk``. Raises *UserError*.
    """
    if number <= 1:
        return
    with writing(store) as connection:
        refusal = _find_refusal(connection, number, actions=actions, source=source, actor=actor, at=at)
    if refusal:
        raise UserError(
            f"{refusal} Nothing was done. Look at `screener retention show`, then run `screener retention confirm` "
            "and try again."
        )


def _find_refusal(
    connection: sa.Connection, number: int, *, actions: Sequence[str], source: str, actor: str, at: datetime
) -> str:
    """Why the act is refused, after storing a stop for it; empty when it may go on."""
    if doubt := find_clock_doubt(connection, heartbeat_at=None, now=at):
        kind, reference_at = doubt
        raise_stop(connection, kind, source=source, actor=actor, at=at, reference_at=reference_at)
    if stops := list_open_stops(connection):
        return STOP_SENTENCES[StopKind(stops[0].kind)]
    limit = read_daily_limit(connection)
    done = _count_done(connection, actions, at)
    if number + done <= limit or _is_confirmed(connection, number, at):
        return ""
    raise_stop(connection, StopKind.BULK_ACT, source=source, actor=actor, at=at, number=number)
    return f"{number} at once, after {done} in the last day, is more than one day's share of {limit}."


def _count_done(connection: sa.Connection, actions: Sequence[str], at: datetime) -> int:
    query = sa.select(sa.func.count()).select_from(audit.EVENTS).where(audit.EVENTS.c.action.in_(actions))
    return connection.scalar(query.where(audit.EVENTS.c.at > at - ONE_BULK_DAY)) or 0


def _is_confirmed(connection: sa.Connection, number: int, at: datetime) -> bool:
    """Whether a person confirmed an act on as many within the last day."""
    lately = ErasureStop.kind == StopKind.BULK_ACT, ErasureStop.confirmed_at > at - ONE_BULK_DAY
    query = sa.select(ErasureStop.id).where(*lately, ErasureStop.number >= number).limit(1)
    return connection.scalar(query) is not None
