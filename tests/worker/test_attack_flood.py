"""A flood and a disk that fills are told to leads and administrators: once a day each, as counts and nothing else."""

import shutil
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.receipt import receive_submission
from screener.mail.compose import compose_email
from screener.mail.models import QueuedMessage
from screener.mail.outbox import LeasedMessage
from screener.settings import Settings
from screener.worker.context import open_job_context
from screener.worker.watches import count_arrivals
from screener.worker.watches import watch_arrivals
from screener.worker.watches import watch_disk_space
from tests.support.mail_server import hire
from tests.support.submissions import NOON
from tests.support.submissions import sealed

DAY = timedelta(days=1)


def receive(settings: Settings, *moments: datetime) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        for moment in moments:
            receive_submission(connection, sealed(received_at=moment), at=moment)


def told(settings: Settings, kind: str) -> list[tuple[str, dict[str, Any]]]:
    query = sa.select(QueuedMessage.account_id, QueuedMessage.facts).where(QueuedMessage.kind == kind)
    with reading(connect(settings.store, may="read")) as connection:
        rows = connection.execute(query.order_by(QueuedMessage.created_at)).all()
    return [(row.account_id, {**row.facts, "audit_head": ""}) for row in rows]


def text_of(settings: Settings, kind: str, facts: dict[str, Any]) -> str:
    leased = LeasedMessage("0" * 32, "lead@example.org", kind, facts, NOON, 1)
    return compose_email(leased, settings).as_string()


def test_ten_times_the_usual_arrivals_are_told_once_a_day(
    any_deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    lead = hire(any_deployment, "ada", role_names="study_lead")
    hire(any_deployment, "bea", role_names="coordinator")
    receive(any_deployment, *(NOON - day * DAY for day in range(40, 1, -1) for _ in range(2)))
    context = open_job_context(any_deployment)
    time_machine.move_to(NOON, tick=False)

    receive(any_deployment, *[NOON] * 19)
    watch_arrivals(context)
    assert told(any_deployment, "many_arrivals") == []

    receive(any_deployment, NOON)
    watch_arrivals(context)
    watch_arrivals(context)
    facts = {"day": "2026-11-23", "number": 20, "usual": 2, "audit_head": ""}
    assert told(any_deployment, "many_arrivals") == [(lead, facts)]
    assert "20 forms arrived in the last 24 hours. On a usual day it is 2." in text_of(
        any_deployment, "many_arrivals", facts
    )

    time_machine.move_to(NOON + timedelta(hours=13), tick=False)
    watch_arrivals(context)
    assert [facts["day"] for _, facts in told(any_deployment, "many_arrivals")] == ["2026-11-23", "2026-11-24"]


def test_a_quiet_site_and_a_new_one_are_not_alarmed_by_a_few(deployment: Settings) -> None:
    store = connect(deployment.store, may="read")
    with reading(store) as connection:
        assert count_arrivals(connection, NOON) == (0, 1)

    receive(deployment, NOON - 20 * DAY, *[NOON - timedelta(hours=hour) for hour in (3, 2, 1)])

    with reading(store) as connection:
        assert count_arrivals(connection, NOON) == (3, 1)


def test_a_disk_below_the_floor_is_told_once_a_day(
    deployment: Settings, time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = hire(deployment, "ada", role_names="administrator")
    context = open_job_context(deployment)
    time_machine.move_to(NOON, tick=False)
    for free in (500, 499, 12):
        usage = shutil._ntuple_diskusage(10**12, 0, free * 1024 * 1024)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        watch_disk_space(context)

    facts = {"day": "2026-11-23", "free_megabytes": 499, "floor_megabytes": 500, "audit_head": ""}
    assert told(deployment, "disk_space_low") == [(lead, facts)]
    assert "has 499 MB free" in text_of(deployment, "disk_space_low", facts)
