"""What every job of the worker is handed: settings, the three databases, and a way to stop or be interrupted."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import sqlalchemy as sa

from screener.db import connect
from screener.settings import Settings
from screener.worker.clock_watch import ClockWatch

#: Submissions a transaction; few, so that staff work never waits long for a writer.
SUBMISSIONS_PER_BATCH = 50

log = logging.getLogger("screener.worker")


@dataclass
class JobContext:
    """One worker's connections, and what its jobs tell each other."""

    settings: Settings
    inbox: sa.Engine
    board: sa.Engine
    store: sa.Engine
    clock_watch: ClockWatch
    #: Set when the worker has to end; a job ends after the batch at hand.
    stopped: threading.Event = field(default_factory=threading.Event)
    #: Runs the jobs that may interrupt a long one; called between two batches.
    tick: Callable[[], None] = lambda: None
    #: How many submissions were new to the store.
    moved: int = 0
    #: Whether bytes that left the inbox may still lie in its files.
    inbox_needs_scrub: bool = False


def open_job_context(settings: Settings) -> JobContext:
    """The context of a worker on the databases of *settings*; opens no connection yet."""
    board, store = connect(settings.board, may="write"), connect(settings.store, may="write")
    inbox = connect(settings.inbox, may="write")
    return JobContext(settings, inbox=inbox, board=board, store=store, clock_watch=ClockWatch(board, store))
