"""Making and updating the tables of inbox, board and store, by a command and never by itself.

A process that starts does not change tables: two would race, and a public process has no right to. It is told to
run ``screener migrate`` instead.
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
from screener.errors import UserError
from screener.follow_up import models as follow_up_models
from screener.mail import models as mail_models
from screener.settings import ROOT
from screener.settings import Settings
from screener.staff import models as staff_models
from screener.submissions import inbox

#: Every module whose tables are in the store.
MODELS = (staff_models, follow_up_models, mail_models)
MIGRATIONS = ROOT / "migrations"
#: How long a migration waits for another one of the same SQLite file.
LOCK_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Room:
    """One of the three databases: its tables, and SQLite's way of keeping them."""

    name: str
    metadata: sa.MetaData
    #: The board keeps the rollback journal: a reader of a WAL file must be able to write beside it.
    journal: str = "WAL"
    #: Of a SQLite file: its owner's and group's. Everybody may read the board, for it says nothing about a person.
    mode: int = 0o660

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.name}"


INBOX = Room("inbox", inbox.METADATA)
BOARD = Room("board", board.METADATA, journal="DELETE", mode=0o664)
STORE = Room("store", MODELS[0].METADATA)
ROOMS = (INBOX, BOARD, STORE)


def url_of(room: Room, settings: Settings) -> str:
    """The database URL of *room* in a deployment."""
    return {"inbox": settings.inbox, "board": settings.board, "store": settings.store}[room.name]


def migrate(settings: Settings) -> list[str]:
    """Bring all three rooms to the newest form; returns what was done, a sentence a room. Repeatable.

    Raises *UserError* when a database cannot be made or reached.
    """
    return [_migrate(room, url_of(room, settings)) for room in ROOMS]


def check(settings: Settings, *rooms: Room) -> None:
    """Raise *UserError* unless each of *rooms* (all three, if none is named) has the form that this version expects."""
    for room in rooms or ROOMS:
        with _opened(room, url_of(room, settings)) as connection:
            if MigrationContext.configure(
                connection, opts={"version_table": room.version_table}
            ).get_current_revision() != (head(room)):
                raise UserError(f"The {room.name} does not fit this version of Screener; run `screener migrate`.")


def head(room: Room) -> str:
    """The newest revision of *room*."""
    return ScriptDirectory.from_config(config(room)).get_current_head() or ""


def config(room: Room, connection: sa.Connection | None = None) -> Config:
    """What alembic is told about *room*."""
    told = Config(attributes={"room": room, "connection": connection})
    told.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    told.set_main_option("version_locations", str(MIGRATIONS / "versions" / room.name).replace("%", "%%"))
    told.set_main_option("path_separator", "newline")
    return told


def _migrate(room: Room, url: str) -> str:
    with _alone(url):
        _make_file(room, url)
        with _opened(room, url) as connection:
            _queue(connection)
            before = MigrationContext.configure(
                connection, opts={"version_table": room.version_table}
            ).get_current_revision()
            command.upgrade(config(room, connection), "head")
            connection.commit()
    return f"{room.name}: {'made' if before is None else 'up to date' if before == head(room) else 'updated'}"


def _queue(connection: sa.Connection) -> None:
    """One migration at a time on PostgreSQL; the lock goes with the connection."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_lock(sa.func.hashtext("screener migrate"))))


@contextmanager
def _opened(room: Room, url: str) -> Iterator[sa.Connection]:
    engine = connect(url, may="write")
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.DatabaseError:
        raise UserError(
            f"The {room.name} cannot be opened; check its URL, its owner and that its server runs, "
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


def _make_file(room: Room, url: str) -> None:
    """A new SQLite file, whose group may work with it too; ``connect`` never makes one by accident."""
    path = _file_of(url)
    if path is None:
        return
    try:
        if not path.exists():
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.fchmod(file, room.mode)
            os.close(file)
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA journal_mode={room.journal}")
        finally:
            connection.close()
    except (OSError, sqlite3.Error):
        raise UserError(f"The file {path} cannot be made; check the folder's owner and the room on its disk.") from None


def _file_of(url: str) -> Path | None:
    parsed = sa.make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
