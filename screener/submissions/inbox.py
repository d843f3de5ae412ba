"""The inbox table: sealed submissions that wait until the worker moves them to the store.

The public process may only add. So *add_submission* and *probe_writable* insert and read nothing back: they work under
a PostgreSQL role that has INSERT and no more, and under a SQLite authorizer that denies everything else. That a page
was sent before shows in one way only, the primary key.
"""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa

from screener import clock
from screener.db import NAMING_CONVENTION
from screener.db import UtcDateTime
from screener.db import is_primary_key_violation
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission

METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)

INBOX = sa.Table(
    "inbox",
    METADATA,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
    sa.Column("wording_version", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("call_language", sa.String(16), nullable=False),
    sa.Column("suspected_spam", sa.Boolean, nullable=False),
    sa.Column("contact", sa.LargeBinary, nullable=False),
    sa.Column("answers", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("length(id) = 32", name="id_is_32_bytes"),
)

#: Compiled once: its values come as parameters.
_ADD = sa.insert(INBOX)
#: A column of SQLite takes a value of any kind. An envelope is plain ASCII, its moment one that the calendar knows.
_SUBMISSION_ON_SQLITE = " AND ".join(
    (
        *(f"typeof({name}) = 'blob'" for name in ("id", "contact", "answers")),
        *(
            f"typeof({name}) = 'text' AND {name} NOT GLOB '*[^A-Za-z0-9_-]*'"
            for name in ("wording_version", "locale", "source", "call_language")
        ),
        "suspected_spam IN (0, 1)",
        "received_at GLOB '[0-9][0-9][0-9][0-9]-??-??T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]." + "[0-9]" * 6 + "+00:00'",
        # Arithmetic makes SQLite turn a 31st of February into the day that it is.
        "date(received_at, '+0 days') = substr(received_at, 1, 10)",
    )
)
_ENVELOPE = tuple(Envelope.__dataclass_fields__)


def add_submission(engine: sa.Engine, sealed: SealedSubmission) -> bool:
    """Insert *sealed*; False when the primary key says that it is there already.

    Raises *UnavailableError* for every other fault; nothing was stored then.
    """
    try:
        with writing(engine) as connection:
            connection.execute(_ADD, to_row(sealed))
    except sa.exc.IntegrityError as error:
        if is_primary_key_violation(error):
            return False
        raise UnavailableError("The inbox refused a submission; run `screener migrate`.") from None
    return True


class _RollBack(Exception):
    """Raised to roll back a probe's transaction."""


def probe_writable(engine: sa.Engine) -> None:
    """Check that the inbox takes writes, by an insert that is rolled back. Raises *UnavailableError*."""
    envelope = Envelope(secrets.token_bytes(32), clock.now(), "", "", "", "", suspected_spam=False)
    try:
        with writing(engine) as connection:
            connection.execute(_ADD, to_row(SealedSubmission(envelope, b"", b"")))
            raise _RollBack
    except _RollBack:
        return
    except sa.exc.IntegrityError:
        raise UnavailableError("The inbox does not fit this version; run `screener migrate`.") from None


def fetch_batch(engine: sa.Engine, limit: int) -> list[SealedSubmission]:
    """Up to *limit* waiting submissions, the oldest first; they stay until *delete_submissions*."""
    query = sa.select(INBOX).where(_readable(engine)).order_by(INBOX.c.received_at).limit(limit)
    with reading(engine) as connection:
        return [_sealed(row) for row in connection.execute(query).mappings()]


def count_unreadable_rows(engine: sa.Engine) -> int:
    """The number of rows that are no submissions; they stay where they are, and no job waits for them."""
    with reading(engine) as connection:
        query = sa.select(sa.func.count()).select_from(INBOX).where(sa.not_(_readable(engine)))
        return connection.scalar(query) or 0


def _readable(engine: sa.Engine) -> sa.ColumnElement[bool]:
    """The condition for a row to be a submission: SQLite takes a value of any type, PostgreSQL checks types itself."""
    is_submission: sa.ColumnElement[bool] = sa.literal_column(f"coalesce({_SUBMISSION_ON_SQLITE}, 0)", sa.Boolean())
    return sa.true() if engine.dialect.name == "postgresql" else is_submission


def delete_submissions(engine: sa.Engine, ids: Sequence[bytes]) -> None:
    """Delete the submissions that the store has."""
    with writing(engine) as connection:
        connection.execute(sa.delete(INBOX).where(INBOX.c.id.in_(ids)))


def to_row(sealed: SealedSubmission) -> dict[str, object]:
    """*sealed* as a row of the inbox."""
    envelope = {name: getattr(sealed.envelope, name) for name in _ENVELOPE}
    return {**envelope, "contact": sealed.contact, "answers": sealed.answers}


def _sealed(row: sa.RowMapping) -> SealedSubmission:
    return SealedSubmission(Envelope(**{name: row[name] for name in _ENVELOPE}), row["contact"], row["answers"])
