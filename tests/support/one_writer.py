"""The law of the one writer: a follow-up has one event for each version after the first, with no number left out."""

import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.errors import UnavailableError
from screener.settings import Settings

_BROKEN = sa.text(
    "SELECT f.arrival, f.version, count(e.version) AS events, max(e.version) AS last FROM follow_up f "
    "LEFT JOIN follow_up_event e ON e.submission_id = f.submission_id GROUP BY f.submission_id, f.arrival, f.version "
    "HAVING f.version <> 1 + count(e.version) OR f.version <> coalesce(max(e.version), 1)"
)


def broken_versions(settings: Settings) -> list[str]:
    """The follow-ups that break the law; none where a test has left no store that can be read."""
    engine = connect(settings.store, may="read")
    try:
        with reading(engine) as connection:
            rows = connection.execute(_BROKEN).all()
    except UnavailableError:
        return []
    finally:
        engine.dispose()
    return [f"arrival {row.arrival}: version {row.version}, {row.events} events, last {row.last}" for row in rows]
