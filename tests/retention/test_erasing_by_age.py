"""The privacy page's promise: announced ahead, erased on its day after a second look, and never more than one means."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up import service
from screener.follow_up.service import Edit
from screener.follow_up.service import StateChange
from screener.retention import schedule
from screener.retention import stops
from screener.settings import Settings
from screener.submissions.models import Submission
from tests.support.retention import DAYS
from tests.support.retention import Machine
from tests.support.retention import approve_wording
from tests.support.retention import kept_references
from tests.support.retention import list_stops
from tests.support.retention import list_stored
from tests.support.retention import receive_forms
from tests.support.retention import start_worker


@pytest.fixture
def machine(time_machine: Any, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(time_machine, monkeypatch)


def announced(settings: Settings) -> dict[str, bool]:
    """The announced references, and whether each waits for a decision."""
    with reading(connect(settings.store, may="read")) as connection:
        return {one.reference: one.is_undecided for one in schedule.list_planned(connection, at=clock.now())}


def confirm(settings: Settings) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        stops.confirm_stops(connection, actor="grace", at=clock.now())


def test_a_form_is_announced_14_days_ahead_and_erased_on_its_day(any_deployment: Settings, machine: Machine) -> None:
    (reference,) = receive_forms(any_deployment, 1)
    worker = start_worker(any_deployment)
    worker.run_once()

    machine.passes(timedelta(days=DAYS - 14, minutes=-1))
    worker.run_once()
    assert announced(any_deployment) == {}
    machine.passes(timedelta(hours=1))
    worker.run_once()
    assert announced(any_deployment) == {reference: False}

    machine.runs(worker, 24)
    machine.passes(timedelta(days=13, hours=-1))
    worker.run_once()
    assert kept_references(any_deployment) == [reference]
    machine.passes(timedelta(hours=1))
    worker.run_once()

    (stored,) = list_stored(any_deployment)
    assert (stored.contact_box, stored.answers_box, stored.state) == (None, None, "trying_to_reach")
    assert list_stops(any_deployment) == []
    with reading(connect(any_deployment.store, may="read")) as connection:
        assert audit.has_event(connection, action="worker:submission:erased", subject=reference)
        assert audit.verify(connection).whole


def test_work_after_the_announcement_keeps_the_form(deployment: Settings, machine: Machine) -> None:
    worked_on, _ = receive_forms(deployment, 2)
    worker = start_worker(deployment)
    worker.run_once()
    machine.passes(timedelta(days=DAYS - 10))
    worker.run_once()
    machine.runs(worker, 24)
    with writing(connect(deployment.store, may="write")) as connection:
        row = connection.execute(sa.select(Submission.id).where(Submission.reference == worked_on)).one()
        edit = Edit(row.id, 1, "ada", clock.now())
        service.log_attempt(connection, edit, channel="call", outcome="busy", change=StateChange(""))

    machine.passes(timedelta(days=20))
    worker.run_once()

    assert kept_references(deployment) == [worked_on]
    assert announced(deployment) == {}


def test_what_is_overdue_at_an_upgrade_is_announced_first(deployment: Settings, machine: Machine) -> None:
    receive_forms(deployment, 3, changed_at=clock.now() - timedelta(days=400))
    worker = start_worker(deployment)

    worker.run_once()
    assert len(announced(deployment)) == 3
    machine.runs(worker, 24)
    machine.passes(timedelta(days=12))
    worker.run_once()
    assert len(kept_references(deployment)) == 3
    machine.passes(timedelta(days=1))
    worker.run_once()

    assert kept_references(deployment) == []


def test_days_alone_erase_nothing_a_worker_must_have_run_between_the_looks(
    deployment: Settings, machine: Machine
) -> None:
    receive_forms(deployment, 1, changed_at=clock.now() - timedelta(days=400))
    start_worker(deployment).run_once()

    for _ in range(6):
        machine.passes(timedelta(days=3))
        start_worker(deployment).run_once()

    assert len(kept_references(deployment)) == 1
    assert list_stops(deployment) == []


@pytest.mark.parametrize(
    "held",
    [
        {"attempts": 0, "state": "assigned"},
        {"state": "visit_booked", "next_action_at": timedelta(days=60)},
        {"state": "phone_screen_booked", "next_action_at": timedelta(days=60)},
    ],
    ids=["untried", "visit ahead", "screen ahead"],
)
def test_untried_or_with_an_appointment_ahead_it_stays_until_a_named_person_decides(
    deployment: Settings, machine: Machine, held: dict[str, Any]
) -> None:
    held = {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in held.items()}
    (reference,) = receive_forms(deployment, 1, changed_at=clock.now() - timedelta(days=400), **held)
    worker = start_worker(deployment)
    worker.run_once()
    assert announced(deployment) == {reference: True}
    machine.runs(worker, 24)
    machine.passes(timedelta(days=20))
    worker.run_once()
    assert kept_references(deployment) == [reference]

    with writing(connect(deployment.store, may="write")) as connection:
        assert schedule.release_erasure(connection, reference, by="grace", at=clock.now())
    machine.passes(timedelta(hours=1))
    worker.run_once()

    assert kept_references(deployment) == []


def test_after_the_appointment_it_is_erased(deployment: Settings, machine: Machine) -> None:
    visit: dict[str, Any] = {"state": "visit_booked", "next_action_at": clock.now() + timedelta(days=20)}
    receive_forms(deployment, 1, changed_at=clock.now() - timedelta(days=400), **visit)
    worker = start_worker(deployment)
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(days=15))
    worker.run_once()
    assert len(kept_references(deployment)) == 1

    machine.passes(timedelta(days=5))
    worker.run_once()

    assert kept_references(deployment) == []


def test_a_form_closed_by_a_person_is_not_untried(deployment: Settings, machine: Machine) -> None:
    closed: dict[str, Any] = {"state": "not_a_real_submission", "attempts": 0, "ended_at": clock.now()}
    (reference,) = receive_forms(deployment, 1, changed_at=clock.now() - timedelta(days=400), **closed)

    start_worker(deployment).run_once()

    assert announced(deployment) == {reference: False}


def test_more_than_a_batch_is_erased_in_one_run_and_from_the_files(deployment: Settings, machine: Machine) -> None:
    receive_forms(deployment, 60, changed_at=clock.now() - timedelta(days=400))
    assert any(b"contact 5" in path.read_bytes() for path in deployment.data.glob("store.db*"))
    worker = start_worker(deployment)
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(days=14))
    worker.run_once()
    confirm(deployment)

    machine.passes(timedelta(hours=1))
    worker.run_once()

    assert kept_references(deployment) == []
    for path in deployment.data.glob("*.db*"):
        assert b"contact 5" not in path.read_bytes(), path.name


def test_a_worker_that_dies_while_it_erases_erases_the_rest_later_and_each_once(
    deployment: Settings, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive_forms(deployment, 20, changed_at=clock.now() - timedelta(days=400))
    worker = start_worker(deployment)
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(days=13))
    monkeypatch.setattr("screener.worker.retention.SUBMISSIONS_PER_BATCH", 7)
    mark, batches = schedule.mark_erased, itertools.count(1)

    def dies_in_the_second(*one: Any, **more: Any) -> None:
        if next(batches) == 2:
            raise KeyboardInterrupt
        mark(*one, **more)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(schedule, "mark_erased", dies_in_the_second)
        worker.run_once()
    assert len(kept_references(deployment)) == 13

    machine.passes(timedelta(hours=1))
    start_worker(deployment).run_once()

    assert kept_references(deployment) == []
    with reading(connect(deployment.store, may="read")) as connection:
        erased = sa.select(audit.EVENTS.c.subject).where(audit.EVENTS.c.action == "worker:submission:erased")
        assert len(set(connection.scalars(erased))) == len(list(connection.scalars(erased))) == 20
        assert audit.verify(connection).whole


def test_a_form_whose_wording_was_never_approved_is_not_erased(deployment: Settings, machine: Machine) -> None:
    receive_forms(deployment, 1, version="b" * 64, changed_at=clock.now() - timedelta(days=400))

    start_worker(deployment).run_once()

    assert announced(deployment) == {}
    with reading(connect(deployment.store, may="read")) as connection:
        assert schedule.count_unapproved(connection) == 1


def test_each_form_keeps_the_period_that_it_promised(deployment: Settings, machine: Machine) -> None:
    shorter, longer = approve_wording(deployment, days=30), approve_wording(deployment, days=365)
    (soon,) = receive_forms(deployment, 1, version=shorter)
    receive_forms(deployment, 1, version=longer)
    worker = start_worker(deployment)
    worker.run_once()

    machine.passes(timedelta(days=29))
    worker.run_once()

    assert announced(deployment) == {soon: False}


def test_a_saved_wording_that_was_changed_counts_as_not_approved(deployment: Settings, machine: Machine) -> None:
    receive_forms(deployment, 1)
    with writing(connect(deployment.store, may="write")) as connection:
        connection.execute(sa.text("UPDATE wording SET content = replace(content, '180', '1')"))

    worker = start_worker(deployment)
    worker.run_once()
    machine.passes(timedelta(days=10))
    worker.run_once()

    assert announced(deployment) == {}
