"""Under its own name, a file is whole or absent."""

import os
from pathlib import Path

import pytest

from screener.errors import UserError
from screener.files import Landing


@pytest.fixture(params=["nameless", "named part"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a system that has nameless files, and on one that has none."""
    if request.param == "named part":
        monkeypatch.delattr(os, "O_TMPFILE")
    return tmp_path


def test_a_file_gets_its_name_when_it_is_whole_and_only_its_owner_may_read_it(folder: Path) -> None:
    path = folder / "interest.csv"

    with Landing(path) as landing:
        landing.file.write(b"whole")
        assert not path.exists()
        landing.settle()
        landing.land()

    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(folder) == ["interest.csv"]


def test_a_file_that_never_landed_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), Landing(folder / "interest.csv") as landing:
        landing.file.write(b"half")
        raise ZeroDivisionError

    assert os.listdir(folder) == []


def test_a_nameless_file_cannot_be_found_while_it_is_written(tmp_path: Path) -> None:
    with Landing(tmp_path / "interest.csv") as landing:
        landing.file.write(b"half")
        landing.settle()

        assert os.listdir(tmp_path) == []


def test_no_file_is_replaced(folder: Path) -> None:
    path = folder / "interest.csv"
    path.write_bytes(b"older")

    with pytest.raises(UserError, match="exists already"):
        Landing(path)

    assert path.read_bytes() == b"older"


def test_a_link_that_points_nowhere_is_a_name_that_is_taken(folder: Path) -> None:
    (folder / "interest.csv").symlink_to(folder / "elsewhere.csv")

    with pytest.raises(UserError, match="exists already"):
        Landing(folder / "interest.csv")


def test_a_file_that_appears_meanwhile_is_not_replaced(folder: Path) -> None:
    path = folder / "interest.csv"

    with Landing(path) as landing:
        path.write_bytes(b"theirs")
        with pytest.raises(UserError, match="appeared meanwhile"):
            landing.land()

    assert path.read_bytes() == b"theirs"
    assert os.listdir(folder) == ["interest.csv"]


def test_a_folder_that_is_absent_is_named(folder: Path) -> None:
    with pytest.raises(UserError, match="absent does not exist"):
        Landing(folder / "absent" / "interest.csv")
