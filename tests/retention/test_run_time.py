"""The worker's run time adds up in the store, by a monotonic clock, whatever is restarted and however many run."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from screener.db import connect
from screener.db import writing
from screener.retention.run_time import RunTimeCounter
from screener.retention.run_time import read_run_seconds
from screener.settings import Settings
from tests.support.submissions import NOON

MINUTE = 60


@pytest.fixture
def store(any_deployment: Settings) -> Iterator[sa.Connection]:
    with writing(connect(any_deployment.store, may="write")) as connection:
        yield connection


def count_minutes(counter: RunTimeCounter, store: sa.Connection, minutes: int, *, start: float = 0) -> None:
    for minute in range(minutes + 1):
        counter.count(store, at=NOON, monotonic=start + minute * MINUTE)


def test_an_hour_is_an_hour(store: sa.Connection) -> None:
    count_minutes(RunTimeCounter("a"), store, 60)

    assert read_run_seconds(store) == 3600


def test_run_time_adds_up_over_a_worker_that_is_restarted_every_hour(store: sa.Connection) -> None:
    for hour in range(26):
        count_minutes(RunTimeCounter(f"worker {hour}"), store, 60, start=hour * 90 * MINUTE)

    assert 25 * 3600 <= read_run_seconds(store) <= 26 * 3600


def test_after_a_restart_of_the_machine_the_monotonic_clock_begins_anew_and_nothing_is_lost(
    store: sa.Connection,
) -> None:
    count_minutes(RunTimeCounter("a"), store, 60, start=1_000_000)
    count_minutes(RunTimeCounter("b"), store, 61, start=3)

    assert read_run_seconds(store) == 2 * 3600


def test_two_workers_at_once_count_an_hour_once(store: sa.Connection) -> None:
    first, second = RunTimeCounter("first"), RunTimeCounter("second")
    for minute in range(61):
        first.count(store, at=NOON, monotonic=minute * MINUTE)
        second.count(store, at=NOON + timedelta(seconds=1), monotonic=500 + minute * MINUTE + 1)

    assert read_run_seconds(store) == 3600


def test_a_machine_that_slept_did_not_run(store: sa.Connection) -> None:
    counter = RunTimeCounter("a")
    counter.count(store, at=NOON, monotonic=0)
    counter.count(store, at=NOON, monotonic=86_400 * 3)

    assert read_run_seconds(store) == 600
