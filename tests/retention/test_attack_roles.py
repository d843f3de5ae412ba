"""PostgreSQL: the worker's role announces and erases, and has no right to end a stop; the desk's role decides."""

from datetime import timedelta
from typing import Any

import pytest

from screener import clock
from screener.db import connect
from screener.db import writing
from screener.errors import UnavailableError
from screener.operations import database_roles as roles
from screener.retention import schedule
from screener.retention.models import StopKind
from screener.retention.stops import confirm_stops
from screener.retention.stops import raise_stop
from screener.settings import Settings
from tests.operations.test_database_roles import acting_as
from tests.support.retention import Machine
from tests.support.retention import kept_references
from tests.support.retention import list_stops
from tests.support.retention import receive_forms
from tests.support.retention import start_worker


def test_the_worker_s_role_erases_what_was_announced_and_cannot_end_a_stop(
    postgres_deployment: Settings, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles.apply_grants(postgres_deployment)
    machine = Machine(time_machine, monkeypatch)
    long_ago = clock.now() - timedelta(days=400)
    receive_forms(postgres_deployment, 2, changed_at=long_ago)
    (untried,) = receive_forms(postgres_deployment, 1, changed_at=long_ago, attempts=0)
    worker = start_worker(acting_as(roles.WORKER, postgres_deployment))
    worker.run_once()
    machine.runs(worker, 24)
    machine.passes(timedelta(days=13))
    desk = connect(acting_as(roles.DESK, postgres_deployment).store, may="write")
    worker.run_once()
    assert kept_references(postgres_deployment) == [untried]

    with writing(desk) as connection:
        assert schedule.release_erasure(connection, untried, by="grace", at=clock.now())
        raise_stop(connection, StopKind.BULK_ACT, source="desk", actor="grace", at=clock.now(), number=30)
    with pytest.raises(UnavailableError), writing(worker.context.store) as connection:
        confirm_stops(connection, actor="worker", at=clock.now())
    assert list_stops(postgres_deployment) == [("bulk_act", True)]
    with writing(desk) as connection:
        confirm_stops(connection, actor="grace", at=clock.now())
    machine.passes(timedelta(hours=1))
    worker.run_once()

    assert kept_references(postgres_deployment) == []
