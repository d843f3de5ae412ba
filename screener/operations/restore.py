"""Restore a backup archive into an empty deployment, after every member of it was checked.

Each database is loaded in one transaction, the store last, and its audit trail is verified before it is committed. A
restore that fails leaves the deployment empty again.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from datetime import datetime
from pathlib import Path
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.db import UtcDateTime
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.operations import migrate
from screener.operations.backup import BATCH
from screener.operations.backup import FORMAT
from screener.operations.backup import MANIFEST
from screener.operations.backup import Step
from screener.operations.migrate import Database
from screener.sealing.key_file import FILE_MODES
from screener.sealing.key_file import FOLDER_MODES
from screener.settings import Settings

_CHUNK = 1 << 20
#: What reading a file raises that is no archive of ours, or one that somebody changed.
_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    LookupError,
    AttributeError,
    ValueError,
    TypeError,
    sa.exc.IntegrityError,
    sa.exc.StatementError,
)


def count_archived_rows(source: Path) -> int:
    """The number of rows that *source* says it holds. Raises *UserError* when it is no archive of ours."""
    with _open_archive(source) as archive:
        return sum(_read_manifest(archive, source)["rows"].values())


def restore_backup(settings: Settings, source: Path, *, account: str, step: Step) -> str:
    """Load *source* into the empty deployment of *settings*; *step* hears each batch of rows. Returns what was done.

    Raises *UserError* when the archive is cut or damaged, or the deployment is not empty; then what was written is
    taken away again.
    """
    with _open_archive(source) as archive:
        manifest = _read_manifest(archive, source)
        _check_members(archive, manifest, source)
        migrate.migrate_all(settings)
        _check_empty(settings)
        with _undo_on_failure(settings):
            study = _write_files(archive, manifest, settings)
            for database in migrate.DATABASES:
                with writing(connect(migrate.database_url(database, settings), may="write")) as connection:
                    _load_tables(connection, archive, database, manifest["rows"], step)
                    if database is migrate.STORE:
                        _verify_audit_trail(connection)
                        detail = {"made_at": str(manifest["made_at"])}
                        audit.record(connection, actor=account, action="cli:store:restored", detail=detail)
    total = manifest["rows"]["store.submission"]
    return f"Restored {total} submissions, the audit trail is whole.{study}"


@contextmanager
def _undo_on_failure(settings: Settings) -> Iterator[None]:
    """The deployment was empty before; the store, which is last, is loaded whole or not at all."""
    try:
        yield
    except BaseException:
        for folder in ("keys", "study"):
            shutil.rmtree(settings.data / folder, ignore_errors=True)
        for database in (migrate.INBOX, migrate.BOARD):
            with writing(connect(migrate.database_url(database, settings), may="write")) as connection:
                for table in reversed(database.metadata.sorted_tables):
                    connection.execute(sa.delete(table))
        raise


@contextmanager
def _open_archive(source: Path) -> Iterator[zipfile.ZipFile]:
    if source.exists() and not source.is_file():
        raise UserError(f"{source} is no file; give the path of an archive that `screener backup` wrote.")
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except FileNotFoundError:
        raise UserError(f"{source} is missing; give the path of an archive that `screener backup` wrote.") from None
    except _DAMAGED:
        raise UserError(f"{source} is cut or damaged, or no archive of ours; use another backup file.") from None
    except OSError as error:
        raise UserError(f"{source} could not be restored ({error.strerror}); check file and folders.") from None


def _read_manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        heads = manifest["heads"]
        if manifest["format"] != FORMAT or set(heads) != {database.name for database in migrate.DATABASES}:
            raise KeyError
    except (KeyError, ValueError, TypeError):
        raise UserError(
            f"{source} is no archive of ours, or its manifest is damaged; use another backup file."
        ) from None
    for database in migrate.DATABASES:
        if heads[database.name] != migrate.head_revision(database):
            raise UserError(
                f"{source} was made by another version ({manifest.get('product')}); restore it with that one."
            )
    return manifest


def _check_members(archive: zipfile.ZipFile, manifest: dict[str, Any], source: Path) -> None:
    """Every member is there, whole, and nothing else is."""
    if set(archive.namelist()) != {*manifest["members"], MANIFEST}:
        raise UserError(f"{source} has lost or gained members; use another backup file.")
    for name, expected in manifest["members"].items():
        digest = hashlib.sha256()
        with archive.open(name) as member:
            while part := member.read(_CHUNK):
                digest.update(part)
        if digest.hexdigest() != expected:
            raise UserError(f"{source} is damaged in {name}; use another backup file.")


def _check_empty(settings: Settings) -> None:
    occupied = [database.name for database in migrate.DATABASES if _has_rows(database, settings)]
    occupied += ["key folder"] if any((settings.data / "keys").rglob("*.*")) else []
    if occupied:
        raise UserError(
            f"This deployment is not empty ({', '.join(occupied)}). Restore into an empty one: name a new folder with "
            "SCREENER_DATA, or empty databases."
        )


def _has_rows(database: Database, settings: Settings) -> bool:
    with reading(connect(migrate.database_url(database, settings), may="read")) as connection:
        return any(connection.execute(sa.select(table).limit(1)).first() for table in database.metadata.sorted_tables)


def _owner_only_mode(folder: str, mode: int) -> int:
    """*mode* for the study; keys that say nothing else of themselves (the desk's) are for their user only."""
    return mode & 0o700 if folder == "keys" else mode


def _write_files(archive: zipfile.ZipFile, manifest: dict[str, Any], settings: Settings) -> str:
    """Keys into their folders, the study into the data folder; returns what to say about the study."""
    for name in manifest["members"]:
        folder, *rest = PurePosixPath(name).parts
        if folder not in {"keys", "study"} or ".." in rest:
            continue
        path = settings.data.joinpath(folder, *rest)
        kind = path.parent.name if folder == "keys" else ""
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
            path.parent.chmod(FOLDER_MODES.get(kind, _owner_only_mode(folder, 0o755)))
        mode = FILE_MODES.get(kind, _owner_only_mode(folder, 0o644))
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(archive.read(name))
            os.fsync(file.fileno())
    restored = settings.data / "study"
    same = all(
        (settings.study / path.name).is_file() and (settings.study / path.name).read_bytes() == path.read_bytes()
        for path in restored.iterdir()
    )
    return "" if same else f" The study is in {restored}; set SCREENER_STUDY to it."


def _load_tables(
    connection: sa.Connection, archive: zipfile.ZipFile, database: Database, expected: dict[str, int], step: Step
) -> None:
    for table in database.metadata.sorted_tables:
        loaded = 0
        for batch in _read_rows(archive, f"{database.name}/{table.name}.jsonl", table):
            connection.execute(sa.insert(table), batch)
            loaded += len(batch)
            step(len(batch))
        if loaded != expected[f"{database.name}.{table.name}"]:
            raise UserError(f"{table.name} has {loaded} rows and the manifest says otherwise; nothing of it was kept.")


def _verify_audit_trail(connection: sa.Connection) -> None:
    verdict = audit.verify(connection)
    if not verdict.whole:
        raise UserError(
            f"The archive's audit trail is not whole at event {verdict.first_bad}; the store was not restored."
        )


def _read_rows(archive: zipfile.ZipFile, name: str, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    with archive.open(name) as member:
        for line in member:
            batch.append(
                {column: _from_json_value(table.c[column], value) for column, value in json.loads(line).items()}
            )
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _from_json_value(column: sa.Column[Any], value: Any) -> Any:
    """What JSON made of a value, as the column takes it."""
    if value is None:
        return None
    if isinstance(column.type, sa.LargeBinary):
        return b64decode(value)
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) else value
