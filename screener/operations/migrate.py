"""Create and upgrade the tables of inbox, board and store, by a command and never at start-up.

A process that starts does not change tables: two would race, and the public process has no right to. It refuses to
start and names ``screener migrate`` instead.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from screener import files
from screener.board import board
from screener.db import connect
from screener.db import make_lock_file
from screener.errors import UserError
from screener.follow_up import models as follow_up_models
from screener.mail import models as mail_models
from screener.retention import models as retention_models
from screener.settings import ROOT
from screener.settings import Settings
from screener.staff import models as staff_models
from screener.submissions import inbox

#: Every module whose tables are in the store.
MODELS = (staff_models, follow_up_models, mail_models, retention_models)
MIGRATIONS = ROOT / "migrations"
#: How long a migration waits for another one of the same SQLite file.
LOCK_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Database:
    """One of the three databases: its tables, and how SQLite keeps them."""

    name: str
    metadata: sa.MetaData
    #: The board keeps the rollback journal: a reader of a WAL file must be able to write beside it.
    journal: str = "WAL"
    #: Of a SQLite file: its owner's and group's. Everybody may read the board, for it says nothing about a person.
    mode: int = 0o660

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.name}"


INBOX = Database("inbox", inbox.METADATA)
BOARD = Database("board", board.METADATA, journal="DELETE", mode=0o664)
STORE = Database("store", MODELS[0].METADATA)
DATABASES = (INBOX, BOARD, STORE)


def database_url(database: Database, settings: Settings) -> str:
    """The database URL of *database* in a deployment."""
    return {"inbox": settings.inbox, "board": settings.board, "store": settings.store}[database.name]


def migrate_all(settings: Settings) -> list[str]:
    """Upgrade all three databases to the newest revision; returns a sentence a database. Repeatable.

    Raises *UserError* when a database cannot be made or reached.
    """
    return [_migrate(database, database_url(database, settings)) for database in DATABASES]


def check_schema(settings: Settings, *databases: Database) -> None:
    """Raise *UserError* unless each of *databases* (default: all three) has the schema of this version."""
    for database in databases or DATABASES:
        with _opened(database, database_url(database, settings)) as connection:
            if current_revision(database, connection) != head_revision(database):
                raise UserError(f"The {database.name} does not fit this version of Screener; run `screener migrate`.")


def head_revision(database: Database) -> str:
    """The newest revision of *database*."""
    return ScriptDirectory.from_config(alembic_config(database)).get_current_head() or ""


def alembic_config(database: Database, connection: sa.Connection | None = None) -> Config:
    """The Alembic configuration of *database*."""
    config = Config(attributes={"database": database, "connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(MIGRATIONS / "versions" / database.name).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def is_known_revision(database: Database, revision: str) -> bool:
    """Whether this version has the migration *revision* of *database*."""
    script = ScriptDirectory.from_config(alembic_config(database))
    return revision in {one.revision for one in script.walk_revisions()}


@contextmanager
def migrating(database: Database, url: str) -> Iterator[sa.Connection]:
    """A connection that migrates *database* alone, created where it is missing; the caller commits.

    Raises *UserError* when it cannot be made or reached.
    """
    with _alone(url):
        _make_file(database, url)
        with _opened(database, url) as connection:
            _queue(connection, database)
            yield connection


def current_revision(database: Database, connection: sa.Connection) -> str | None:
    """The revision of *database* in *connection*; None where nothing was made yet."""
    opts = {"version_table": database.version_table}
    return MigrationContext.configure(connection, opts=opts).get_current_revision()


def migrate_to(database: Database, connection: sa.Connection, revision: str = "head") -> None:
    """Bring *database* to *revision* (an earlier one too), in the caller's transaction."""
    config = alembic_config(database, connection)
    script = ScriptDirectory.from_config(config)
    there = current_revision(database, connection)
    earlier = {one.revision for one in script.iterate_revisions(there, "base")} if there else set()
    (command.downgrade if revision in earlier - {there} else command.upgrade)(config, revision)


def _migrate(database: Database, url: str) -> str:
    with migrating(database, url) as connection:
        before = current_revision(database, connection)
        migrate_to(database, connection)
        connection.commit()
    done = "made" if before is None else "up to date" if before == head_revision(database) else "updated"
    return f"{database.name}: {done}"


def _queue(connection: sa.Connection, database: Database) -> None:
    """One migration of a database at a time on PostgreSQL, until its transaction ends.

    It locks the table of the revision in a mode that a reader cannot block.
    """
    if connection.dialect.name != "postgresql":
        return
    table = database.version_table
    try:
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {table} (version_num VARCHAR(32) NOT NULL, "
            f"CONSTRAINT {table}_pkc PRIMARY KEY (version_num))"
        )
        connection.commit()
    except sa.exc.DBAPIError:
        connection.rollback()  # another one made it at the same moment
    connection.exec_driver_sql(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


@contextmanager
def _opened(database: Database, url: str) -> Iterator[sa.Connection]:
    engine = connect(url, may="write")
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DatabaseError:
        raise UserError(
            f"The {database.name} cannot be opened; check its URL, its owner and that its server runs, "
            "then run `screener migrate`. A file that is damaged: keep it, and restore a backup elsewhere."
        ) from None
    finally:
        engine.dispose()


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """One migration of a SQLite file at a time."""
    path = _file_of(url)
    if path is None:
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        lock = os.open(f"{path}.migrating", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        raise UserError(
            f"The folder {path.parent} cannot be written; choose another with SCREENER_DATA, or change its owner."
        ) from None
    try:
        with files.exclusive_lock(lock, timeout=LOCK_TIMEOUT_SECONDS):
            yield
    except files.LockTimeout:
        raise UserError(
            f"Another `screener migrate` has been working on {path}; wait for it, then try again."
        ) from None


def _make_file(database: Database, url: str) -> None:
    """A new SQLite file, whose group may work with it too; ``connect`` never makes one by accident."""
    path = _file_of(url)
    if path is None:
        return
    try:
        if not path.exists():
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.fchmod(file, database.mode)
            os.close(file)
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA journal_mode={database.journal}")
        finally:
            connection.close()
        make_lock_file(str(path))
    except (OSError, sqlite3.Error):
        raise UserError(
            f"The file {path} cannot be made; check the folder's owner and the free space on its disk."
        ) from None


def _file_of(url: str) -> Path | None:
    parsed = sa.make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
