"""The plan of a demo is sound whenever it is made: by night, at a weekend, in a shift, when the clocks change."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from screener.demo.plan import DemoPlan
from screener.demo.plan import make_plan
from screener.demo.scenarios import DeskAction
from screener.demo.schedule import DemoSchedule
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import STATES_BY_ASSIGNMENT
from screener.follow_up.transitions import TRANSITIONS
from screener.settings import Settings
from screener.study.loader import load_study

#: Hours after Sunday, 14 March 2027, 00:05 UTC; the clocks at the site go forward on that day.
SUNDAY = datetime(2027, 3, 14, 0, 5, tzinfo=UTC)
HOURS = {"before the clocks change": 0, "after it": 20, "Wednesday, in a shift": 90, "Saturday night": 165}
STUDY = load_study(Settings().study)


def state_after(state: str, act: DeskAction) -> str:
    if act.action == "erase":
        return FollowUpState.WITHDREW
    if act.action == "assign" and not act.typed["to"] and state == FollowUpState.ASSIGNED:
        return FollowUpState.NEW
    if act.action not in ("attempt", "move"):
        return state
    to = act.typed.get("state") or (FollowUpState.TRYING_TO_REACH if state in STATES_BY_ASSIGNMENT else state)
    assert to in (state, *TRANSITIONS[state]), f"{state} does not lead to {to}"
    return to


def states_at_the_end(plan: DemoPlan) -> list[str]:
    past: list[list[str]] = [[FollowUpState.ASSIGNED] for _ in plan.submissions]
    for visit in plan.visits:
        for act in visit.actions:
            states = past[visit.submission]
            states.append(states[-2] if act.action == "undo" else state_after(states[-1], act))
    return [states[-1] for states in past]


@pytest.mark.parametrize(("number", "days"), [(40, 28), (40, 170), (300, 90)])
@pytest.mark.parametrize("hours", HOURS.values(), ids=HOURS)
def test_every_state_is_reached_and_nothing_lies_in_the_future(number: int, days: int, hours: int) -> None:
    now = SUNDAY + timedelta(hours=hours)

    plan = make_plan(STUDY, DemoSchedule(now, days), number, seed=hours)

    assert len(plan.submissions) == number
    # Closing as not a real submission is proposed here, and left to a second person.
    assert set(states_at_the_end(plan)) == set(TRANSITIONS) - {FollowUpState.NOT_A_REAL_SUBMISSION}
    assert all(each.sent_at < now for each in plan.submissions)
    assert all(plan.submissions[visit.submission].sent_at < visit.at < now for visit in plan.visits)
    assert len({visit.submission for visit in plan.visits}) <= number - 3
