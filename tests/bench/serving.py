"""The web: new visitors to sealed, durable sends, beside bare Flask, plain WSGI doing the same work, and bare commits.

All servers run at once under the product's own gunicorn settings, and take turns at being visited, so that a busy
minute of the machine hits all. What counts is the processor time of the server's processes for each visitor, from
``/proc``; rates are told too, but other work on the machine moves them.
"""

import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from screener.settings import ROOT
from screener.settings import Settings
from tests.bench import bare
from tests.bench import visitors
from tests.bench.measured import Figures
from tests.bench.measured import medians
from tests.bench.measured import table
from tests.bench.seeding import seed

TICK = os.sysconf("SC_CLK_TCK")
#: Processes that send visitors, and how many people each of them sends at once.
CROWDS, PEOPLE = 2, 4


@dataclass(frozen=True)
class Turn:
    """One server, and what is done to it."""

    server: str
    way: str


TURNS = (
    Turn("Screener", "get"),
    Turn("bare Flask hello", "get"),
    Turn("plain WSGI", "get"),
    Turn("Screener", "send"),
    Turn("plain WSGI", "send"),
    Turn("Screener", "check and send"),
    Turn("plain WSGI", "check and send"),
)
APPLICATIONS = {
    "Screener": "wsgi:public()",
    "bare Flask hello": "tests.bench.bare:hello()",
    "plain WSGI": "tests.bench.bare:plain()",
}


