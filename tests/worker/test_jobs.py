"""Jobs run when they are due, in their order, and one that fails stops no other."""

import itertools
from collections.abc import Callable
from datetime import datetime
from datetime import timedelta

import pytest
from time_machine import TimeMachineFixture

from screener.board import board
from screener.db import connect
from screener.errors import UnavailableError
from screener.settings import Settings
from screener.submissions import inbox
from screener.worker import move
from screener.worker.context import JobContext
from screener.worker.jobs import EVERY_ROUND
from screener.worker.jobs import JOBS
from screener.worker.jobs import ONCE
from screener.worker.jobs import Job
from screener.worker.loop import Worker
from tests.support.submissions import NOON
from tests.support.submissions import sealed


def noting(ran: list[str], name: str) -> Callable[[JobContext], object]:
    return lambda context: ran.append(name)


def failing(context: JobContext) -> None:
    raise ValueError("Qzxsecret")


def test_a_job_that_fails_stops_no_other(deployment: Settings, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []
    jobs = (
        Job("first", EVERY_ROUND, noting(ran, "first")),
        Job("broken", EVERY_ROUND, failing),
        Job("last", EVERY_ROUND, noting(ran, "last")),
    )
    worker = Worker(deployment, jobs)

    with pytest.raises(ValueError, match="Qzx"):
        worker.run_once()

    assert ran == ["first", "last"]
    assert "job failed job=broken fault=ValueError place=failing line=" in caplog.text
    assert "Qzx" not in caplog.text


@pytest.mark.parametrize("broken", [job.name for job in JOBS if job.name != "move submissions"])
def test_submissions_are_moved_whichever_other_job_fails(deployment: Settings, broken: str) -> None:
    inbox.add_submission(connect(deployment.inbox, may="write"), sealed())
    worker = Worker(deployment, [Job(job.name, job.every, failing) if job.name == broken else job for job in JOBS])

    with pytest.raises(ValueError, match="Qzx"):
        worker.run_once()

    assert worker.context.moved == 1


def test_each_job_runs_when_it_is_due(deployment: Settings, time_machine: TimeMachineFixture) -> None:
    ran: list[str] = []
    every = {"always": EVERY_ROUND, "minute": timedelta(minutes=1), "once": ONCE}
    worker = Worker(deployment, [Job(name, time, noting(ran, name)) for name, time in every.items()])
    for seconds in (0, 30, 60, 90):
        time_machine.move_to(NOON + timedelta(seconds=seconds), tick=False)
        worker.run_once()

    assert [ran.count(name) for name in every] == [4, 2, 1]


def test_a_job_that_fails_waits_longer_each_time_and_is_logged_when_it_fails_and_when_it_works(
    deployment: Settings, time_machine: TimeMachineFixture, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[datetime] = []

    def away_for_two_minutes(context: JobContext) -> None:
        tried.append(now)
        if now < NOON + timedelta(minutes=2):
            raise UnavailableError("The store is away.")

    worker = Worker(deployment, [Job("store work", EVERY_ROUND, away_for_two_minutes)])
    for second in range(130):
        now = NOON + timedelta(seconds=second)
        time_machine.move_to(now, tick=False)
        if now in (NOON, NOON + timedelta(seconds=1)):
            with pytest.raises(UnavailableError):
                worker.run_once()
        else:
            worker.run_due_jobs()

    waits = [(later - earlier).seconds for earlier, later in itertools.pairwise(tried)]
    assert waits[:8] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert waits[8:] == [1] * 8
    assert [line.partition(" screener.worker ")[2] for line in caplog.text.splitlines()] == [
        'job waits job="store work" reason="The store is away."',
        'job works again job="store work"',
    ]


def test_the_heartbeat_goes_out_between_two_batches_and_before_each_job(
    deployment: Settings, time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_machine.move_to(NOON, tick=False)
    engine = connect(deployment.inbox, may="write")
    for number in range(3):
        inbox.add_submission(engine, sealed(number))
    beats: list[datetime | None] = []
    remove = inbox.delete_submissions

    def slow(engine: object, ids: list[bytes]) -> None:
        beats.append(board.read_board(connect(deployment.board, may="read")).heartbeat_at)
        time_machine.shift(6)
        remove(engine, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(move, "SUBMISSIONS_PER_BATCH", 1)
    monkeypatch.setattr(inbox, "delete_submissions", slow)

    assert Worker(deployment).run_once() == 3

    assert beats == [NOON + timedelta(seconds=seconds) for seconds in (0, 6, 12)]


def test_told_to_stop_it_begins_no_other_job(deployment: Settings) -> None:
    ran: list[str] = []
    worker = Worker(
        deployment,
        [Job("stops", EVERY_ROUND, lambda context: context.stopped.set()), Job("later", EVERY_ROUND, noting(ran, "x"))],
    )

    worker.run()

    assert ran == []


def test_job_names_are_different() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
