"""The one place that asks what time it is, always in UTC, so that tests can move the clock."""

from datetime import UTC
from datetime import datetime


def now() -> datetime:
    """The present moment, with its zone (UTC)."""
    return datetime.now(UTC)
