"""How we speak to the three databases: the same rules on SQLite and on PostgreSQL.

Three things must stay true here. An acknowledged write is on the disk (SQLite ``synchronous=FULL``).
SQLite writers wait for their turn on a file lock before ``BEGIN IMMEDIATE``, because SQLite's own waiting
sleeps up to 100 ms and fails under load. And a process gets no more than it needs: *may* says whether it
may only add to the inbox, only read, or write; on PostgreSQL the roles say the same (``screener roles``).
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import Literal

import sqlalchemy as sa

from screener import files
from screener.errors import UnavailableError

May = Literal["add", "read", "write"]

#: Seconds that a writer waits for its turn, and for a server to answer, before it says "unavailable".
PATIENCE = 5
#: What to do, by the beginning of the driver's word for the fault.
ADVICE = {
    "SQLITE_BUSY": "somebody else writes to it; try again in a moment",
    "SQLITE_LOCKED": "somebody else writes to it; try again in a moment",
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
#: The turns of this process's threads, by the path of the database.
_TURNS: dict[str, threading.Lock] = {}
#: Constraint names that can be read aloud; alembic and the models share them.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(sa.types.TypeDecorator[datetime]):
    """A point in time, always UTC; one without a zone is refused, because nobody knows when it was.

    SQLite keeps text (ISO 8601, microseconds, ``+00:00``), which sorts as time does.
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
            raise ValueError("a time without a zone cannot be kept")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


def connect(url: str, *, may: May, pooled: bool = False) -> sa.Engine:
    """An engine for *url* that opens nothing yet, so that it may be made before a server forks.

    *may* is ``add`` (insert, and nothing else), ``read`` or ``write``. A server that answers many people keeps its
    connections (*pooled*); whoever comes by now and then opens one and closes it.
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
        connect_args={"connect_timeout": PATIENCE, "options": f"{asked} -c statement_timeout={PATIENCE * 6000}"},
    )


def _sqlite(url: sa.URL, may: May, pool: type[sa.Pool]) -> sa.Engine:
    path = Path(url.database or "")
    uri = f"{path.absolute().as_uri()}?mode={'ro' if may == 'read' else 'rw'}"

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, check_same_thread=False, isolation_level=None)
        for pragma in _pragmas(may):
            connection.execute(f"PRAGMA {pragma}")
        if may == "add":
            connection.set_authorizer(_add_only)
        return connection

    engine = sa.create_engine("sqlite://", creator=opened, poolclass=pool, hide_parameters=True)
    engine = engine.execution_options(file=str(path))
    sa.event.listen(engine, "begin", _begin)
    return engine


def _pragmas(may: May) -> Iterator[str]:
    yield "foreign_keys=ON"
    yield "trusted_schema=OFF"
    yield "temp_store=MEMORY"
    if may != "read":
        yield "synchronous=FULL"
        yield "secure_delete=ON"


def _add_only(action: int, *names: str | None) -> int:
    """SQLite's authorizer for the public process: it may insert, and look at nothing.

    SQLAlchemy asks each new connection for its isolation level; that question is about no row.
    """
    asks_isolation = action == sqlite3.SQLITE_PRAGMA and names[0] == "read_uncommitted"
    allowed = action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_TRANSACTION)
    return sqlite3.SQLITE_OK if allowed or asks_isolation else sqlite3.SQLITE_DENY


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: committed at the end of the block, or not at all.

    Raises *UnavailableError* when the database is locked, full, read-only, absent or out of reach.
    """
    with (
        _unavailable(engine),
        _turn(engine),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads: one unchanging view. Raises *UnavailableError* as *writing* does."""
    with _unavailable(engine), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def scrub(engine: sa.Engine, table: str) -> None:
    """Take what was erased out of the files too, not only out of sight.

    SQLite has overwritten what it freed (``secure_delete``); here its write-ahead log is emptied. PostgreSQL vacuums
    *table*, for its owner; for other roles autovacuum does the same later. Raises *UnavailableError*, also when
    a reader stays for so long that the log cannot be emptied now.
    """
    with _unavailable(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"VACUUM {table}"))
        else:
            # While it waits for readers, nobody can write: so it does not wait long.
            connection.exec_driver_sql("PRAGMA busy_timeout=300")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise UnavailableError("The database is being read, so its write-ahead log cannot be emptied now.")


@contextmanager
def _unavailable(engine: sa.Engine) -> Iterator[None]:
    """The driver's own faults, as one word; a broken constraint stays what it is."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except (sa.exc.OperationalError, sa.exc.InternalError, sa.exc.TimeoutError, sa.exc.DatabaseError) as error:
        raise UnavailableError(_sentence(engine, _reason(error))) from None


def _sentence(engine: sa.Engine, reason: str, said: str = "") -> str:
    """Which database it is, and what to do; *said* is another word for the *reason*."""
    path = engine.get_execution_options().get("file")
    name = f"The file {path}" if path else f"The database {engine.url.database}"
    advice = next((advice for start, advice in ADVICE.items() if reason.startswith(start)), ADVICE[""])
    return f"{name} cannot be used now ({said or reason}): {advice}."


def _reason(error: sa.exc.SQLAlchemyError) -> str:
    """The driver's word for the fault, without the statement and its values."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlite_errorname", "") or type(cause or error).__name__)


@contextmanager
def _turn(engine: sa.Engine) -> Iterator[None]:
    """On SQLite, the writer's turn: first among this process's threads, then among processes by a lock file."""
    path = engine.get_execution_options().get("file")
    if path is None:
        yield
        return
    until = time.monotonic() + PATIENCE
    with _taken(_TURNS.setdefault(path, threading.Lock())):
        try:
            lock = _lock_file(path)
        except OSError as error:
            raise UnavailableError(_sentence(engine, "SQLITE_CANTOPEN", type(error).__name__)) from None
        try:
            with files.exclusive_lock(lock, timeout=until - time.monotonic()):
                yield
        except files.LockTimeout:
            raise UnavailableError(BUSY) from None


def _lock_file(path: str) -> int:
    """The open lock file of the database *path*; whoever may write the one may write the other."""
    name = f"{path}.lock"
    try:
        return os.open(name, os.O_RDWR)
    except FileNotFoundError:
        mode = os.stat(path).st_mode & 0o666
        lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        os.fchmod(lock, mode)
        return lock


@contextmanager
def _taken(turn: threading.Lock) -> Iterator[None]:
    if not turn.acquire(timeout=PATIENCE):
        raise UnavailableError(BUSY)
    try:
        yield
    finally:
        turn.release()


def serialize(connection: sa.Connection, name: str) -> None:
    """Let one transaction at a time pass here (audit chain, arrival numbers); SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))


def key_is_taken(error: sa.exc.IntegrityError) -> bool:
    """Whether *error* is a violation of the primary key, and of nothing else."""
    cause = error.orig
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY"
    diagnosis = getattr(cause, "diag", None)
    return bool(diagnosis and diagnosis.sqlstate == "23505" and (diagnosis.constraint_name or "").startswith("pk_"))
