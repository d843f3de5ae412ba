"""The demo is played, moment by moment, by the clock: forms are sent, the worker works, people do their turns.

Everything goes through the public pages, the worker and the desk's pages; nothing here can write to a database. The
clock goes forward only, and ends at the present.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from functools import partial

from flask import Flask
from pydantic import SecretStr

from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.demo.browser import Browser
from screener.demo.days import Calendar
from screener.demo.plan import Form
from screener.demo.plan import Plan
from screener.demo.plan import Turn
from screener.demo.plan import planned
from screener.demo.staff import Colleague
from screener.demo.staff import Hire
from screener.demo.staff import Visit
from screener.demo.stories import Act
from screener.desk.context import EXTENSION as DESK
from screener.desk_app import create_desk_app
from screener.errors import UserError
from screener.intake.context import EXTENSION as INTAKE
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.staff.models import ADMINISTRATOR
from screener.staff.models import COORDINATOR
from screener.staff.models import STUDY_LEAD
from screener.study.loader import load_study
from screener.submissions import inbox
from screener.submissions import queries
from screener.worker.loop import Worker

LEAD = Hire("Robin Example", "robin@example.org", (STUDY_LEAD, ADMINISTRATOR), "en")
#: Who works on forms; the last comes later than the others.
COORDINATORS = (
    Hire("Ines Example", "ines@example.org", (COORDINATOR,), "en es"),
    Hire("Jordan Example", "jordan@example.org", (COORDINATOR,), "en fil vi"),
    Hire("Mei Example", "mei@example.org", (COORDINATOR,), "en yue cmn"),
)
REFERENCE = r'<strong class="reference">([^<]+)</strong>'
#: How long a person takes for the pages, and a program.
READS, HURRIES = timedelta(minutes=6), timedelta(seconds=1)
#: Between two things that are done on one record.
BETWEEN_ACTS = timedelta(seconds=35)
#: Between the making of keys and databases and the first sign-in.
FIRST_STEPS = timedelta(minutes=20)
#: Around a day's work: when the study lead comes in, and when the last one goes.
BEFORE_WORK, AFTER_WORK = timedelta(hours=1), timedelta(minutes=5)
Step = Callable[[int], None]


@dataclass(frozen=True)
class Played:
    """What there is to look at."""

    people: tuple[Colleague, ...]
    states: dict[str, int]


@contextmanager
def opened(settings: Settings, days: int) -> Iterator[Calendar]:
    """The calendar of a demo, and the clock at its beginning. Raises *UserError* in production."""
    if settings.in_production:
        raise UserError(
            "The demo invents people, so it does not run in production: unset SCREENER_ENV, or go elsewhere."
        )
    calendar = Calendar(clock.now(), days)
    with clock.moved_to(calendar.start):
        yield calendar


def refuse_used(settings: Settings) -> None:
    """Raise *UserError* when anybody has sent something here, or works here."""
    with reading(connect(settings.store, may="read")) as connection:
        used = queries.count_submissions(connection) or accounts.list_accounts(connection)
    if used or inbox.take(connect(settings.inbox, may="write"), 1):
        raise UserError(
            f"{settings.data} holds submissions or accounts already, and a demo is never mixed with them. Name an "
            "empty folder with SCREENER_DATA, or remove this one if it is an old demo."
        )


def laid_down(settings: Settings, calendar: Calendar, number: int, *, seed: int) -> Plan:
    """The plan of *number* forms over the days of *calendar*; one *seed* always gives the same people."""
    return planned(load_study(settings.study), calendar, number, seed=seed)


def play(settings: Settings, calendar: Calendar, plan: Plan, *, step: Step) -> Played:
    """Play *plan*; *step* hears of each form and each visit to a record."""
    # No letter to an invented person leaves this machine, and invented people share one address.
    at_home = settings.model_copy(update={"smtp_url": SecretStr(""), "posts_per_minute": 0})
    public, desk = create_public_app(at_home), create_desk_app(at_home)
    try:
        return _Play(at_home, calendar, plan, public, desk).runs(step)
    finally:
        for app, room in ((public, INTAKE), (desk, DESK)):
            app.extensions[room].close()


class _Play:
    """What is on the stage."""

    def __init__(self, settings: Settings, calendar: Calendar, plan: Plan, public: Flask, desk: Flask) -> None:
        self._settings, self._calendar, self._plan, self._public = settings, calendar, plan, public
        self._lead = Colleague(desk, LEAD)
        self._coordinators = [Colleague(desk, hire) for hire in COORDINATORS]
        self._here: list[Colleague] = []
        self._references: list[str] = []
        self._worker = Worker(settings)
        self._visits: dict[int, Visit] = {}

    def runs(self, step: Step) -> Played:
        for moment, happens, told in sorted(self._scenes(), key=lambda scene: scene[0]):
            with clock.moved_to(moment):
                happens()
            step(told)
        with clock.moved_to(self._calendar.now):
            self._worker.run_once()
            self._lead.signs_in()
            states = self._lead.counts()
            self._lead.goes_home()
        return Played((self._lead, *self._coordinators), states)

    def _scenes(self) -> Iterator[tuple[datetime, Callable[[], object], int]]:
        """Everything that happens: when, what, and whether it is told of."""
        shifts, turns = self._plan.shifts, self._plan.turns
        yield self._calendar.start + FIRST_STEPS, self._open_desk, 0
        yield shifts[len(shifts) // 3] - BEFORE_WORK, self._grow, 0
        for form in self._plan.forms:
            yield form.sent_at, partial(self._send, form), 1
        for number, shift in enumerate(shifts):
            yield shift, partial(self._begin_day, claims=number < len(shifts) - 1), 0
            theirs = [turn for turn in turns if turn.shift == shift]
            for turn in theirs:
                yield turn.at, partial(self._open, turn), 1
                for place, act in enumerate(turn.visit, start=1):
                    yield turn.at + place * BETWEEN_ACTS, partial(self._do, turn, act), 0
            yield (theirs[-1].at if theirs else shift) + AFTER_WORK, self._end_day, 0

    def _open_desk(self) -> None:
        """The study lead comes by an invitation from the command line, and invites the first coordinators."""
        rights = accounts.parse_rights(LEAD.roles, LEAD.languages.split())
        with writing(connect(self._settings.store, may="write")) as connection:
            by = AuditActor("cli", "demo")
            code = invitations.create_invitation(connection, LEAD.name, LEAD.email, rights, by=by, at=clock.now())
        self._lead.comes(f"/invitation/{code}")
        self._welcome(self._coordinators[:-1])

    def _grow(self) -> None:
        self._lead.signs_in()
        self._welcome(self._coordinators[-1:])

    def _welcome(self, new: Sequence[Colleague]) -> None:
        for one in new:
            one.comes(self._lead.invites(one.hire))
            one.goes_home()
            self._here.append(one)
        self._lead.goes_home()
        self._worker.run_once()

    def _send(self, form: Form) -> None:
        """The pages of the form, as somebody without script goes through them."""
        browser, pause = Browser(self._public), HURRIES if form.who.hasty else READS
        with clock.moved_to(form.sent_at - pause):
            page = browser.opens("/en/interest")
        typed = {**form.who.typed, **({"leave_blank": "1"} if form.who.trapped else {})}
        for onward in ("/en/contact", "/en/permission", "/en/check"):
            page = browser.sends(page, onward, {name: value for name, value in typed.items() if value})
        (reference,) = browser.sends(page, "/en/received").find(REFERENCE)
        self._references.append(reference)
        self._worker.run_once()

    def _begin_day(self, *, claims: bool) -> None:
        """Whoever has waited longest for their turn works today, and begins with whoever is next."""
        self._worker.run_once()
        self._here.append(self._here.pop(0))
        self._on_duty.signs_in()
        if claims:
            self._on_duty.claims_next()

    @property
    def _on_duty(self) -> Colleague:
        return self._here[-1]

    def _open(self, turn: Turn) -> None:
        record = self._references[turn.form]
        self._visits[turn.form] = self._on_duty.visits(record, takes_on=turn.form % 2 == 0)

    def _do(self, turn: Turn, act: Act) -> None:
        self._visits[turn.form].does(act, self._references[turn.form - 1])

    def _end_day(self) -> None:
        self._worker.run_once()
        self._on_duty.goes_home()
