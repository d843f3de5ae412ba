"""Non-interference behind the wall: what staff are told, and in which order, follows from no answer.

Two houses live the same days: the same people write in at the same moments, and in the one they answer as somebody
whom a screener would let through, in the other as somebody whom it would turn away. Emails, lists, due dates, records
and timelines, the follow-ups and the trail are then compared, with ids and references masked.
"""

import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from screener.db import reading
from screener.desk.queue import LISTS
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.public_app import create_public_app
from screener.routing import assign as routing
from screener.settings import Settings
from screener.submissions.models import Submission
from screener.worker.loop import Worker
from tests.laws.test_answers_change_nothing import Answers
from tests.laws.test_answers_change_nothing import pairs
from tests.mail.test_delivery import text_of
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.public_client import PublicClient
from tests.support.submissions import NOON

PAIRS = 18
#: What is an id, a reference or a key's doing, and differs between any two submissions.
MASKED = re.compile(r"[0-9a-f]{32,64}|[0-9a-f]{8}…|[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]|[\w.-]{80,}")


class Days:
    """One house over some days: who writes in, what the worker does, what a coordinator does, and all that is seen."""

    def __init__(self, settings: Settings, clock: time_machine.Traveller) -> None:
        self._settings = settings
        self._clock = clock
        self._public = create_public_app(settings)
        self._visitor = PublicClient(self._public)
        self._worker = Worker(settings)
        self._desk = DeskApp(settings)
        self._seen: dict[str, object] = {}

    def live(self, writers: list[Answers]) -> dict[str, object]:
        """What was seen from the first day to the last."""
        self._clock.move_to(NOON, tick=False)
        ada = self._desk.hires("Ada Coordinator", roles="coordinator,study_lead")
        self._desk.hires("Grace Coordinator")
        for number, answers in enumerate(writers):
            page = self._visitor.opens("/en/interest")
            self._clock.shift(60)
            self._visitor.sends(self._visitor.posts("/en/check", [*_without(page.pairs(), answers), *answers.items()]))
            self._clock.shift(7 * 60)
            self._worker.run_once()
            if number % 3 == 0:
                self._work(ada, number)
        self._clock.shift(2 * 24 * 3600)
        self._desk.signs_in_again(ada)
        self._look(ada, self._desk)
        self._public.extensions["screener.intake"].close()
        self._desk.close()
        return self._seen

    def _work(self, ada: DeskUser, number: int) -> None:
        page = ada.posts(ada.opens("/queue"), "queue/claim")
        page = ada.posts(page, "attempt", happened="call:no_answer", days="1", note=f"try {number}")
        self._note(f"after a try, {number}", page.answer.text)

    def _look(self, ada: DeskUser, house: DeskApp) -> None:
        for show in LISTS:
            page = ada.opens(f"/queue?show={show}")
            assert page.status == 200
            self._note(show, page.answer.text)
            self._note(f"order of {show}", self._arrivals(page.references))
        for reference in ada.opens("/queue?show=all").references:
            (arrival,) = self._arrivals([reference])
            self._note(f"record {arrival}", ada.record(reference).answer.text)
        self._note("trail", ada.opens("/audit").answer.text)
        emails = sorted(self._settings.email_folder.glob("*.eml"), key=lambda path: sorted(_dated(path.read_text())))
        self._note("emails", [MASKED.sub("…", _read_email(path)) for path in emails])
        with reading(self._desk.store) as connection:
            for table in (FollowUp.__table__, FollowUpEvent.__table__):
                kept = [column for column in table.c if column.name not in ("submission_id", "by")]
                order = [column for column in kept if column.name in ("arrival", "at", "version")]
                rows = connection.execute(sa.select(*kept).order_by(*order)).all()
                self._note(str(table), [MASKED.sub("…", str(row)) for row in rows])

    def _arrivals(self, references: list[str]) -> list[int]:
        with reading(self._desk.store) as connection:
            query = sa.select(Submission.reference, Submission.arrival)
            number = {row.reference: row.arrival for row in connection.execute(query)}
        return [number[reference] for reference in references]

    def _note(self, where: str, what: object) -> None:
        self._seen[where] = MASKED.sub("…", what) if isinstance(what, str) else what


def _without(given: list[tuple[str, str]], answers: Answers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in given if name not in answers]


def _read_email(path: Path) -> str:
    """The headers and the decoded text of an email: as it is sent, a head of the trail may be broken by a line end."""
    message = message_from_bytes(path.read_bytes())
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), text_of(message)])


def _dated(text: str) -> list[str]:
    """By what the emails of one house are put in order; two may go to one person at one time."""
    return re.findall(r"^(?:Date|To|Subject): .*$", text, re.MULTILINE)


@contextmanager
def two_houses(settings: Settings, other: Path) -> Iterator[tuple[Settings, Settings]]:
    shutil.copytree(settings.data, other)
    yield settings, settings.model_copy(update={"data": other})


def lived(settings: Settings, twin: Path, clock: time_machine.Traveller) -> tuple[dict[str, object], dict[str, object]]:
    """What was seen in the house of those who are let through, and in the house of those who are turned away."""
    chance = random.Random(30)  # noqa: S311 - it chooses who writes in
    writers = list(pairs(PAIRS, chance))
    with two_houses(settings, twin) as (one, other):
        through = Days(one, clock).live([first for first, _ in writers])
        away = Days(other, clock).live([second for _, second in writers])
    return through, away


@pytest.mark.slow
def test_staff_see_the_same_whatever_people_answered(
    deployment: Settings, tmp_path: Path, time_machine: time_machine.TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)

    through, away = lived(deployment, tmp_path / "twin", time_machine)  # type: ignore[arg-type]

    assert [name for name in through if through[name] != away[name]] == []
    assert len(through["emails"]) >= 8  # type: ignore[arg-type]
    assert through.keys() == away.keys()


@pytest.mark.slow
def test_a_rule_that_could_see_answers_would_be_seen(
    deployment: Settings,
    tmp_path: Path,
    time_machine: time_machine.TimeMachineFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rule that puts some people later, by what they answered, changes lists, records and dates."""
    time_machine.move_to(NOON, tick=False)
    ordinary, routed_so_far = routing.assign_submission, list[bool]()

    def unfair(connection: sa.Connection, envelope, by, *, at, version=1):  # type: ignore[no-untyped-def]
        routed = ordinary(connection, envelope, by, at=at, version=version)
        routed_so_far.append(routed)
        if len(routed_so_far) > PAIRS and len(routed_so_far) % 2 == 0:
            later = {"next_action_at": at + timedelta(days=1)}
            connection.execute(sa.update(FollowUp).where(FollowUp.submission_id == envelope.id).values(later))
        return routed

    monkeypatch.setattr(routing, "assign_submission", unfair)

    through, away = lived(deployment, tmp_path / "twin", time_machine)  # type: ignore[arg-type]

    assert {"due", "record 2", "follow_up"} <= {name for name in through if through[name] != away[name]}
