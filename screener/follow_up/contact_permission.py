"""Reading what contact attempts and stops mean: which channels are stopped, and whether there was a two-way contact."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from screener.follow_up.models import ContactAttempt
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.models import StoppedChannel
from screener.follow_up.transitions import TWO_WAY_OUTCOMES


def list_stopped_channels(connection: sa.Connection, submission_id: bytes) -> dict[str, datetime]:
    """The channels on which the person must not be contacted, each with the time since when."""
    made_by = sa.and_(
        FollowUpEvent.submission_id == StoppedChannel.submission_id, FollowUpEvent.version == StoppedChannel.version
    )
    query = (
        sa.select(StoppedChannel.channel, FollowUpEvent.at)
        .join(FollowUpEvent, made_by)
        .where(StoppedChannel.submission_id == submission_id, ~_is_undone(StoppedChannel))
        .order_by(StoppedChannel.version.desc())
    )
    return {row.channel: row.at for row in connection.execute(query)}


def has_two_way_contact(connection: sa.Connection, submission_id: bytes) -> bool:
    """Whether the person has answered a contact attempt, or contacted the study team; undone attempts do not count."""
    two_way = ContactAttempt.submission_id == submission_id, ContactAttempt.outcome.in_(TWO_WAY_OUTCOMES)
    query = sa.select(ContactAttempt.version).where(*two_way, ~_is_undone(ContactAttempt)).limit(1)
    return connection.scalar(query) is not None


def _is_undone(table: type[ContactAttempt] | type[StoppedChannel]) -> sa.Exists:
    """Whether the change that left a row of *table* was undone."""
    later = orm.aliased(FollowUpEvent)
    undoing = later.submission_id == table.submission_id, later.undoes == table.version
    return sa.select(later.version).where(*undoing).exists()
