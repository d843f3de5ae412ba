"""The plan of a demo: which submissions arrive when, and every visit to their records, made before anything runs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from itertools import cycle

from screener.demo import scenarios
from screener.demo.participants import InventedParticipant
from screener.demo.participants import invent_participants
from screener.demo.participants import make_reachable
from screener.demo.scenarios import Scenario
from screener.demo.scenarios import VisitActions
from screener.demo.scenarios import VisitSequence
from screener.demo.schedule import DemoSchedule
from screener.demo.schedule import spread_visits
from screener.study.model import Study

#: A submission with fewer working days behind it than the first had one attempt at most; with fewer than the second,
#: its follow-up is still open.
WORKED_AFTER_DAYS, ENDED_AFTER_DAYS = 3, 10
#: An open follow-up with so many working days to spare had a first attempt soon after the submission.
FIRST_ATTEMPT_DAYS = 1
#: The most working days between two visits of a follow-up that has ended.
LONGEST_GAP_DAYS = 4
#: So many of the last submissions have not ended, however long ago they arrived.
FEWEST_OPEN = 20
#: One in so many of the older submissions is still open, too.
LINGERING_RATIO = 9


@dataclass(frozen=True)
class PlannedSubmission:
    """One submission: who sends it, when, and its follow-up."""

    sent_at: datetime
    participant: InventedParticipant
    scenario: Scenario


@dataclass(frozen=True)
class PlannedVisit:
    """One visit to one record; *submission* is its position in the plan."""

    shift: datetime
    at: datetime
    submission: int
    actions: VisitActions


@dataclass(frozen=True)
class DemoPlan:
    """Everything that happens in a demo."""

    submissions: Sequence[PlannedSubmission]
    visits: Sequence[PlannedVisit]
    shifts: Sequence[datetime]


def make_plan(study: Study, schedule: DemoSchedule, number: int, *, seed: int) -> DemoPlan:
    """Return the plan of *number* submissions over the days of *schedule*; the same one for the same *seed*."""
    rng = random.Random(seed)  # noqa: S311 - not for security
    shifts, participants = schedule.list_shifts(), invent_participants(study, number, seed=seed)
    picker = _ScenarioPicker()
    submissions: list[PlannedSubmission] = []
    by_shift: dict[datetime, list[tuple[int, VisitActions]]] = {shift: [] for shift in shifts}
    for index, (sent_at, one) in enumerate(zip(schedule.list_arrivals(number, rng), participants, strict=True)):
        later = [shift for shift in shifts if shift > sent_at]
        scenario = picker.pick(len(later), index, left=number - index)
        sender = submissions[-1].participant if scenario.is_duplicate else make_reachable(one, scenario.channels)
        sender = replace(sender, fills_trap=scenario.fills_trap, is_hasty=scenario.is_hasty)
        submissions.append(PlannedSubmission(sent_at, sender, scenario))
        for shift, actions in zip(_choose_shifts(later, scenario, index), scenario.visits, strict=False):
            by_shift[shift].append((index, actions))
    visits = [
        PlannedVisit(shift, at, index, actions)
        for shift, each in by_shift.items()
        for at, (index, actions) in zip(spread_visits(shift, len(each)), each, strict=True)
    ]
    return DemoPlan(submissions, visits, shifts)


class _ScenarioPicker:
    """Hands out the scenarios, each kind in turn."""

    def __init__(self) -> None:
        self._outcomes = scenarios.AttemptOutcomes()
        self._open, self._ended = cycle(scenarios.OPEN_SCENARIOS), cycle(enumerate(scenarios.ENDED_SCENARIOS))
        self._ended_so_far = 0

    def pick(self, working_days: int, index: int, *, left: int) -> Scenario:
        """Return the scenario of a submission with *working_days* behind it; *left* are to come, itself included."""
        if working_days < WORKED_AFTER_DAYS:
            return self._pick_recent(working_days, index)
        lingers = self._ended_so_far >= len(scenarios.ENDED_SCENARIOS) and index % LINGERING_RATIO == 0
        if working_days < ENDED_AFTER_DAYS or left <= FEWEST_OPEN or lingers:
            return Scenario(self._add_first_attempt(working_days, next(self._open)(self._outcomes)))
        self._ended_so_far += 1
        place, template = next(self._ended)
        return Scenario(
            template(self._outcomes),
            has_ended=True,
            is_duplicate=place == scenarios.DUPLICATE_INDEX,
            fills_trap=place == scenarios.SPAM_INDEX,
        )

    def _pick_recent(self, working_days: int, index: int) -> Scenario:
        if working_days and index % 3:
            return Scenario(((self._outcomes.no_contact(days="1"),),))
        return Scenario(is_hasty=index % 4 == 0)

    def _add_first_attempt(self, working_days: int, visits: VisitSequence) -> VisitSequence:
        """Return *visits* after a first attempt, where there was time for one and they begin with an attempt."""
        if working_days > FIRST_ATTEMPT_DAYS + len(visits) and any(act.action == "attempt" for act in visits[0]):
            return ((self._outcomes.no_contact(days="14"),), *visits)
        return visits


def _choose_shifts(later: Sequence[datetime], scenario: Scenario, index: int) -> Sequence[datetime]:
    """Return on which of the *later* shifts the visits are: an open follow-up's begin soon and go on until lately."""
    steps = len(scenario.visits)
    if scenario.has_ended:
        step = max(2, min(len(later) // steps, LONGEST_GAP_DAYS))
        return later[: step * steps : step]
    last = len(later) - index % 2
    recent = later[max(0, last - steps) : last]
    return [later[0], *recent[1:]] if steps > 1 else recent
