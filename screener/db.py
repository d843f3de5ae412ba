"""Engines and transactions for the three databases: the same rules on SQLite and on PostgreSQL.

Three things must stay true. An acknowledged write is on the disk (SQLite ``synchronous=FULL``).
SQLite writers wait for their turn on a file lock before ``BEGIN IMMEDIATE``, because SQLite's own waiting
sleeps up to 100 ms and fails under load. And a process gets no more rights than it needs: *may* is
``add`` (insert only), ``read`` or ``write``; on PostgreSQL the roles grant the same (``screener roles``).
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import Literal

import sqlalchemy as sa

from screener import files
from screener.errors import UnavailableError

AccessMode = Literal["add", "read", "write"]

#: How long a writer waits for its turn, and a client for a server, before *UnavailableError*.
DATABASE_TIMEOUT_SECONDS = 5
#: What to do about a database error, by the beginning of the name that the driver gives it.
ADVICE = {
    "SQLITE_BUSY": "another process is writing to it; try again in a moment",
    "SQLITE_LOCKED": "another process is writing to it; try again in a moment",
    "SQLITE_FULL": "its disk is full; make room",
    "SQLITE_IOERR": "its disk is full or fails; make room, or look at the disk",
    "SQLITE_READONLY": "this user may not write it; check its owner",
    "SQLITE_PERM": "this user may not open it; check its owner",
    "SQLITE_AUTH": "this process may only add to it",
    "SQLITE_CANTOPEN": "it is not there, or this user may not open it; run `screener migrate`, or check its owner",
    "SQLITE_NOTADB": "it is damaged; keep it, and restore a backup elsewhere",
    "SQLITE_CORRUPT": "it is damaged; keep it, and restore a backup elsewhere",
    "SQLITE_ERROR": "it does not fit this version; run `screener migrate`",
    "InsufficientPrivilege": "its role may not do this; see `screener roles`",
    "UndefinedTable": "it has no such table; run `screener migrate`",
    "ReadOnlySqlTransaction": "it takes no writes now; look whether it is a standby",
    "": "check that its server runs and that this machine reaches it",
}
BUSY = "The database is busy with another writer."
#: The locks between the threads of this process, by the path of the database.
_THREAD_LOCKS: dict[str, threading.Lock] = {}
#: Names that have no row share one.
_LOCK_ROW = sa.text(
    "SELECT name FROM store_lock WHERE name = coalesce((SELECT name FROM store_lock WHERE name = :name), 'other') "
    "FOR UPDATE"
)
#: How constraints are named, for the models and for Alembic alike.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A timestamp, always UTC; a naive one is refused with *ValueError*.

    SQLite stores text (ISO 8601, microseconds, ``+00:00``), which sorts as time does.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        kind: sa.types.TypeEngine[Any] = sa.String(32) if dialect.name == "sqlite" else sa.DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        timestamp: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
        return timestamp.astimezone(UTC)


def connect(url: str, *, may: AccessMode, pooled: bool = False) -> sa.Engine:
    """Create an engine for *url*; it opens no connection yet, so that it may be created before a server forks.

    *may* is ``add`` (insert, and nothing else), ``read`` or ``write``. A server keeps its connections (*pooled*); a
    command opens one and closes it.
    """
    parsed = sa.make_url(url)
    pool = sa.QueuePool if pooled else sa.NullPool
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, may, pool)
    asked = parsed.query.get("options", "")
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=pool,
        pool_pre_ping=pooled,
        hide_parameters=True,
        connect_args={
            "connect_timeout": DATABASE_TIMEOUT_SECONDS,
            "options": f"{asked} -c statement_timeout={DATABASE_TIMEOUT_SECONDS * 6000}",
        },
    )


def _sqlite(url: sa.URL, may: AccessMode, pool: type[sa.Pool]) -> sa.Engine:
    path = Path(url.database or "")
    uri = f"{path.absolute().as_uri()}?mode={'ro' if may == 'read' else 'rw'}"

    def open_connection() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=DATABASE_TIMEOUT_SECONDS, check_same_thread=False, isolation_level=None
        )
        for pragma in _pragmas(may):
            connection.execute(f"PRAGMA {pragma}")
        if may == "add":
            connection.set_authorizer(_add_only)
        return connection

    engine = sa.create_engine("sqlite://", creator=open_connection, poolclass=pool, hide_parameters=True)
    engine = engine.execution_options(file=str(path))
    sa.event.listen(engine, "begin", _begin)
    return engine


def _pragmas(may: AccessMode) -> Iterator[str]:
    yield "foreign_keys=ON"
    yield "trusted_schema=OFF"
    yield "temp_store=MEMORY"
    if may != "read":
        yield "synchronous=FULL"
        yield "secure_delete=ON"


def _add_only(action: int, *names: str | None) -> int:
    """SQLite authorizer of the public process: it may insert, and read nothing.

    SQLAlchemy asks each new connection for its isolation level; that pragma reads no row.
    """
    asks_isolation = action == sqlite3.SQLITE_PRAGMA and names[0] == "read_uncommitted"
    allowed = action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_TRANSACTION)
    return sqlite3.SQLITE_OK if allowed or asks_isolation else sqlite3.SQLITE_DENY


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a write transaction: committed at the end of the block, rolled back by an exception.

    Raises *UnavailableError* when the database is locked, full, read-only, absent or out of reach.
    """
    with (
        _translate_errors(engine),
        _exclusive_writer(engine),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a read-only transaction: one snapshot. Raises *UnavailableError* as *writing* does."""
    with _translate_errors(engine), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def scrub(engine: sa.Engine, table: str) -> None:
    """Remove erased rows from the database files, not only from the tables.

    SQLite has overwritten what it freed (``secure_delete``); this empties its write-ahead log. PostgreSQL vacuums
    *table*, for its owner; for other roles autovacuum does the same later. Raises *UnavailableError*, also while a
    reader keeps the log from being emptied.
    """
    with _translate_errors(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"VACUUM {table}"))
        else:
            # While it waits for readers it blocks writers, so it does not wait long.
            connection.exec_driver_sql("PRAGMA busy_timeout=300")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise UnavailableError("The database is being read, so its write-ahead log cannot be emptied now.")


@contextmanager
def _translate_errors(engine: sa.Engine) -> Iterator[None]:
    """Raise *UnavailableError* for the driver's own errors; a violated constraint stays an *IntegrityError*."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except (sa.exc.OperationalError, sa.exc.InternalError, sa.exc.TimeoutError, sa.exc.DatabaseError) as error:
        raise UnavailableError(_describe(engine, _error_name(error))) from None


def _describe(engine: sa.Engine, reason: str, cause: str = "") -> str:
    """The sentence that names the database, the *cause* (else the *reason*), and what to do about the *reason*."""
    path = engine.get_execution_options().get("file")
    name = f"The file {path}" if path else f"The database {engine.url.database}"
    advice = next((advice for start, advice in ADVICE.items() if reason.startswith(start)), ADVICE[""])
    return f"{name} cannot be used now ({cause or reason}): {advice}."


def _error_name(error: sa.exc.SQLAlchemyError) -> str:
    """The driver's name of the error, without the statement and its values."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlite_errorname", "") or type(cause or error).__name__)


@contextmanager
def _exclusive_writer(engine: sa.Engine) -> Iterator[None]:
    """On SQLite, let one writer in: first among this process's threads, then among processes by a lock file."""
    path = engine.get_execution_options().get("file")
    if path is None:
        yield
        return
    until = time.monotonic() + DATABASE_TIMEOUT_SECONDS
    with _acquired(_THREAD_LOCKS.setdefault(path, threading.Lock())):
        try:
            lock = _open_lock_file(path)
        except OSError as error:
            raise UnavailableError(_describe(engine, "SQLITE_CANTOPEN", type(error).__name__)) from None
        try:
            with files.exclusive_lock(lock, timeout=until - time.monotonic()):
                yield
        except files.LockTimeout:
            raise UnavailableError(BUSY) from None


def _open_lock_file(path: str) -> int:
    """Open the lock file of the database *path*, made here only when ``screener migrate`` did not make it."""
    name = f"{path}.lock"
    try:
        return os.open(name, os.O_RDWR)
    except FileNotFoundError:
        make_lock_file(path)
        return os.open(name, os.O_RDWR)


def make_lock_file(path: str) -> None:
    """Make the lock file of the database *path*, or put its mode right: only writers can open it, and so lock it.

    Raises *OSError*.
    """
    database = os.stat(path)
    writers = database.st_mode & 0o222
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with suppress(PermissionError):  # another user made it, and its group is that of the folder
            os.fchown(lock, -1, database.st_gid)
            os.fchmod(lock, writers | writers << 1)
    finally:
        os.close(lock)


@contextmanager
def _acquired(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=DATABASE_TIMEOUT_SECONDS):
        raise UnavailableError(BUSY)
    try:
        yield
    finally:
        lock.release()


def serialize_transactions(connection: sa.Connection, name: str) -> None:
    """Let one transaction on the store at a time pass (audit chain, arrival numbers) until its end.

    PostgreSQL locks a row, and no advisory lock: every role of the server could hold it. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK_ROW, {"name": name}).one()


def is_primary_key_violation(error: sa.exc.IntegrityError) -> bool:
    """Whether *error* is a violation of the primary key, and of nothing else."""
    cause = error.orig
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY"
    diagnosis = getattr(cause, "diag", None)
    return bool(diagnosis and diagnosis.sqlstate == "23505" and (diagnosis.constraint_name or "").startswith("pk_"))