class Served:
    """An application under the shipped server settings, as processes of their own."""

    def __init__(self, application: str, settings: Settings, pages: Path) -> None:
        self._log = pages.with_name(f"{application.partition(':')[2]}.log")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = int(listener.getsockname()[1])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SCREENER_")}
        environment |= {"SCREENER_DATA": str(settings.data), "SCREENER_PUBLIC_PORT": str(self.port)}
        command = [sys.executable, "-m", "gunicorn", "--config", "python:screener.public_server", application]
        environment["BENCH_PAGES"] = str(pages)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                said = self._log.read_text(encoding="utf-8", errors="replace")
                raise click.ClickException(f"A server did not start: {said[-1000:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return bool(self.get("interest"))
        except OSError:
            return False

    def get(self, page: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/en/{page}", timeout=10) as answer:
            return bytes(answer.read())

    def post(self, page: str, body: bytes) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/en/{page}", body, timeout=10) as answer:
            return bytes(answer.read())

    def cpu(self) -> float:
        """Processor seconds of the server and its workers so far."""
        return sum(_cpu_of(pid) for pid in (self._process.pid, *_children_of(self._process.pid)))

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()


def _cpu_of(pid: int) -> float:
    user, system = _stat(pid)[11:13]
    return (int(user) + int(system)) / TICK


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def run(rounds: int, seconds: float) -> str:
    """Measure, and tell it as a table of medians and one of ratios."""
    runs: dict[Turn, list[Figures]] = {turn: [] for turn in TURNS}
    commits: list[Figures] = []
    with _all_served() as (servers, data):
        turns = [turn for _ in range(rounds) for turn in (*TURNS, None)]
        with click.progressbar(turns, label="Visiting", file=sys.stderr) as bar:
            for turn in bar:
                if turn is None:
                    commits.append(_commits(data, seconds))
                else:
                    runs[turn].append(_visited(servers[turn.server], turn.way, seconds))
        _refuse_losses(data, runs)
    return _told({turn: medians(figures) for turn, figures in runs.items()}, medians(commits), rounds)


@contextmanager
def _all_served() -> Iterator[tuple[dict[str, Served], Path]]:
    """The product first: its pages are what the others answer with."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ways_out:
        settings, pages = Settings(data=Path(folder) / "data"), Path(folder) / "pages"
        pages.mkdir()
        seed(settings, 0)
        bare.open_plain_inbox(settings.data).close()
        servers = {}
        for name, application in APPLICATIONS.items():
            servers[name] = Served(application, settings, pages)
            ways_out.callback(servers[name].stop)
            if name == "Screener":
                _fetch_pages(servers[name], pages)
        yield servers, settings.data


def _fetch_pages(product: Served, pages: Path) -> None:
    """The form's page and the received page, each with a gap for what differs."""
    interest = product.get("interest")
    token = visitors.TOKEN.search(interest)
    if token is None:
        raise click.ClickException("The form is closed, or its page carries no token.")
    received = product.post("received", visitors.body_of(0) + b"&token=" + token[1])
    (pages / "interest.html").write_bytes(interest.replace(token[1], bare.GAP))
    (pages / "received.html").write_bytes(visitors.REFERENCE.sub(bare.GAP, received, count=1))


def _visited(server: Served, way: str, seconds: float) -> Figures:
    before = server.cpu()
    command = [sys.executable, "-m", "tests.bench.visitors", str(server.port), way, str(seconds), str(PEOPLE)]
    crowds = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(CROWDS)]
    told = [json.loads(crowd.communicate()[0]) for crowd in crowds]
    done = sum(each["done"] for each in told)
    if failed := sum(each["failed"] for each in told):
        raise click.ClickException(f"{failed} of {done + failed} visitors did not get what they came for ({way}).")
    waits = sorted(wait for each in told for wait in each["waits"])
    return {
        "rate": done / seconds,
        "cpu": 1000 * (server.cpu() - before) / done,
        "p50": 1000 * statistics.median(waits),
        "p99": 1000 * waits[int(len(waits) * 0.99)],
        "done": done,
    }


def _commits(data: Path, seconds: float) -> Figures:
    """One process that does nothing but durable inserts of the size of a submission."""
    store = bare.open_plain_inbox(data.parent)
    waits, row = [], os.urandom(2300)
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        store.execute("INSERT INTO inbox VALUES (?, ?, ?, ?)", (os.urandom(32), "", row, row))
        waits.append(time.perf_counter() - began)
    store.close()
    waits.sort()
    p50, p99 = (1000 * waits[int(len(waits) * part)] for part in (0.5, 0.99))
    return {"rate": len(waits) / seconds, "p50": p50, "p99": p99}


def _refuse_losses(data: Path, runs: dict[Turn, list[Figures]]) -> None:
    """Figures of a server that lost a send, or kept one twice, are worth nothing."""
    for server, file, fetched in (("Screener", "inbox.db", 1), ("plain WSGI", "plain.db", 0)):
        said = sum(
            run["done"] for turn, each in runs.items() for run in each if turn.server == server and turn.way != "get"
        )
        store = sqlite3.connect(data / file)
        (kept,) = store.execute("SELECT count(*) FROM inbox").fetchone()
        store.close()
        if kept != said + fetched:
            raise click.ClickException(f"{server} acknowledged {said + fetched:.0f} sends and kept {kept}.")


def _told(found: dict[Turn, dict[str, float]], commits: dict[str, float], rounds: int) -> str:
    lines = [
        [
            f"{turn.server}: {turn.way}",
            f"{each['rate']:,.0f}",
            f"{each['cpu']:.2f}",
            f"{each['p50']:.1f}",
            f"{each['p99']:.1f}",
        ]
        for turn, each in found.items()
    ]
    lines.append(
        ["bare SQLite commit", f"{commits['rate']:,.0f}", "", f"{commits['p50']:.1f}", f"{commits['p99']:.1f}"]
    )
    title = f"New visitors, {CROWDS * PEOPLE} at once, medians of {rounds} interleaved runs"
    columns = ["", "a second", "server CPU ms", "p50 ms", "p99 ms"]
    return "\n".join([table(title, columns, lines), table("Ratios", ["", "measured", "aim"], _ratios(found, commits))])


def _ratios(found: dict[Turn, dict[str, float]], commits: dict[str, float]) -> list[list[str]]:
    def ratio(way: str, figure: str, yardstick: str) -> str:
        return f"{found[Turn('Screener', way)][figure] / found[Turn(yardstick, way)][figure]:.2f}"

    return [
        ["GET: CPU, Screener : Flask hello", ratio("get", "cpu", "bare Flask hello"), "<= 2"],
        ["send: rate, Screener : plain WSGI", ratio("send", "rate", "plain WSGI"), ">= 0.5"],
        ["send: CPU, Screener : plain WSGI", ratio("send", "cpu", "plain WSGI"), ""],
        ["send: p99, Screener : plain WSGI", ratio("send", "p99", "plain WSGI"), ""],
        ["check and send: rate, Screener : plain WSGI", ratio("check and send", "rate", "plain WSGI"), ""],
        ["sends, Screener : bare commits", f"{found[Turn('Screener', 'send')]['rate'] / commits['rate']:.2f}", ""],
    ]
