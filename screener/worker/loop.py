"""The worker's loop: runs the jobs that are due, one after the other, until it is stopped.

A job that fails stops no other: it is logged, and tried again later and later. The worker holds no private key and
never imports what could use one, so nothing here can be decided by what a person answered.
"""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from types import FrameType

from screener import clock
from screener.errors import UnavailableError
from screener.logs import describe_defect
from screener.settings import Settings
from screener.worker.context import log
from screener.worker.context import open_job_context
from screener.worker.jobs import JOBS
from screener.worker.jobs import Job

#: Seconds between two rounds.
PAUSE = 0.5
#: How long a job that failed waits: doubled each time, from the first to the second.
BACK_OFF = (timedelta(seconds=1), timedelta(seconds=30))


@dataclass
class _Schedule:
    """When a job last ran, and how long it waits after a failure; no wait when it did not fail."""

    ran_at: datetime | None = None
    wait: timedelta | None = None

    def is_due(self, job: Job) -> bool:
        """Whether *job* is due now; a clock that went back makes every job due, so that none sleeps for as long."""
        every = job.every if self.wait is None else self.wait
        passed = None if self.ran_at is None else clock.now() - self.ran_at
        return passed is None or passed >= every or passed < timedelta()


class Worker:
    """One worker over one deployment's inbox, board and store; several may run at once."""

    def __init__(self, settings: Settings, jobs: Sequence[Job] = JOBS) -> None:
        self.context = open_job_context(settings)
        self.context.tick = self._run_interrupting_jobs
        self._schedules = {job: _Schedule() for job in jobs}
        self._faults: list[Exception] = []

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """End after the batch at hand; fit to be a signal handler."""
        self.context.stopped.set()

    def run(self) -> None:
        """Run due jobs until stopped."""
        while not self.context.stopped.is_set():
            self.run_due_jobs()
            self.context.stopped.wait(PAUSE)

    def run_once(self) -> int:
        """Run each job that is due once; returns how many submissions were new.

        Raises the first fault of a job, *UnavailableError* when inbox, board or store is away, after the others ran.
        """
        before = self.context.moved
        self.run_due_jobs()
        if self._faults:
            raise self._faults[0]
        return self.context.moved - before

    def run_due_jobs(self) -> None:
        """Run each job that is due once, in their order; log those that fail."""
        self._faults = []
        for job in self._schedules:
            self._run_interrupting_jobs()
            self._run_if_due(job)

    def _run_interrupting_jobs(self) -> None:
        for job in self._schedules:
            if job.interrupts:
                self._run_if_due(job)

    def _run_if_due(self, job: Job) -> None:
        schedule = self._schedules[job]
        if self.context.stopped.is_set() or not schedule.is_due(job):
            return
        schedule.ran_at = clock.now()
        try:
            job.run(self.context)
        except Exception as fault:
            self._faults.append(fault)
            self._postpone(job, schedule, fault)
        else:
            if schedule.wait is not None:
                log.warning("job works again", extra={"job": job.name})
            schedule.wait = None

    @staticmethod
    def _postpone(job: Job, schedule: _Schedule, fault: Exception) -> None:
        """Let *job* wait longer each time; log the first failure, by the fault's kind and place and never its text.

        *UnavailableError* is our own sentence about a database, and says what to do.
        """
        if schedule.wait is None:
            if isinstance(fault, UnavailableError):
                log.warning("job waits", extra={"job": job.name, "reason": str(fault)})
            else:
                log.warning("job failed", extra={"job": job.name, **describe_defect(fault)})
        first, longest = BACK_OFF
        schedule.wait = min(2 * schedule.wait, longest) if schedule.wait else first


def run_worker(settings: Settings, *, once: bool = False) -> int:
    """Run a worker until SIGTERM or SIGINT, or *once* over all that waits; returns how many were moved by *once*.

    Raises *UnavailableError* when *once* cannot use inbox, board or store.
    """
    worker = Worker(settings)
    if once:
        return worker.run_once()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
    return 0
