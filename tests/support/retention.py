"""Time that passes for a worker, and forms that came by an approved wording."""

import json
from collections.abc import Sequence
from datetime import date
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.models import FollowUp
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.mail.models import QueuedMessage
from screener.retention.models import ErasureStop
from screener.retention.models import WorkerRunTime
from screener.settings import Settings
from screener.study.approvals import Approval
from screener.study.approved_content import canonical_json
from screener.study.approved_content import content_hash
from screener.submissions.models import Submission
from screener.submissions.reference import derive_reference
from screener.submissions.writes import save_approval
from screener.submissions.writes import save_wording
from screener.worker.jobs import JOBS
from screener.worker.loop import Worker
from tests.support.submissions import NOON
from tests.support.submissions import sealed

DAYS = 180


class Machine:
    """A machine whose clock and monotonic clock a test moves, together or one alone; it starts at *NOON*."""

    def __init__(self, traveller: time_machine.TimeMachineFixture, patch: pytest.MonkeyPatch) -> None:
        self._traveller, self._now, self._monotonic = traveller, NOON, 1000.0
        traveller.move_to(NOON, tick=False)
        patch.setattr(clock, "monotonic", lambda: self._monotonic)

    def passes(self, time: timedelta) -> None:
        """Let *time* pass, as it does."""
        self.jumps(time)
        self._monotonic += time.total_seconds()

    def jumps(self, time: timedelta) -> None:
        """Set the clock by *time*, and let none pass."""
        self._now += time
        self._traveller.move_to(self._now, tick=False)

    def stands_still(self, time: timedelta) -> None:
        """Let *time* pass while the clock shows the same."""
        self._monotonic += time.total_seconds()

    def runs(self, worker: Worker, hours: int) -> None:
        """Let *hours* pass, and have *worker* run in them."""
        self.passes(timedelta(hours=hours))
        with writing(worker.context.store) as connection:
            more = WorkerRunTime.run_seconds + hours * 3600
            connection.execute(sa.update(WorkerRunTime).values(run_seconds=more, seen_at=clock.now()))


def approve_wording(settings: Settings, *, days: int = DAYS) -> str:
    """Save an approved wording that promises to erase after *days*; returns its version."""
    content = {"study": {"retention": {"days": days, "backup_days": 30}}, "wording": {}}
    version = content_hash(content)
    with writing(connect(settings.store, may="write")) as connection:
        if save_wording(connection, version, "en", "nct05870540", canonical_json(content), NOON):
            first, last = date(2026, 1, 1), date(2026, 12, 31)
            save_approval(connection, Approval(version, "en", "IRB", "26-1", first, last, ""))
    return version


def receive_forms(settings: Settings, number: int, *, version: str = "", **changes: Any) -> list[str]:
    """Save *number* forms of an approved wording, each tried once unless *changes* say otherwise; their references."""
    version = version or approve_wording(settings)
    sent = [sealed(each, wording_version=version) for each in range(number)]
    now = clock.now()
    with writing(connect(settings.store, may="write")) as connection:
        first = (connection.scalar(sa.select(sa.func.max(Submission.arrival))) or 0) + 1
        submissions = [
            {
                **vars(one.envelope),
                "reference": derive_reference(one.envelope.id),
                "arrival": arrival,
                "moved_at": now,
                "contact_box": one.contact,
                "answers_box": one.answers,
            }
            for arrival, one in enumerate(sent, first)
        ]
        row = {"state": "trying_to_reach", "attempts": 1, "changed_at": now, "version": 1, **changes}
        follow_ups = [{"submission_id": each["id"], "arrival": each["arrival"], **row} for each in submissions]
        connection.execute(sa.insert(Submission), submissions)
        connection.execute(sa.insert(FollowUp), follow_ups)
    return [each["reference"] for each in submissions]


def kept_references(settings: Settings) -> list[str]:
    """The references of the forms that are not erased."""
    return [each.reference for each in list_stored(settings) if each.contact_box is not None]


def list_stored(settings: Settings) -> list[StoredSubmission]:
    with reading(connect(settings.store, may="read")) as connection:
        return list(iterate_submissions(connection))


def list_stops(settings: Settings) -> Sequence[tuple[str, bool]]:
    """Each stop's kind, and whether it is open."""
    query = sa.select(ErasureStop.kind, ErasureStop.confirmed_at).order_by(ErasureStop.id)
    with reading(connect(settings.store, may="read")) as connection:
        return [(row.kind, row.confirmed_at is None) for row in connection.execute(query)]


def list_messages(settings: Settings, kind: str) -> list[dict[str, Any]]:
    """The facts of the messages of *kind*, without the head of the audit trail that those to study leads carry."""
    query = sa.select(QueuedMessage.facts).where(QueuedMessage.kind == kind).order_by(QueuedMessage.created_at)
    with reading(connect(settings.store, may="read")) as connection:
        found = [json.loads(json.dumps(facts)) for facts in connection.scalars(query)]
    return [{name: value for name, value in facts.items() if name != "audit_head"} for facts in found]


def start_worker(settings: Settings) -> Worker:
    """A worker that compared its clock, with the jobs of retention alone."""
    names = ("watch clock", "heartbeat", "announce erasures", "retention")
    return Worker(settings, [job for job in JOBS if job.name in names])
