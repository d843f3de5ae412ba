"""Copies of the study that comes with Screener, for tests to spoil."""

import shutil
from pathlib import Path

import pytest

from screener.settings import Settings
from tests.support.study_folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """In English alone, so that what a test says of its languages is all that there is to say."""
    shipped = Settings().study
    shutil.copytree(shipped, tmp_path / "study", ignore=shutil.ignore_patterns("wording.*", "translated.*"))
    shutil.copy(shipped / "wording.en.toml", tmp_path / "study")
    return Folder(tmp_path / "study")


@pytest.fixture
def whole_folder(tmp_path: Path) -> Folder:
    """In every language that is shipped."""
    shutil.copytree(Settings().study, tmp_path / "whole")
    return Folder(tmp_path / "whole")
