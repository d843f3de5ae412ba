"""The clock: the only source of the present time, always UTC, so that it can be moved in one place too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC
from datetime import datetime
from datetime import timedelta

#: How far the clock differs from the machine's, in the context that moved it and in no other thread.
_MOVED_BY: ContextVar[timedelta] = ContextVar("moved by", default=timedelta())
#: Linux's goes on while the machine sleeps; where there is none, a long sleep looks like a jump ahead.
_MONOTONIC = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC) + _MOVED_BY.get()


def monotonic() -> float:
    """Seconds by the monotonic clock: only the difference of two readings in one process says anything."""
    return time.clock_gettime(_MONOTONIC)


def is_moved() -> bool:
    """Whether the clock is moved here on purpose, as the demo does."""
    return _MOVED_BY.get() != timedelta()


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Move the clock to *moment* within the block, from where it runs on; only the demo may do this (a law)."""
    before = _MOVED_BY.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _MOVED_BY.reset(before)
