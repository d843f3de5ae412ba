"""Write a backup archive (ZIP): inbox, board and store as JSON lines, keys and study as files.

Rows are portable: an archive made from SQLite can be restored into PostgreSQL and the other way round. The inbox is
read before the store: a submission that the worker moves in between is then in both, and is dropped by its id when it
is moved again; read the other way round it would be in neither. Boxes stay sealed, and private keys as encrypted as
their files.
"""

import hashlib
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import IO
from typing import Any

import sqlalchemy as sa

from screener import __version__
from screener import audit
from screener import clock
from screener import files
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.operations import migrate
from screener.settings import Settings

FORMAT = "screener backup 1"
MANIFEST = "manifest.json"
#: Rows in memory at a time.
BATCH = 200
Step = Callable[[int], object]


def count_rows(settings: Settings) -> dict[str, int]:
    """The number of rows of each database: the length of the way."""
    counts = {}
    for database in migrate.DATABASES:
        with reading(connect(migrate.database_url(database, settings), may="read")) as connection:
            counts[database.name] = sum(
                connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in database.metadata.sorted_tables
            )
    return counts


def write_backup_archive(settings: Settings, out: Path, *, account: str, step: Step) -> dict[str, int]:
    """Write the archive *out*; *step* hears each batch of rows. Returns rows by table.

    Raises *UserError* when *out* exists or cannot be written; then there is no half archive.
    """
    migrate.check_schema(settings)
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor=account, action="cli:backup:started", detail={"file": out.name})
    with files.write_errors(out, option="--out"), files.AtomicFile(out) as archive:
        rows = _write_members(settings, archive.file, account=account, step=step)
        archive.sync()
        archive.publish()
        with writing(connect(settings.store, may="write")) as connection:
            audit.record(connection, actor=account, action="cli:backup:made", detail={"rows": sum(rows.values())})
    return rows


def _write_members(settings: Settings, file: IO[bytes], *, account: str, step: Step) -> dict[str, int]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        members: dict[str, str] = {}
        rows: dict[str, int] = {}
        for database in migrate.DATABASES:
            with reading(connect(migrate.database_url(database, settings), may="read")) as connection:
                for table in database.metadata.sorted_tables:
                    counter = _RowCounter(step)
                    name = f"{database.name}/{table.name}.jsonl"
                    members[name] = _write_member(archive, name, _json_lines(connection, table, counter))
                    rows[f"{database.name}.{table.name}"] = counter.rows
        for name, path in _list_files(settings):
            members[name] = _write_member(archive, name, iter([path.read_bytes()]))
        manifest = {
            "format": FORMAT,
            "product": __version__,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "account": account,
            "heads": {database.name: migrate.head_revision(database) for database in migrate.DATABASES},
            "rows": rows,
            "members": members,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return rows


class _RowCounter:
    """Counts rows, and reports each batch to *step*."""

    def __init__(self, step: Step) -> None:
        self.rows = 0
        self._step = step

    def __call__(self, number: int) -> None:
        self.rows += number
        self._step(number)


def _json_lines(connection: sa.Connection, table: sa.Table, counter: _RowCounter) -> Iterator[bytes]:
    query = sa.select(table).order_by(*_order_by(table))
    with closing(connection.execute(query, execution_options={"yield_per": BATCH})) as found:
        for batch in found.mappings().partitions():
            for row in batch:
                fields = {name: _to_json_value(value) for name, value in row.items()}
                yield json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            counter(len(batch))


def _order_by(table: sa.Table) -> list[sa.Column[Any]]:
    """The order of arrival where there is one."""
    return [table.c.arrival] if "arrival" in table.c else list(table.primary_key)


def _to_json_value(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _write_member(archive: zipfile.ZipFile, name: str, parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:
        for part in parts:
            digest.update(part)
            member.write(part)
    return digest.hexdigest()


def _list_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every key file and every file of the study, with its name in the archive."""
    for folder, at in (("keys", settings.data / "keys"), ("study", settings.study)):
        for path in sorted(at.rglob("*")):
            if path.is_file():
                yield f"{folder}/{path.relative_to(at).as_posix()}", path
