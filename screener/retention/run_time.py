"""The worker's run time, added up in the store: between two looks a worker must really have run.

It is measured by a monotonic clock and not by the time of day, so that a wrong clock makes no look older than it is.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from screener.retention.models import WorkerRunTime
from screener.retention.stops import lock_retention

#: Another worker that has not counted for so long is taken to be gone.
TAKEN_OVER_AFTER_SECONDS = 60
#: The most that one count may add: a machine that slept, or a job that hung, did not run.
MOST_COUNTED_SECONDS = 600


@dataclass
class RunTimeCounter:
    """Counts the run time of one worker, named by *worker_id*; of several workers one counts."""

    worker_id: str
    #: The monotonic clock at the last count, or when another worker was seen to count.
    _since: float | None = None
    _seen_seconds: int = -1

    def count(self, connection: sa.Connection, *, at: datetime, monotonic: float) -> None:
        """Add what has passed since the last count, in the caller's transaction; *at* is stored as seen."""
        lock_retention(connection)
        row = connection.execute(sa.select(WorkerRunTime.__table__)).first()
        if row is None:
            first = {"id": 1, "run_seconds": 0, "counted_by": self.worker_id, "seen_at": at}
            connection.execute(sa.insert(WorkerRunTime).values(first))
            self._since = monotonic
            return
        if row.counted_by == self.worker_id:
            passed = 0 if self._since is None else min(monotonic - self._since, MOST_COUNTED_SECONDS)
            changes = {"run_seconds": row.run_seconds + max(int(passed), 0)}
            self._since = monotonic
        else:
            changes = self._take_over(row.run_seconds, monotonic)
        connection.execute(sa.update(WorkerRunTime).values(seen_at=at, **changes))

    def _take_over(self, run_seconds: int, monotonic: float) -> dict[str, str]:
        """Become the worker that counts, from now on, once the other has been still for long enough."""
        if run_seconds != self._seen_seconds or self._since is None:
            self._seen_seconds, self._since = run_seconds, monotonic
        if monotonic - self._since < TAKEN_OVER_AFTER_SECONDS:
            return {}
        self._since = monotonic
        return {"counted_by": self.worker_id}


def read_run_seconds(connection: sa.Connection) -> int:
    """The run time of the workers in all, in whole seconds; 0 before the first one has run."""
    return connection.scalar(sa.select(WorkerRunTime.run_seconds)) or 0
