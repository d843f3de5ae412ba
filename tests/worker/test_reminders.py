"""A year without a test of the backups is told to study leads and administrators, once a month."""

from datetime import timedelta

import sqlalchemy as sa
import time_machine

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.mail.messages.drill_due import DrillDue
from screener.mail.models import QueuedMessage
from screener.settings import Settings
from screener.worker.context import open_job_context
from screener.worker.reminders import remind_of_drill
from tests.support.desk_app import DeskApp


def reminders(settings: Settings) -> list[str]:
    with reading(connect(settings.store, may="read")) as connection:
        query = sa.select(QueuedMessage.account_id).where(QueuedMessage.kind == DrillDue.kind)
        return list(connection.scalars(query))


def records(settings: Settings, action: str) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor="ada", action=action)


def test_a_year_without_a_drill_is_told_once_a_month_until_there_is_one(deployment: Settings) -> None:
    desk = DeskApp(deployment)
    lead = desk.hires("Lea Lead", roles="study_lead")
    desk.hires("Cora Coordinator")
    desk.close()
    records(deployment, "cli:keys:created")
    context = open_job_context(deployment)

    with time_machine.travel(clock.now(), tick=False) as moved:
        told = []
        for days in (0, 364, 2, 0, 31):
            moved.shift(timedelta(days=days))
            remind_of_drill(context)
            told.append(len(reminders(deployment)))
        records(deployment, "cli:backup:tried")
        for days in (31, 335):
            moved.shift(timedelta(days=days))
            remind_of_drill(context)
            told.append(len(reminders(deployment)))

    assert told == [0, 0, 1, 1, 2, 2, 3]
    assert set(reminders(deployment)) == {lead.id}
