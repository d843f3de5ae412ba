"""A copy of the study that comes with Screener, for tests to spoil."""

import shutil
from pathlib import Path

import pytest

from screener.settings import Settings
from tests.study.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    shipped = Settings().study
    shutil.copytree(shipped, tmp_path / "study")
    return Folder(tmp_path / "study")
