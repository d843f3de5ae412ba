"""A wrong clock or a wrong number erases nobody: the doubt is stored, told, and ends on a person's word only."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board import board
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.retention import stops
from screener.settings import Settings
from screener.staff.models import Account
from screener.worker import clock_watch
from screener.worker.loop import Worker
from tests.support.retention import DAYS
from tests.support.retention import Machine
from tests.support.retention import kept_references
from tests.support.retention import list_messages
from tests.support.retention import list_stops
from tests.support.retention import receive_forms
from tests.support.retention import start_worker
from tests.support.submissions import NOON


@pytest.fixture
def machine(time_machine: Any, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(time_machine, monkeypatch)


def hire(settings: Settings, *roles: str) -> None:
    facts = {"languages": "en", "active": True, "created_at": NOON, "confirmed_at": NOON, "failures": 0}
    with writing(connect(settings.store, may="write")) as connection:
        for role in roles:
            names = {"id": role, "name": role, "email": f"{role}@example.org", "fs_uniquifier": role}
            connection.execute(sa.insert(Account).values(role_names=role, **names, **facts))


def confirm(settings: Settings) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        stops.confirm_stops(connection, actor="grace", at=clock.now())


def test_a_clock_181_days_ahead_erases_nobody_and_says_so(any_deployment: Settings, machine: Machine) -> None:
    """On the release before this one everybody was gone within the hour."""
    hire(any_deployment, "study_lead", "administrator", "coordinator")
    visit: dict[str, Any] = {"state": "visit_booked", "next_action_at": NOON + timedelta(days=7)}
    references = receive_forms(any_deployment, 2) + receive_forms(any_deployment, 1, **visit)
    start_worker(any_deployment).run_once()

    machine.jumps(timedelta(days=DAYS + 1))
    for _ in range(3):
        worker = start_worker(any_deployment)
        worker.run_once()
        machine.runs(worker, 25)
        worker.run_once()

    assert kept_references(any_deployment) == references
    assert list_stops(any_deployment) == [("clock_ahead", True)]
    told = list_messages(any_deployment, "erasure_stopped")
    assert told == [{"stop": 1, "cause": "clock_ahead", "number": 0}] * 2
    with reading(connect(any_deployment.store, may="read")) as connection:
        events = sa.select(audit.EVENTS.c.detail).where(audit.EVENTS.c.action == "worker:retention:stopped")
        assert list(connection.scalars(events)) == ['{"number": 0, "stop": "clock_ahead"}']


def test_a_clock_that_jumps_a_year_under_a_running_worker_erases_nobody(deployment: Settings, machine: Machine) -> None:
    references = receive_forms(deployment, 2)
    worker = start_worker(deployment)
    worker.run_once()

    machine.jumps(timedelta(days=365))
    worker.run_once()
    machine.runs(worker, 25)
    worker.run_once()

    assert kept_references(deployment) == references
    assert list_stops(deployment) == [("clock_ahead", True)]


def test_a_clock_that_jumps_after_the_announcement_stops_before_the_first_form_goes(
    deployment: Settings, machine: Machine
) -> None:
    references = receive_forms(deployment, 2)
    worker = start_worker(deployment)
    worker.run_once()
    machine.passes(timedelta(days=DAYS - 14))
    worker.run_once()
    machine.runs(worker, 48)
    worker.run_once()

    machine.jumps(timedelta(days=30))
    worker.run_once()

    assert kept_references(deployment) == references


def test_one_day_of_retention_in_the_study_file_erases_nobody(
    deployment: Settings, machine: Machine, tmp_path: Path
) -> None:
    """No approval covers it; on the release before this one everybody was gone within the hour."""
    references = receive_forms(deployment, 3)
    study = tmp_path / "study"
    study.mkdir()
    for path in deployment.study.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        Path(study, path.name).write_text(text.replace("days = 180", "days = 1"), encoding="utf-8")
    assert "days = 1\n" in Path(study, "study.toml").read_text(encoding="utf-8")
    worker = Worker(deployment.model_copy(update={"study": study}))
    worker.run_once()

    for _ in range(3):
        machine.passes(timedelta(days=1))
        worker.run_once()
        machine.runs(worker, 24)
        worker.run_once()

    assert kept_references(deployment) == references


def test_thousands_due_at_once_stop_the_run_and_a_person_lets_it_go_on(deployment: Settings, machine: Machine) -> None:
    hire(deployment, "study_lead")
    receive_forms(deployment, 3000, changed_at=NOON - timedelta(days=400))
    worker = start_worker(deployment)
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(days=13))
    worker.run_once()
    machine.passes(timedelta(hours=2))
    worker.run_once()

    assert len(kept_references(deployment)) == 3000
    assert list_stops(deployment) == [("retention", True)]
    assert list_messages(deployment, "erasure_stopped") == [{"stop": 1, "cause": "retention", "number": 3000}]
    (announced,) = list_messages(deployment, "erasures_announced")
    assert announced == {"number": 3000, "undecided": 0, "first_day": "2026-12-07"}


def test_the_daily_limit_counts_what_went_in_a_day_of_run_time(deployment: Settings, machine: Machine) -> None:
    receive_forms(deployment, 20, changed_at=NOON - timedelta(days=400))
    worker = start_worker(deployment)
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(hours=1))
    receive_forms(deployment, 20, changed_at=NOON - timedelta(days=400))
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(days=11, hours=23))
    worker.run_once()
    assert len(kept_references(deployment)) == 20

    machine.runs(worker, 5)
    machine.passes(timedelta(hours=21))
    worker.run_once()

    assert list_stops(deployment) == [("retention", True)]
    confirm(deployment)
    machine.passes(timedelta(hours=1))
    machine.runs(worker, 20)
    worker.run_once()
    assert kept_references(deployment) == []


@pytest.mark.parametrize(
    ("jump", "kind"),
    [(timedelta(days=-1), "clock_back"), (timedelta(minutes=-11), "clock_back"), (timedelta(days=5), "clock_ahead")],
)
@pytest.mark.parametrize("runs", [True, False], ids=["while running", "while off"])
def test_a_jump_is_stored_and_stops_until_a_person_confirms(
    deployment: Settings, machine: Machine, jump: timedelta, kind: str, runs: bool
) -> None:
    worker = start_worker(deployment)
    worker.run_once()

    machine.jumps(jump)
    (worker if runs else start_worker(deployment)).run_once()

    assert list_stops(deployment) == [(kind, True)]
    start_worker(deployment).run_once()
    confirm(deployment)
    if runs:
        worker.run_once()
    start_worker(deployment).run_once()
    assert list_stops(deployment) == [(kind, False)]


@pytest.mark.parametrize("jump", [timedelta(minutes=-5), timedelta(minutes=5), timedelta(days=3)])
def test_a_clock_that_is_set_by_minutes_or_a_long_weekend_is_no_doubt(
    deployment: Settings, machine: Machine, jump: timedelta
) -> None:
    start_worker(deployment).run_once()

    machine.jumps(jump)
    start_worker(deployment).run_once()

    assert list_stops(deployment) == []


def test_a_clock_that_stands_still_is_found(deployment: Settings, machine: Machine) -> None:
    worker = start_worker(deployment)
    worker.run_once()

    for _ in range(12):
        machine.stands_still(timedelta(minutes=1))
        worker.run_once()

    assert list_stops(deployment) == [("clock_still", True)]


def test_a_worker_that_was_off_for_a_month_asks_a_person_first(deployment: Settings, machine: Machine) -> None:
    references = receive_forms(deployment, 2, changed_at=NOON - timedelta(days=DAYS - 10))
    worker = start_worker(deployment)
    worker.run_once()
    machine.runs(worker, 48)
    worker.run_once()

    machine.passes(timedelta(days=30))
    start_worker(deployment).run_once()
    assert (kept_references(deployment), list_stops(deployment)) == (references, [("clock_ahead", True)])

    confirm(deployment)
    start_worker(deployment).run_once()
    assert kept_references(deployment) == []


def test_the_clock_is_compared_before_the_first_heartbeat_writes_over_it(
    deployment: Settings, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the store is away, whose last times are then compared later."""
    with writing(connect(deployment.board, may="write")) as connection:
        board.record_heartbeat(connection, NOON + timedelta(days=1))
    worker = start_worker(deployment)

    def away(*_: object) -> None:
        raise UnavailableError("The store is away.")

    with monkeypatch.context() as patch, pytest.raises(UnavailableError):
        patch.setattr(clock_watch, "reading", away)
        worker.run_once()
    assert board.read_board(worker.context.board).heartbeat_at == NOON
    machine.passes(timedelta(minutes=1))
    worker.run_once()

    assert list_stops(deployment) == [("clock_back", True)]


def test_a_doubt_keeps_the_form_open(deployment: Settings, machine: Machine) -> None:
    worker = start_worker(deployment)
    worker.run_once()
    machine.jumps(timedelta(days=-1))
    worker.run_once()
    machine.passes(timedelta(seconds=6))

    worker.run_once()

    assert board.read_board(worker.context.board).heartbeat_at == clock.now()


def test_nothing_is_announced_by_a_clock_in_doubt(deployment: Settings, machine: Machine) -> None:
    hire(deployment, "study_lead")
    receive_forms(deployment, 2)
    start_worker(deployment).run_once()
    machine.jumps(timedelta(days=DAYS))

    start_worker(deployment).run_once()

    assert list_messages(deployment, "erasures_announced") == []
