"""The schedule of erasing by age: announce, look twice, erase; and what stays until a person decides.

A submission is announced *ANNOUNCED_AHEAD* before the day that its form promises, which is the first look. It is erased
on that day, at the second look, when the workers have run for *BETWEEN_LOOKS* in between. Any work on it in the
meantime makes a new version of its follow-up, and voids the announcement. Age and follow-up are the only criteria.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from screener.follow_up.models import FollowUp
from screener.follow_up.transitions import BOOKED_STATES
from screener.retention.models import ErasureAnnouncement
from screener.retention.periods import read_approved_periods
from screener.submissions.models import Submission

ANNOUNCED_AHEAD = timedelta(days=14)
BETWEEN_LOOKS = timedelta(hours=24)
#: The daily limit counts what was erased in this much run time.
ONE_DAY = timedelta(hours=24)
#: What a *PlannedErasure* is read from.
_SHOWN = (
    *(getattr(Submission, name) for name in ("reference", "arrival", "received_at")),
    *(getattr(FollowUp, name) for name in ("state", "attempts", "ended_at", "next_action_at")),
    ErasureAnnouncement.erase_at,
    ErasureAnnouncement.released_by,
)


@dataclass(frozen=True)
class PlannedErasure:
    """One announced erasure, as people see it."""

    reference: str
    arrival: int
    received_at: datetime
    state: str
    erase_at: datetime
    #: Nobody has tried to reach the person.
    is_untried: bool
    #: The appointment that is still ahead.
    appointment_at: datetime | None
    released_by: str | None

    @property
    def is_undecided(self) -> bool:
        """Whether it stays until a named person decides."""
        return (self.is_untried or self.appointment_at is not None) and self.released_by is None


@dataclass(frozen=True)
class _Due:
    """A submission that is to be announced."""

    id: bytes
    version: int
    days: int
    due_at: datetime


def find_unannounced(connection: sa.Connection, *, at: datetime, limit: int) -> list[_Due]:
    """Up to *limit* submissions whose day comes within *ANNOUNCED_AHEAD*, and that are not announced; by arrival."""
    found = [
        _Due(row.id, row.version, days, row.changed_at + timedelta(days=days))
        for version, days in read_approved_periods(connection).items()
        for row in connection.execute(_unannounced(version, at + ANNOUNCED_AHEAD - timedelta(days=days)).limit(limit))
    ]
    return found[:limit]


def count_unannounced(connection: sa.Connection, *, at: datetime) -> int:
    """How many submissions the next announcement would name."""
    return sum(
        connection.scalar(
            sa.select(sa.func.count()).select_from(
                _unannounced(version, at + ANNOUNCED_AHEAD - timedelta(days=days)).subquery()
            )
        )
        or 0
        for version, days in read_approved_periods(connection).items()
    )


def _unannounced(wording_version: str, since: datetime) -> sa.Select[Any]:
    is_announced = sa.exists().where(
        ErasureAnnouncement.submission_id == FollowUp.submission_id, ErasureAnnouncement.version == FollowUp.version
    )
    columns: tuple[Any, ...] = (Submission.id, FollowUp.version, FollowUp.changed_at)
    return (
        sa.select(*columns)
        .join(FollowUp, FollowUp.submission_id == Submission.id)
        .where(Submission.erased_at.is_(None), Submission.wording_version == wording_version)
        .where(FollowUp.changed_at <= since, ~is_announced)
        .order_by(Submission.arrival)
    )


def store_announcements(
    connection: sa.Connection, due: Sequence[_Due], *, at: datetime, run_seconds: int
) -> list[PlannedErasure]:
    """Store the announcement of each of *due*, the first look; returns them as people see them."""
    rows = [
        {
            "submission_id": one.id,
            "version": one.version,
            "days": one.days,
            "announced_at": at,
            "announced_run_seconds": run_seconds,
            "erase_at": max(one.due_at, at + ANNOUNCED_AHEAD),
        }
        for one in due
    ]
    these = ErasureAnnouncement.submission_id.in_([one.id for one in due])
    connection.execute(sa.delete(ErasureAnnouncement).where(these))
    connection.execute(sa.insert(ErasureAnnouncement), rows)
    return [_planned(row, at) for row in connection.execute(_valid(*_SHOWN).where(these))]


def delete_outdated(connection: sa.Connection, *, run_seconds: int) -> None:
    """Delete announcements that work or a request made void, and of erasures older than a day of run time."""
    current = (
        sa.select(FollowUp.submission_id)
        .join(Submission, Submission.id == FollowUp.submission_id)
        .where(FollowUp.submission_id == ErasureAnnouncement.submission_id)
        .where(FollowUp.version == ErasureAnnouncement.version, Submission.erased_at.is_(None))
    )
    void = sa.and_(ErasureAnnouncement.erased_run_seconds.is_(None), ~sa.exists(current))
    old = ErasureAnnouncement.erased_run_seconds <= run_seconds - ONE_DAY.total_seconds()
    connection.execute(sa.delete(ErasureAnnouncement).where(sa.or_(void, old)))


def list_planned(connection: sa.Connection, *, at: datetime, limit: int | None = None) -> list[PlannedErasure]:
    """What is announced and not erased, the earliest day first."""
    query = _valid(*_SHOWN).order_by(ErasureAnnouncement.erase_at, Submission.arrival)
    return [_planned(row, at) for row in connection.execute(query.limit(limit))]


def _planned(row: Any, at: datetime) -> PlannedErasure:
    is_booked = row.state in BOOKED_STATES and row.next_action_at is not None and row.next_action_at > at
    names = ("reference", "arrival", "received_at", "state", "erase_at", "released_by")
    return PlannedErasure(
        **{name: getattr(row, name) for name in names},
        is_untried=not row.attempts and row.ended_at is None,
        appointment_at=row.next_action_at if is_booked else None,
    )


def count_unapproved(connection: sa.Connection) -> int:
    """How many submissions came by a form whose wording has no recorded approval; none of them is erased by age."""
    approved = read_approved_periods(connection)
    query = sa.select(sa.func.count()).select_from(Submission)
    return (
        connection.scalar(
            query.where(Submission.erased_at.is_(None), Submission.wording_version.not_in(list(approved)))
        )
        or 0
    )


def count_ready(connection: sa.Connection, *, at: datetime, run_seconds: int) -> tuple[int, int]:
    """How many are to be erased now without a confirmation, and how many were in the last day of run time."""
    ready = select_ready(at=at, run_seconds=run_seconds).where(ErasureAnnouncement.confirmed_at.is_(None))
    number = connection.scalar(sa.select(sa.func.count()).select_from(ready.subquery())) or 0
    lately = sa.select(sa.func.count()).select_from(ErasureAnnouncement)
    is_lately = ErasureAnnouncement.erased_run_seconds > run_seconds - ONE_DAY.total_seconds()
    return number, connection.scalar(lately.where(is_lately, ErasureAnnouncement.confirmed_at.is_(None))) or 0


def select_ready(*, at: datetime, run_seconds: int) -> sa.Select[Any]:
    """What is to be erased at *at*: its day has come, both looks are far enough apart, and no decision is needed."""
    is_ahead = sa.and_(FollowUp.state.in_(BOOKED_STATES), FollowUp.next_action_at > at)
    is_untried = sa.and_(FollowUp.attempts == 0, FollowUp.ended_at.is_(None))
    is_held = sa.or_(sa.func.coalesce(is_ahead, sa.false()), is_untried)
    return _valid(
        Submission.reference, Submission.arrival, Submission.id, FollowUp.version, ErasureAnnouncement.days
    ).where(
        ErasureAnnouncement.erase_at <= at,
        ErasureAnnouncement.announced_run_seconds <= run_seconds - BETWEEN_LOOKS.total_seconds(),
        sa.or_(ErasureAnnouncement.released_at.is_not(None), ~is_held),
    )


def lock_ready(connection: sa.Connection, *, at: datetime, run_seconds: int, limit: int) -> Sequence[Any]:
    """Up to *limit* rows of *select_ready* in order of arrival; one that another transaction changes is left out."""
    query = select_ready(at=at, run_seconds=run_seconds).order_by(Submission.arrival).limit(limit)
    return connection.execute(query.with_for_update(of=FollowUp.__table__, skip_locked=True)).all()


def mark_erased(connection: sa.Connection, ids: Sequence[bytes], *, run_seconds: int) -> None:
    """Note that the announced submissions *ids* were erased by age."""
    these = ErasureAnnouncement.submission_id.in_(ids)
    connection.execute(sa.update(ErasureAnnouncement).where(these).values(erased_run_seconds=run_seconds))


def release_erasure(connection: sa.Connection, reference: str, *, by: str, at: datetime) -> bool:
    """Let the announced submission *reference* be erased on its day, on the word of *by*; False when it is not held."""
    rows = connection.execute(_valid(Submission.id, *_SHOWN).where(Submission.reference == reference)).all()
    if len(rows) != 1 or not _planned(rows[0], at).is_undecided:
        return False
    this = ErasureAnnouncement.submission_id == rows[0].id
    connection.execute(sa.update(ErasureAnnouncement).where(this).values(released_by=by, released_at=at))
    return True


def _valid(*columns: Any) -> sa.Select[Any]:
    """The announcements that hold: of the follow-up's present version, and not erased."""
    return (
        sa.select(*columns)
        .join_from(ErasureAnnouncement, FollowUp, FollowUp.submission_id == ErasureAnnouncement.submission_id)
        .join(Submission, Submission.id == FollowUp.submission_id)
        .where(Submission.erased_at.is_(None), FollowUp.version == ErasureAnnouncement.version)
    )
