"""What all tests stand on. The fixtures are in ``support.deployment``, ``browser.fixtures`` and here.

A skipped test proves nothing and looks like a passed one, so on a build machine (``CI``) it fails.
"""

import os
import re
import shutil
from collections.abc import Generator
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from xdist.scheduler import LoadGroupScheduling

from screener.auth import flask_security
from screener.logs import LogFormatter
from screener.public_app import create_public_app
from screener.settings import Settings
from tests.support.one_writer import broken_versions
from tests.support.page_rules import RuledClient
from tests.support.server import ROOT
from tests.support.server import Server
from tests.support.tiers import mark_tiers

#: A folder in memory, where a flush costs nothing; and how many bytes must be free there for the tests to use it.
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # noqa: S108 - pytest makes a folder of its own in it
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

#: How a file says that its tests share something that takes long to make.
GROUP = re.compile(r"^pytestmark = pytest\.mark\.xdist_group\(\"(.+)\"\)$", re.MULTILINE)

pytest_plugins = ("tests.browser.fixtures", "tests.support.deployment", "tests.support.study_folder")

Flask.test_client_class = RuledClient


@pytest.fixture
def public(deployment: Settings) -> Flask:
    """The public application over *deployment*, as a WSGI server loads it."""
    return create_public_app(deployment)


@pytest.fixture
def shipped_passwords() -> None:
    """For a test that is about how long a guess takes: passwords are stretched as they are shipped."""


@pytest.fixture(autouse=True)
def _log_lines_as_shipped(caplog: pytest.LogCaptureFixture) -> None:
    """``caplog.text`` reads as the log of a deployment does."""
    caplog.handler.setFormatter(LogFormatter(as_json=False))


@pytest.fixture(autouse=True)
def _light_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everywhere else passwords are stretched a little only, because hundreds of tests sign somebody in."""
    if "shipped_passwords" not in request.fixturenames:
        light = {**flask_security.ARGON2_OPTIONS, "argon2__memory_cost": 64, "argon2__rounds": 1}
        monkeypatch.setattr(flask_security, "ARGON2_OPTIONS", light)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The shipped server with its worker, over a data folder of its own, set up as ``make run`` does it."""
    yield from started(tmp_path / "served")


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that tests share, for those that know their own submission by its reference."""
    yield from started(tmp_path_factory.mktemp("shared") / "served")


def started(data: Path, **settings: str) -> Iterator[Server]:
    """The shipped server over *data* with *settings*, and the law of the one writer at its end."""
    data.mkdir()
    server = Server(data, **settings)
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.stop()
    url = server.environment.get("SCREENER_DATABASE_URL", "")
    assert not (broken := broken_versions(Settings(data=data, database_url=url))), broken


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_tiers(items)


class Grouped(LoadGroupScheduling):
    """Keeps the tests of one group in one worker.

    xdist 3.8 writes the group of a test into its name, where pytest 9.2 does not look any more, and so it groups none.
    Until it does again, the group is read from the file.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0]) or nodeid


@cache
def group_of(path: str) -> str:
    found = GROUP.search((ROOT / path).read_text(encoding="utf-8"))
    return found.group(1) if found else ""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Grouped:
    return Grouped(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and a build skips nothing."
