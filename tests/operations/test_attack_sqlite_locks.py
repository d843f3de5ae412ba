"""Who may not write a SQLite database cannot stop those who may."""

import fcntl
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from screener import db
from screener.board import board
from screener.operations.migrate import migrate_all
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.keys import rotate_form_key
from screener.settings import Settings
from screener.submissions import inbox
from screener.worker.loop import Worker
from tests.support.other_user import IS_ROOT
from tests.support.other_user import STORE_GROUP
from tests.support.other_user import acting_as_nobody
from tests.support.other_user import give
from tests.support.other_user import open_folder
from tests.support.submissions import sealed

NAMES = ("inbox", "board", "store")


def mode_of(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def test_only_writers_can_open_a_lock_file_also_one_of_the_release_before(deployment: Settings) -> None:
    left = deployment.data / "board.db.lock"
    left.chmod(0o664)

    migrate_all(deployment)

    assert {name: mode_of(deployment.data / f"{name}.db.lock") for name in NAMES} == dict.fromkeys(NAMES, "660")
    left.unlink()
    with db.writing(db.connect(deployment.board, may="write")):
        assert mode_of(left) == "660"


def test_a_reader_of_the_board_cannot_take_the_lock_of_its_writers() -> None:
    with open_folder() as folder:
        settings = Settings(data=folder / "data")
        migrate_all(settings)
        (folder / "data").chmod(0o755)
        lock = folder / "data" / "board.db.lock"

        with acting_as_nobody():
            assert board.read_board(db.connect(settings.board, may="read")).heartbeat_at is None
            if IS_ROOT:
                with pytest.raises(PermissionError):
                    os.open(lock, os.O_RDONLY)
        assert lock.stat().st_mode & 0o007 == 0


def test_the_lock_of_the_inbox_is_its_group_s_and_the_store_s_is_not() -> None:
    with open_folder() as folder:
        settings = Settings(data=folder / "data")
        migrate_all(settings)
        (folder / "data").chmod(0o755)
        give(folder / "data" / "inbox.db", group=STORE_GROUP, mode=0o660)
        migrate_all(settings)

        with acting_as_nobody(STORE_GROUP):
            os.close(os.open(folder / "data" / "inbox.db.lock", os.O_RDWR))
            if IS_ROOT:
                with pytest.raises(PermissionError):
                    os.open(folder / "data" / "store.db.lock", os.O_RDONLY)


def test_a_reader_who_holds_the_board_stops_neither_the_inbox_nor_the_store(
    deployment: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself makes a writer of the board wait for its readers; nothing else waits with it."""
    monkeypatch.setattr(db, "DATABASE_TIMEOUT_SECONDS", 0.1)
    inbox.add_submission(db.connect(deployment.inbox, may="add"), sealed())
    worker = Worker(deployment)
    with db.connect(deployment.board, may="read").connect() as reader:
        reader.execute(sa.select(board.HEARTBEAT)).all()

        worker.run_due_jobs()

    assert worker.context.moved == 1


def test_a_public_process_that_locks_the_folder_of_the_form_key_stops_no_rotation(tmp_path: Path) -> None:
    folders = KeyFolders(tmp_path / "public", tmp_path / "private", tmp_path / "form")
    create_keys(folders, passphrase=None)
    held = os.open(folders.form, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)

    assert rotate_form_key(folders).key

    os.close(held)
