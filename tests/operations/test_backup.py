"""Backup and restore: everything comes back, or nothing is written."""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from screener import audit
from screener import db
from screener.auth.keys import load_desk_keys
from screener.db import connect
from screener.db import reading
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.operations import migrate
from screener.settings import Settings
from screener.submissions import inbox
from screener.worker.loop import Worker
from tests.support.archives import brought_back
from tests.support.archives import made
from tests.support.archives import rewritten
from tests.support.archives import unsealed
from tests.support.submissions import sealed

#: More than one batch of restoring.
MANY = 450


def contents(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the events that backup and restore add themselves."""
    found = {}
    for room in migrate.DATABASES:
        with reading(connect(migrate.database_url(room, settings), may="read")) as connection:
            for table in room.metadata.sorted_tables:
                rows = connection.execute(sa.select(table).order_by(*table.primary_key)).all()
                found[f"{room.name}.{table.name}"] = [
                    tuple(row)
                    for row in rows
                    if getattr(row, "action", "") not in {"cli:backup:made", "cli:store:restored"}
                ]
    return found


def lived_in(settings: Settings, *, forms: int = 3) -> Settings:
    load_desk_keys(settings.desk_keys)
    engine = connect(settings.inbox, may="write")
    for number in range(forms):
        inbox.add_submission(engine, sealed(number))
    Worker(settings).run_once()
    inbox.add_submission(engine, sealed(9999))
    return settings


@pytest.mark.slow
def test_everything_comes_back(any_deployment: Settings, any_empty_deployment: Settings, tmp_path: Path) -> None:
    archive = made(lived_in(any_deployment, forms=MANY), tmp_path / "all.screener")

    report = brought_back(any_empty_deployment, archive)

    assert report.submissions == MANY
    assert contents(any_empty_deployment) == contents(any_deployment)
    for path in (any_deployment.data / "keys").rglob("*"):
        if path.is_file():
            twin = any_empty_deployment.data / "keys" / path.relative_to(any_deployment.data / "keys")
            assert twin.read_bytes() == path.read_bytes()
            assert twin.stat().st_mode == path.stat().st_mode, path.name
            assert twin.parent.stat().st_mode == path.parent.stat().st_mode, path.parent.name
    with reading(connect(any_empty_deployment.store, may="read")) as connection:
        assert audit.verify(connection).whole
    assert Worker(any_empty_deployment).run_once() == 1


def test_an_archive_is_closed_to_others_and_replaces_nothing(deployment: Settings, tmp_path: Path) -> None:
    out = made(deployment, tmp_path / "all.screener")

    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(UserError, match="is already there"):
        made(deployment, out)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def without_a_member(path: Path) -> None:
    _rewritten(path, lambda name, data: None if name == "store/submission.jsonl" else data)


def with_a_row_less(path: Path) -> None:
    _rewritten(path, lambda name, data: data.split(b"\n", 1)[1] if name == "store/follow_up.jsonl" else data)


def of_another_version(path: Path) -> None:
    def changed(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return data
        return json.dumps({**json.loads(data), "heads": {"inbox": "x", "board": "x", "store": "x"}}).encode()

    _rewritten(path, changed)


def told(**changes: object) -> Callable[[Path], None]:
    """An archive whose manifest says something else."""

    def change(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return data
        manifest = {**json.loads(data), **changes}
        return json.dumps({key: value for key, value in manifest.items() if value is not None}).encode()

    return lambda path: _rewritten(path, change)


def with_a_line(line: bytes, member: str = "store/submission.jsonl") -> Callable[[Path], None]:
    """An archive whose manifest fits, and in which a table holds *line* instead of its first."""

    def harm(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            data = line + b"\n" + archive.read(member).split(b"\n", 1)[1]
            manifest = json.loads(archive.read("manifest.json"))
        manifest["members"][member] = hashlib.sha256(data).hexdigest()
        changed = {member: data, "manifest.json": json.dumps(manifest).encode()}
        _rewritten(path, changed.get)

    return harm


def flipped_in_the_directory(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] ^= 0xFF
    path.write_bytes(data)


def no_archive(path: Path) -> None:
    path.write_text("hello")


def _rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    path.write_bytes(rewritten(path.read_bytes(), change))


HARMS = {
    "cut": cut,
    "flipped": flipped,
    "directory flipped": flipped_in_the_directory,
    "without a member": without_a_member,
    "with a row less": with_a_row_less,
    "of another version": of_another_version,
    "no archive": no_archive,
    "without rows": told(rows=None),
    "without members": told(members=None),
    "without a date": told(made_at=None),
    "rows are a list": told(rows=[]),
    "other numbers": told(rows={"store.submission": 1}),
    "a line that is no row": with_a_line(b"{"),
    "a line with an unknown column": with_a_line(b'{"verdict": 1}'),
    "a line with a bad time": with_a_line(b'{"kept_at": "rubbish"}', "store/wording.jsonl"),
    "an event that was changed": with_a_line(b'{"seq": 1}', "store/audit_event.jsonl"),
}


def test_a_damaged_archive_of_an_earlier_release_is_refused_before_anything_is_written(
    deployment: Settings, empty_deployment: Settings, tmp_path: Path
) -> None:
    archive = unsealed(made(lived_in(deployment), tmp_path / "all.screener"))
    whole = archive.read_bytes()

    for name, harm in HARMS.items():
        archive.write_bytes(whole)
        harm(archive)
        with pytest.raises(UserError, match=r"backup|version"):
            brought_back(empty_deployment, archive)
        left = [path.name for path in empty_deployment.data.rglob("*") if path.is_file() and ".db" not in path.name]
        assert left == [], name
    archive.write_bytes(whole)
    brought_back(empty_deployment, archive)


def test_nothing_is_restored_over_what_is_there(deployment: Settings, tmp_path: Path) -> None:
    archive = made(lived_in(deployment), tmp_path / "all.screener")
    before = contents(deployment)

    with pytest.raises(UserError, match="not empty"):
        brought_back(deployment, archive)

    assert contents(deployment) == before


def test_a_missing_archive_gets_a_sentence(empty_deployment: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is missing"):
        brought_back(empty_deployment, tmp_path / "nothing")


def test_a_folder_that_is_not_there_gets_a_sentence(deployment: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        made(deployment, tmp_path / "nowhere" / "all.screener")


def test_a_backup_that_the_trail_cannot_tell_of_is_not_there(
    deployment: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "DATABASE_TIMEOUT_SECONDS", 0.2)
    other = sqlite3.connect(deployment.data / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(UnavailableError):
        made(deployment, tmp_path / "all.screener")

    other.close()
    assert not (tmp_path / "all.screener").exists()
    made(deployment, tmp_path / "all.screener")
    with reading(connect(deployment.store, may="read")) as connection:
        assert audit.has_event(connection, action="cli:backup:started", subject="")
        assert audit.has_event(connection, action="cli:backup:made", subject="")
