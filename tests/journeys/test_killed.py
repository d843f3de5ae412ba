"""Nothing acknowledged is lost, nothing is there twice, however the processes die.

Four people write at once, through a line that sometimes cuts the answer. Meanwhile the public process and the worker
are killed (SIGKILL), again and again. Whoever got no answer sends the same page again, as people do.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest

from tests.conftest import started
from tests.journeys.cutter import Cutter
from tests.support.deployment import Postgres
from tests.support.http_client import HttpClient
from tests.support.http_client import Unanswered
from tests.support.server import Server

PEOPLE = 4


@dataclass
class Crowd:
    """People who write one submission after another until they are told to stop."""

    port: int
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    def writes(self, number: int) -> None:
        round_ = 0
        while not self.stop.is_set():
            round_ += 1
            name = f"Invented HttpClient {number}-{round_}"
            reference = self._sends(name)
            if reference:
                self.acknowledged.append((name, reference))
            else:
                self.unfinished.append(name)

    def waits_for(self, answers: int) -> None:
        """Return when so many submissions were answered, however slow the machine is; otherwise the test says so."""
        until = time.monotonic() + 300
        while len(self.acknowledged) < answers and time.monotonic() < until:
            time.sleep(0.1)

    def _sends(self, name: str) -> str:
        """One submission, the same page sent until it is answered; empty when told to stop before that."""
        person = HttpClient(self.port)
        until = time.monotonic() + 300
        while time.monotonic() < until:
            try:
                return person.tells_the_site(name_pref=name, email="invented@example.org")
            except Unanswered:
                if self.stop.is_set():
                    return ""
                time.sleep(0.05)
        raise AssertionError("the public process did not answer")


@pytest.fixture
def killed_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A deployment whose inbox, board and store are on the database that the test names."""
    settings = {}
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.new())
        settings = {f"SCREENER_{name}_URL": url for name in ("INBOX", "BOARD", "DATABASE")}
    yield from started(tmp_path / "served", **settings)


@pytest.mark.parametrize(
    ("killed_server", "kills"),
    [
        ("sqlite", 8),
        pytest.param("sqlite", 100, marks=pytest.mark.release),
        pytest.param("postgresql", 100, marks=pytest.mark.release),
    ],
    indirect=["killed_server"],
)
def test_every_acknowledged_reference_is_kept_once_through_kills(killed_server: Server, kills: int) -> None:
    server = killed_server
    with Cutter(server.port, every=7, seed=7) as line:
        crowd = Crowd(line.port)
        people = [threading.Thread(target=crowd.writes, args=(number,)) for number in range(PEOPLE)]
        for person in people:
            person.start()
        for kill in range(kills):
            time.sleep(0.4)
            (server.kill_public if kill % 2 else server.kill_worker)()
            time.sleep(0.1)
            (server.start_public if kill % 2 else server.start_worker)()
        crowd.waits_for(PEOPLE + 1)
        crowd.stop.set()
        for person in people:
            person.join(timeout=300)
        server.wait_until_moved()

    rows = server.exported()
    kept = [row["reference"] for row in rows]
    shown = {reference for _, reference in crowd.acknowledged}
    assert len(crowd.acknowledged) > PEOPLE, "the crowd hardly wrote anything; the test would prove nothing"
    assert line.cut > 0
    assert len(kept) == len(set(kept))
    assert shown <= set(kept)
    assert {row["name_pref"] for row in rows} <= {name for name, _ in crowd.acknowledged} | set(crowd.unfinished)
    assert [int(row["arrival"]) for row in rows] == list(range(1, len(rows) + 1))
    assert "whole" in server.screener("audit", "verify").stdout
