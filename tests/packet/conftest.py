"""Packets: one in a second for each test that needs no browser, and one with pictures and a PDF that tests share."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from screener.cli.main import run_command
from screener.settings import Settings
from tests.browser import chromium
from tests.support.study_folder import Folder

Command = Callable[..., tuple[int, str]]
LOCALE = "es"


@dataclass(frozen=True)
class Packet:
    """The two files of one packet."""

    html: str
    pdf: Path


def words_of(html: str) -> str:
    """All text of a packet, with one blank wherever there is any."""
    page = BeautifulSoup(html, "html.parser")
    for one in page.select("style"):
        one.decompose()
    return " ".join(page.get_text(" ").split())


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The study that comes with Screener, to be edited; there is no store and no browser."""
    shutil.copytree(Settings().study, tmp_path / "study")
    monkeypatch.setenv("SCREENER_STUDY", str(tmp_path / "study"))
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SCREENER_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return Folder(tmp_path / "study")


@pytest.fixture
def screener(study: Folder, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over *study*: gives the exit code and everything that was said."""
    capsys.readouterr()

    def command(*words: str) -> tuple[int, str]:
        code = run_command(words)
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


@pytest.fixture
def packet(screener: Command, tmp_path: Path) -> Callable[[str], str]:
    """Makes a packet without a browser, and gives its HTML."""

    def made(locale: str = "en") -> str:
        out = tmp_path / f"{locale}.html"
        code, said = screener("wording", "packet", "--locale", locale, "--out", str(out))
        assert code == 0, said
        return out.read_text(encoding="utf-8")

    return made


@pytest.fixture(scope="session")
def shipped_packet(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The packet of the shipped study in a locale, made once without a store and a browser, for tests that read it."""
    folder = tmp_path_factory.mktemp("shipped")

    @cache
    def made(locale: str) -> str:
        out = folder / f"{locale}.html"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCREENER_DATA", str(folder / "data"))
            patch.delenv("SCREENER_CHROMIUM", raising=False)
            patch.setenv("PATH", str(folder))
            assert run_command(["wording", "packet", "--locale", locale, "--out", str(out)]) == 0
        return out.read_text(encoding="utf-8")

    return made


@pytest.fixture(scope="session")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Packet:
    """A packet with pictures and a PDF, made once by a real browser."""
    folder, found = tmp_path_factory.mktemp("pictured"), chromium.find()
    out = folder / "packet.html"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**found.environment, "SCREENER_CHROMIUM": str(found.path)}.items():
            patch.setenv(name, value)
        patch.setenv("SCREENER_DATA", str(folder / "data"))
        assert run_command(["wording", "packet", "--locale", LOCALE, "--out", str(out)]) == 0
    return Packet(out.read_text(encoding="utf-8"), folder / "packet.pdf")
