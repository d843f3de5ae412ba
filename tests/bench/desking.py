"""The desk's pages in a full store: milliseconds each, beside the bare statement that finds the same fifty rows.

The pages are drawn by the real application in this process, without a server and a line between: what is measured is
the desk's own work. A record opens one box and writes one event to the disk, so beside it stands that same write.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from flask.testing import FlaskClient

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.desk import queue
from screener.follow_up.models import FollowUp
from screener.settings import ROOT
from screener.settings import Settings
from screener.submissions.models import Submission
from tests.bench.measured import table
from tests.bench.seeding import seed
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

STORES = ROOT / "build" / "bench"
BARE = (
    "SELECT reference, received_at, state, next_action_at, attempts FROM follow_up "
    "JOIN submission ON submission.id = submission_id WHERE ended_at IS NULL AND next_action_at <= ? "
    "ORDER BY next_action_at, attempts, follow_up.arrival LIMIT 51"
)


def run(rows: int, rounds: int) -> str:
    """Measure a store of so many submissions, and tell it as a table."""
    settings = _store_of(rows)
    desk = DeskApp(settings)
    desk.app.test_client_class = FlaskClient  # the tests' own also reads each page for faults
    try:
        user = desk.hires(f"Bench {uuid.uuid4().hex}")
        lines = [[name, *_figures(times)] for name, times in _measured(desk, user, rounds).items()]
    finally:
        desk.close()
    return table(f"The desk over {rows:,} submissions, {rounds} visits each", ["", "p50 ms", "p99 ms"], lines)


def _measured(desk: DeskApp, user: DeskUser, rounds: int) -> dict[str, list[float]]:
    """Visits of all kinds, taking turns."""
    store = desk.store
    with reading(store) as connection:
        some = connection.scalars(sa.select(Submission.reference).order_by(Submission.id).limit(rounds)).all()
        deep = queue.list_follow_ups(connection, "due", account="", now=clock.now())
    references = iter(some)
    plain = sqlite3.connect(desk.settings.data / "store.db")
    visits: dict[str, Callable[[], object]] = {
        **{f"queue, {show}": lambda show=show: _opens(user, f"/queue?show={show}") for show in queue.LISTS},  # type: ignore[misc]
        "queue, next page": lambda: _opens(user, f"/queue?show=due&after={deep.after}"),
        "record": lambda: _opens(user, f"/record/{next(references)}"),
        "bare statement, fifty due": lambda: plain.execute(BARE, (f"{clock.now().isoformat()}",)).fetchall(),
        "bare audit event": lambda: _event(store),
    }
    found: dict[str, list[float]] = {name: [] for name in visits}
    for _ in range(rounds):
        for name, visit in visits.items():
            began = time.perf_counter()
            visit()
            found[name].append(1000 * (time.perf_counter() - began))
    plain.close()
    return found


def _opens(user: DeskUser, address: str) -> None:
    answer = user.client.get(address)
    if answer.status_code != 200:
        raise click.ClickException(f"{address} answered {answer.status_code}.")


def _event(store: sa.Engine) -> None:
    with writing(store) as connection:
        audit.record(connection, actor="bench", action="bench:event:written")


def _figures(times: list[float]) -> tuple[str, str]:
    return f"{statistics.median(times):.1f}", f"{sorted(times)[int(0.99 * (len(times) - 1))]:.1f}"


def _store_of(rows: int) -> Settings:
    """A store with *rows* submissions in all states, kept from an earlier run if there was one."""
    data = STORES / f"desk-of-{rows}"
    if not data.is_dir():
        STORES.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=STORES) as folder:
            making = Settings(data=Path(folder) / "store")
            with click.progressbar(length=rows, label=f"Sealing {rows:,} submissions", file=sys.stderr) as bar:
                seed(making, rows, step=bar.update)
            _live_in(making)
            making.data.rename(data)
    return Settings(data=data)


def _live_in(settings: Settings) -> None:
    """Of ten people one is due, one has a date to come, two wait without one, and six are closed."""
    now, tenth = clock.now(), FollowUp.arrival % 10
    store = connect(settings.store, may="write")
    with writing(store) as connection:
        for which, changes in (
            (tenth == 0, {"next_action_at": now - timedelta(hours=1), "attempts": 1, "state": "trying_to_reach"}),
            (tenth == 1, {"next_action_at": now + timedelta(days=900), "attempts": 2, "state": "trying_to_reach"}),
            (tenth >= 4, {"ended_at": now, "attempts": 3, "state": "could_not_reach"}),
        ):
            connection.execute(sa.update(FollowUp).where(which).values(changes))
    store.dispose()
