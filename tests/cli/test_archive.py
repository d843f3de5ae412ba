"""``screener backup``, ``restore`` and ``keys recovery``, as an operator meets them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from screener import audit
from screener.cli.main import run_command
from screener.db import connect
from screener.db import reading
from screener.sealing import protection
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.settings import Settings
from screener.submissions import inbox
from screener.worker.loop import Worker
from tests.support.submissions import sealed

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def screener(deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over a deployment whose keys have a passphrase."""
    monkeypatch.setitem(protection.STRETCH, "memory_kib", 1024)
    for path in (deployment.data / "keys").glob("*/*"):
        path.unlink()
    create_keys(
        KeyFolders(deployment.public_keys, deployment.private_keys, deployment.form_keys), passphrase=b"the first one"
    )
    inbox.add_submission(connect(deployment.inbox, may="write"), sealed())
    Worker(deployment).run_once()
    monkeypatch.setenv("SCREENER_DATA", str(deployment.data))
    monkeypatch.setenv("SCREENER_KEY_PASSPHRASE", "the first one")

    def command(*words: str | Path) -> tuple[int, str]:
        capsys.readouterr()
        code = run_command([str(word) for word in words])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return command


def events(settings: Settings) -> list[str]:
    with reading(connect(settings.store, may="read")) as connection:
        return list(connection.scalars(sa.select(audit.EVENTS.c.action).order_by(audit.EVENTS.c.seq)))


def names(folder: Path) -> list[Path]:
    """Every file, apart from those that SQLite makes and removes as it works."""
    return sorted(path for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm", ".lock")))


def test_the_recovery_key_is_made_tried_and_used(
    screener: Command, deployment: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, key = tmp_path / "all.screener", tmp_path / "recovery"
    assert "Make a recovery key" in screener("backup", "--out", tmp_path / "before.screener")[1]

    code, told = screener("keys", "recovery", "--out", key)
    assert code == 0, told
    assert "two locked places" in told
    assert key.stat().st_mode & 0o077 == 0
    assert "and the recovery key" in screener("backup", "--out", archive)[1]
    before = names(deployment.data)
    code, told = screener("restore", archive, "--drill", "--recovery-key", key)
    assert code == 0, told
    assert "its keys open what was sealed before" in told
    assert screener("restore", archive, "--drill")[0] == 0
    assert events(deployment)[-2:] == ["cli:backup:tried", "cli:backup:tried"]
    assert names(deployment.data) == before

    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "new"))
    monkeypatch.setenv("SCREENER_KEY_PASSPHRASE", "the second one")
    code, told = screener("restore", archive)
    assert (code, "does not open" in told) == (2, True)
    code, told = screener("restore", archive, "--recovery-key", key)
    assert code == 0, told
    assert "Restored 1 submissions, the audit trail is whole" in told
    code, told = screener("keys", "prove")
    assert code == 0, told


def test_an_archive_that_does_not_restore_is_no_drill(screener: Command, deployment: Settings, tmp_path: Path) -> None:
    archive = tmp_path / "all.screener"
    assert screener("backup", "--out", archive)[0] == 0
    archive.write_bytes(archive.read_bytes()[:-1])

    code, told = screener("restore", archive, "--drill")

    assert (code, "not signed" in told or "changed" in told) == (2, True)
    assert "cli:backup:tried" not in events(deployment)
    assert not list(deployment.data.glob(".drill-*"))


def test_the_trail_is_exported_and_says_where_it_ends(screener: Command, tmp_path: Path) -> None:
    assert "SCREENER_AUDIT_FOLDER" in screener("audit", "export")[1]
    (tmp_path / "trail").mkdir()

    code, told = screener("audit", "export", "--to", tmp_path / "trail")

    assert code == 0, told
    head = (tmp_path / "trail" / "audit.head").read_text().strip()
    assert f"head {head}" in told
    assert screener("audit", "verify", "--anchor", head)[0] == 0


def test_a_key_backup_has_the_signing_key_and_the_recovery_recipient(
    screener: Command, deployment: Settings, tmp_path: Path
) -> None:
    assert screener("keys", "recovery", "--out", tmp_path / "recovery")[0] == 0
    assert screener("keys", "backup", "--out", tmp_path / "keys.backup")[0] == 0
    lost = [deployment.private_keys / "archive-signing.private", deployment.public_keys / "recovery.public"]
    before = [path.read_bytes() for path in lost]
    for path in lost:
        path.unlink()

    assert screener("keys", "restore", tmp_path / "keys.backup")[0] == 0

    assert [path.read_bytes() for path in lost] == before
