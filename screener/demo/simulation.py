"""Run the simulation of a demo, event by event: submissions are sent, the worker runs, coordinators follow up.

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
from screener.auth.access_rules import SECOND_LOOK
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.demo.browser import FormBrowser
from screener.demo.desk_users import RecordVisit
from screener.demo.desk_users import SimulatedUser
from screener.demo.desk_users import StaffMember
from screener.demo.plan import DemoPlan
from screener.demo.plan import PlannedSubmission
from screener.demo.plan import PlannedVisit
from screener.demo.plan import make_plan
from screener.demo.scenarios import DeskAction
from screener.demo.schedule import DemoSchedule
from screener.desk.context import EXTENSION as DESK
from screener.desk_app import create_desk_app
from screener.errors import UserError
from screener.intake.context import EXTENSION as INTAKE
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.staff.models import Role
from screener.study.loader import load_study
from screener.submissions import inbox
from screener.submissions import queries
from screener.worker.loop import Worker

STUDY_LEAD_MEMBER = StaffMember("Robin Example", "robin@example.org", (Role.STUDY_LEAD, Role.ADMINISTRATOR), "en")
#: Who follows up; the last is invited later than the others.
COORDINATORS = (
    StaffMember("Ines Example", "ines@example.org", (Role.COORDINATOR,), "en es"),
    StaffMember("Jordan Example", "jordan@example.org", (Role.COORDINATOR,), "en fil vi"),
    StaffMember("Mei Example", "mei@example.org", (Role.COORDINATOR,), "en yue cmn"),
)
REFERENCE_PATTERN = r'<strong class="reference">([^<]+)</strong>'
#: How long a person takes for the pages, and a program.
READING_TIME, HASTY_TIME = timedelta(minutes=6), timedelta(seconds=1)
#: Between two actions on one record.
ACTION_GAP = timedelta(seconds=35)
#: Between the creation of keys and databases and the first sign-in.
SETUP_TIME = timedelta(minutes=20)
#: Around a shift: when the study lead signs in, and when the coordinator signs out.
BEFORE_WORK, AFTER_WORK = timedelta(hours=1), timedelta(minutes=5)
ProgressCallback = Callable[[int], None]


@dataclass(frozen=True)
class SimulationResult:
    """The users of the desk, and how many submissions are in each state."""

    users: tuple[SimulatedUser, ...]
    states: dict[str, int]


@contextmanager
def start_schedule(settings: Settings, days: int) -> Iterator[DemoSchedule]:
    """Yield the schedule of a demo with the clock set to its beginning. Raises *UserError* in production."""
    if settings.in_production:
        raise UserError(
            "The demo invents people, so it does not run in production: unset SCREENER_ENV, or use another machine."
        )
    schedule = DemoSchedule(clock.now(), days)
    with clock.moved_to(schedule.start):
        yield schedule


def refuse_used_deployment(settings: Settings) -> None:
    """Raise *UserError* when there are submissions or accounts already."""
    with reading(connect(settings.store, may="read")) as connection:
        used = queries.count_submissions(connection) or accounts.list_accounts(connection)
    if used or inbox.fetch_batch(connect(settings.inbox, may="write"), 1):
        raise UserError(
            f"{settings.data} holds submissions or accounts already, and a demo is never mixed with them. Name an "
            "empty folder with SCREENER_DATA, or remove this one if it is an old demo."
        )


def plan_simulation(settings: Settings, schedule: DemoSchedule, number: int, *, seed: int) -> DemoPlan:
    """Return the plan of *number* submissions over *schedule*; one *seed* always gives the same people."""
    return make_plan(load_study(settings.study), schedule, number, seed=seed)


def run_simulation(
    settings: Settings, schedule: DemoSchedule, plan: DemoPlan, *, progress: ProgressCallback
) -> SimulationResult:
    """Carry out *plan*; *progress* gets 1 for each submission and each visit."""
    # No email to an invented person leaves this machine, and invented people share one network address.
    local = settings.model_copy(update={"smtp_url": SecretStr(""), "posts_per_minute": 0})
    public, desk = create_public_app(local), create_desk_app(local)
    try:
        return _Simulation(local, schedule, plan, public, desk).run(progress)
    finally:
        for app, room in ((public, INTAKE), (desk, DESK)):
            app.extensions[room].close()


class _Simulation:
    """The state of a running simulation."""

    def __init__(self, settings: Settings, schedule: DemoSchedule, plan: DemoPlan, public: Flask, desk: Flask) -> None:
        self._settings, self._schedule, self._plan, self._public = settings, schedule, plan, public
        self._lead = SimulatedUser(desk, STUDY_LEAD_MEMBER)
        self._coordinators = [SimulatedUser(desk, member) for member in COORDINATORS]
        #: The coordinators who were invited, the one on duty last.
        self._active: list[SimulatedUser] = []
        self._references: list[str] = []
        self._worker = Worker(settings)
        self._visits: dict[int, RecordVisit] = {}

    def run(self, progress: ProgressCallback) -> SimulationResult:
        for moment, run_event, steps in sorted(self._list_events(), key=lambda event: event[0]):
            with clock.moved_to(moment):
                run_event()
            progress(steps)
        with clock.moved_to(self._schedule.now):
            self._worker.run_once()
            self._lead.sign_in()
            states = self._lead.count_states()
            self._lead.sign_out()
        return SimulationResult((self._lead, *self._coordinators), states)

    def _list_events(self) -> Iterator[tuple[datetime, Callable[[], object], int]]:
        """Yield every event: when, what, and its steps of progress."""
        shifts, visits = self._plan.shifts, self._plan.visits
        yield self._schedule.start + SETUP_TIME, self._open_desk, 0
        invited_at = shifts[len(shifts) // 3] - BEFORE_WORK
        yield invited_at - SECOND_LOOK, self._request_last_coordinator, 0
        yield invited_at + READING_TIME, self._invite_last_coordinator, 0
        for submission in self._plan.submissions:
            yield submission.sent_at, partial(self._send_form, submission), 1
        for number, shift in enumerate(shifts):
            yield shift, partial(self._begin_shift, claims=number < len(shifts) - 1), 0
            of_shift = [visit for visit in visits if visit.shift == shift]
            for visit in of_shift:
                yield visit.at, partial(self._open_record, visit), 1
                for place, act in enumerate(visit.actions, start=1):
                    yield visit.at + place * ACTION_GAP, partial(self._perform, visit, act), 0
            yield (of_shift[-1].at if of_shift else shift) + AFTER_WORK, self._end_shift, 0

    def _open_desk(self) -> None:
        """The study lead accepts an invitation from the command line, and invites the first coordinators."""
        rights = accounts.parse_rights(STUDY_LEAD_MEMBER.roles, STUDY_LEAD_MEMBER.languages.split())
        with writing(connect(self._settings.store, may="write")) as connection:
            by = AuditActor("cli", "demo")
            code = invitations.create_invitation(
                connection, STUDY_LEAD_MEMBER.name, STUDY_LEAD_MEMBER.email, rights, by=by, at=clock.now()
            )
        self._lead.accept_invitation(invitations.invitation_link("", code))
        first = self._coordinators[:-1]
        self._add_coordinators([(one, self._lead.request_invitation(one.member)) for one in first])

    def _request_last_coordinator(self) -> None:
        self._lead.sign_in()
        self._lead.request_invitation(self._coordinators[-1].member)
        self._lead.sign_out()

    def _invite_last_coordinator(self) -> None:
        """The study lead, who could ask no other person, confirms a day later what she asked for."""
        self._lead.sign_in()
        self._add_coordinators([(self._coordinators[-1], self._lead.confirm_invitation())])

    def _add_coordinators(self, invited: Sequence[tuple[SimulatedUser, str]]) -> None:
        for one, link in invited:
            one.accept_invitation(link)
            one.sign_out()
            self._active.append(one)
        self._lead.sign_out()
        self._worker.run_once()

    def _send_form(self, submission: PlannedSubmission) -> None:
        """Go through the pages of the form, as a person without script does."""
        one = submission.participant
        browser, pause = FormBrowser(self._public), HASTY_TIME if one.is_hasty else READING_TIME
        with clock.moved_to(submission.sent_at - pause):
            page = browser.open("/en/interest")
        typed = {**one.typed, **({"leave_blank": "1"} if one.fills_trap else {})}
        for step in ("/en/contact", "/en/permission", "/en/check"):
            page = browser.submit(page, step, {name: value for name, value in typed.items() if value})
        (reference,) = browser.submit(page, "/en/received").find_all(REFERENCE_PATTERN)
        self._references.append(reference)
        self._worker.run_once()

    def _begin_shift(self, *, claims: bool) -> None:
        """The coordinators take turns: sign in the next one, who claims the next due submission first."""
        self._worker.run_once()
        self._active.append(self._active.pop(0))
        self._on_duty.sign_in()
        if claims:
            self._on_duty.claim_next()

    @property
    def _on_duty(self) -> SimulatedUser:
        return self._active[-1]

    def _open_record(self, visit: PlannedVisit) -> None:
        number = visit.submission
        self._visits[number] = self._on_duty.open_record(self._references[number], claims=number % 2 == 0)

    def _perform(self, visit: PlannedVisit, act: DeskAction) -> None:
        self._visits[visit.submission].perform(act, self._references[visit.submission - 1])

    def _end_shift(self) -> None:
        self._worker.run_once()
        self._on_duty.sign_out()
