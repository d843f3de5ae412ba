"""Copies of the study that comes with Screener, for tests to edit as a site would, and what the site then reads."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from screener.errors import UserError
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import Study
from screener.study.wording import Wording


@dataclass(frozen=True)
class Folder:
    """A study folder that a test may edit as a person would."""

    path: Path

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the first *old* in the file *name* to *new*; an *old* that is not there fails the test."""
        file = self.path / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def study(self) -> Study:
        return load_study(self.path)

    def wording(self, locale: str = "en") -> Wording:
        return load_wording(self.path, self.study(), locale)


def refusal(load: Callable[[], object]) -> str:
    """What the person at the command line reads when *load* refuses."""
    with pytest.raises(UserError) as caught:
        load()
    return str(caught.value)


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
