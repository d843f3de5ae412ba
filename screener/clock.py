"""The clock: the only source of the present time, always UTC, so that it can be moved in one place too."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC
from datetime import datetime
from datetime import timedelta

#: How far the clock differs from the machine's, in the context that moved it and in no other thread.
_MOVED_BY: ContextVar[timedelta] = ContextVar("moved by", default=timedelta())


def now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC) + _MOVED_BY.get()


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Move the clock to *moment* within the block, from where it runs on; only the demo may do this (a law)."""
    before = _MOVED_BY.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _MOVED_BY.reset(before)
