"""The tables of retention: announced erasures, stops of erasing, and how long a worker has run."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm

from screener.submissions.models import Base


class StopKind(StrEnum):
    """Why erasing by age and in bulk was stopped; stored, so a value never changes."""

    CLOCK_BACK = "clock_back"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_STILL = "clock_still"
    #: More submissions are due by age than one day's share.
    RETENTION = "retention"
    #: A person asked for more at once than one day's share.
    BULK_ACT = "bulk_act"


class ErasureAnnouncement(Base):
    """That a submission will be erased by age; it holds for one version of the follow-up, so any work voids it."""

    __tablename__ = "erasure_announcement"
    __table_args__ = (
        sa.CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="a_release_names_its_person"),
        sa.Index("ix_erasure_announcement_erase_at", "erase_at"),
    )

    submission_id: orm.Mapped[bytes] = orm.mapped_column(
        sa.LargeBinary, sa.ForeignKey("submission.id"), primary_key=True
    )
    #: The version of the follow-up that was looked at.
    version: orm.Mapped[int]
    #: The period that the person was promised, in days.
    days: orm.Mapped[int]
    announced_at: orm.Mapped[datetime]
    #: The worker's run time at the first look.
    announced_run_seconds: orm.Mapped[int]
    #: Not before this.
    erase_at: orm.Mapped[datetime]
    #: When a named person said that it may be erased although it was never tried or has an appointment, and who.
    released_at: orm.Mapped[datetime | None]
    released_by: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    #: When a person confirmed it after a stop; then it no longer counts against the daily limit.
    confirmed_at: orm.Mapped[datetime | None]
    #: The worker's run time when it was erased by age.
    erased_run_seconds: orm.Mapped[int | None]


class ErasureStop(Base):
    """That erasing by age and in bulk was stopped, in every process, until a person confirms."""

    __tablename__ = "erasure_stop"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN ({', '.join(repr(kind.value) for kind in StopKind)})", name="kind_is_known"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="a_confirmation_names_its_person"),
        sa.Index("ix_erasure_stop_confirmed_at", "confirmed_at"),
    )

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    #: What the clock said.
    raised_at: orm.Mapped[datetime]
    #: The time that the clock was compared with; None when it was not about the clock.
    reference_at: orm.Mapped[datetime | None]
    #: How many submissions were due or asked for; 0 when it was about the clock.
    number: orm.Mapped[int]
    confirmed_at: orm.Mapped[datetime | None]
    confirmed_by: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))


class WorkerRunTime(Base):
    """How long a worker has run in all, by a monotonic clock, and when that was last written."""

    __tablename__ = "worker_run_time"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="there_is_one_run_time"),
        sa.CheckConstraint("run_seconds >= 0", name="run_time_does_not_go_back"),
    )

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    run_seconds: orm.Mapped[int]
    #: The worker that counts; of several, one does, so that an hour is an hour.
    counted_by: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    seen_at: orm.Mapped[datetime]
