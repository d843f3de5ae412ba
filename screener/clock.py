"""The one place that asks what time it is, always in UTC, so that the clock can be moved in one place too."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC
from datetime import datetime
from datetime import timedelta

#: How far the clock stands beside the machine's, for whoever moved it and for no other thread.
_MOVED_BY: ContextVar[timedelta] = ContextVar("moved by", default=timedelta())


def now() -> datetime:
    """The present moment, with its zone (UTC)."""
    return datetime.now(UTC) + _MOVED_BY.get()


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Within the block it is *moment*, and time goes on from there. The demo alone may use this; a law says so."""
    before = _MOVED_BY.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _MOVED_BY.reset(before)
