"""A file is complete under its own name, or absent; a lock is held by one."""

import errno
import os
from pathlib import Path

import pytest

from screener import files
from screener.errors import UserError
from screener.files import AtomicFile


@pytest.fixture(params=["nameless", "named part"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a system that has nameless files, and on one that has none."""
    if request.param == "named part":
        monkeypatch.delattr(os, "O_TMPFILE")
    return tmp_path


def test_a_file_gets_its_name_when_it_is_whole_and_only_its_owner_may_read_it(folder: Path) -> None:
    path = folder / "interest.csv"

    with AtomicFile(path) as new:
        new.file.write(b"whole")
        assert not path.exists()
        new.sync()
        new.publish()

    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(folder) == ["interest.csv"]


def test_a_file_that_never_landed_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), AtomicFile(folder / "interest.csv") as new:
        new.file.write(b"half")
        raise ZeroDivisionError

    assert os.listdir(folder) == []


def test_a_nameless_file_cannot_be_found_while_it_is_written(tmp_path: Path) -> None:
    with AtomicFile(tmp_path / "interest.csv") as new:
        new.file.write(b"half")
        new.sync()

        assert os.listdir(tmp_path) == []


def test_no_file_is_replaced(folder: Path) -> None:
    path = folder / "interest.csv"
    path.write_bytes(b"older")

    with pytest.raises(FileExistsError):
        AtomicFile(path)

    assert path.read_bytes() == b"older"


def test_a_link_that_points_nowhere_is_a_name_that_is_taken(folder: Path) -> None:
    (folder / "interest.csv").symlink_to(folder / "elsewhere.csv")

    with pytest.raises(FileExistsError):
        AtomicFile(folder / "interest.csv")


def test_a_file_that_appears_meanwhile_is_not_replaced(folder: Path) -> None:
    path = folder / "interest.csv"

    with AtomicFile(path) as new:
        path.write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            new.publish()

    assert path.read_bytes() == b"theirs"
    assert os.listdir(folder) == ["interest.csv"]


def test_a_folder_that_is_absent_is_named(folder: Path) -> None:
    with (
        pytest.raises(UserError, match="absent does not exist"),
        files.write_errors(folder / "absent" / "interest.csv"),
    ):
        AtomicFile(folder / "absent" / "interest.csv")


@pytest.mark.parametrize("number", [errno.EEXIST, errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_write_error_says_what_to_do_next_and_names_the_option(tmp_path: Path, number: int) -> None:
    with (
        pytest.raises(UserError, match=r"; .*|\. .*") as raised,
        files.write_errors(tmp_path / "a.csv", option="--out"),
    ):
        raise OSError(number, os.strerror(number))

    assert str(raised.value).endswith("or choose another place with --out.")


def test_a_lock_is_held_by_one_and_waited_for_no_longer_than_asked(tmp_path: Path) -> None:
    def open_lock() -> int:
        return os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    first, second = open_lock(), open_lock()
    with files.exclusive_lock(first), pytest.raises(files.LockTimeout), files.exclusive_lock(second, timeout=0.01):
        pytest.fail("two held it")
    with files.exclusive_lock(open_lock()):
        pass
