"""The clock watch: the worker compares the clock with what was stored last, and with monotonic time while it runs.

The first comparison comes before the first heartbeat, which would overwrite one of the two. A doubt is stored as a stop
of erasing, and ends only when a person confirms. Everything else of the worker goes on: a wrong clock must not close
the form.
"""

import uuid
from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener import clock
from screener.board import board
from screener.board.board import WORKER
from screener.db import reading
from screener.db import writing
from screener.retention.clock_doubt import LONGEST_AHEAD
from screener.retention.clock_doubt import LONGEST_BEHIND
from screener.retention.clock_doubt import find_clock_doubt
from screener.retention.models import StopKind
from screener.retention.run_time import RunTimeCounter
from screener.retention.stops import raise_stop

#: How often the run time is written.
SECONDS_PER_COUNT = 60


class ClockWatch:
    """Watches the clock for one worker; *check* is cheap, and is called before anything is erased."""

    def __init__(self, board_engine: sa.Engine, store: sa.Engine) -> None:
        self._board, self._store = board_engine, store
        self._counter = RunTimeCounter(uuid.uuid4().hex)
        self._heartbeat: datetime | None = None
        self._has_heartbeat = False
        self._counted_at: float | None = None
        #: Clock and monotonic time at the beginning, and the clock at the last check.
        self._start: tuple[datetime, float] | None = None
        self._last = clock.now()

    @property
    def is_compared(self) -> bool:
        """Whether the clock was compared with what was stored last."""
        return self._start is not None

    def check(self) -> None:
        """Compare the clock, store a doubt, and count the run time. Raises *UnavailableError*.

        A clock that the demo moved on purpose is not watched.
        """
        if clock.is_moved():
            self._start = self._start or (clock.now(), clock.monotonic())
            return
        if self._start is None:
            self._compare_with_stored()
        self._compare_with_monotonic()
        monotonic = clock.monotonic()
        if self._counted_at is None or monotonic - self._counted_at >= SECONDS_PER_COUNT:
            with writing(self._store) as connection:
                self._counter.count(connection, at=clock.now(), monotonic=monotonic)
            self._counted_at = monotonic

    def _compare_with_stored(self) -> None:
        """Compare with the last heartbeat, the last audit event, and when a worker last counted."""
        if not self._has_heartbeat:
            self._heartbeat = board.read_heartbeat(self._board)
            self._has_heartbeat = True
        now = clock.now()
        with reading(self._store) as connection:
            doubt = find_clock_doubt(connection, heartbeat_at=self._heartbeat, now=now)
        if doubt:
            self._raise(*doubt)
        self._begin(now)

    def _compare_with_monotonic(self) -> None:
        started_at, monotonic = self._start or (clock.now(), clock.monotonic())
        now = clock.now()
        expected = started_at + timedelta(seconds=clock.monotonic() - monotonic)
        if now < expected - LONGEST_BEHIND:
            kind = StopKind.CLOCK_BACK if now < self._last - timedelta(minutes=1) else StopKind.CLOCK_STILL
            self._raise(kind, expected)
            self._begin(now)
        elif now > expected + LONGEST_AHEAD:
            self._raise(StopKind.CLOCK_AHEAD, expected)
            self._begin(now)
        self._last = now

    def _begin(self, now: datetime) -> None:
        """Measure from here on; a doubt that was stored is not found again."""
        self._start, self._last = (now, clock.monotonic()), now

    def _raise(self, kind: StopKind, reference_at: datetime) -> None:
        with writing(self._store) as connection:
            raise_stop(connection, kind, source="worker", actor=WORKER, at=clock.now(), reference_at=reference_at)
