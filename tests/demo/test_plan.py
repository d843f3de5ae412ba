"""The plan of the demo holds whenever it is played: at each hour of a week, over few days and over many."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from screener.demo.days import Calendar
from screener.demo.plan import Plan
from screener.demo.plan import planned
from screener.demo.stories import Act
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import STATES_BY_ASSIGNMENT
from screener.follow_up.transitions import TRANSITIONS
from screener.settings import Settings
from screener.study.loader import load_study

#: The clocks at the site go forward in this week.
SUNDAY = datetime(2027, 3, 14, 0, 5, tzinfo=UTC)
STUDY = load_study(Settings().study)


def state_after(state: str, act: Act) -> str:
    if act.verb == "erase":
        return FollowUpState.WITHDREW
    if act.verb == "assign" and not act.typed["to"] and state == FollowUpState.ASSIGNED:
        return FollowUpState.NEW
    if act.verb not in ("attempt", "move"):
        return state
    to = act.typed.get("state") or (FollowUpState.TRYING_TO_REACH if state in STATES_BY_ASSIGNMENT else state)
    assert to in (state, *TRANSITIONS[state]), f"{state} does not lead to {to}"
    return to


def states_at_the_end(plan: Plan) -> list[str]:
    past = [[FollowUpState.ASSIGNED] for _ in plan.forms]
    for turn in plan.turns:
        for act in turn.visit:
            states = past[turn.form]
            states.append(states[-2] if act.verb == "undo" else state_after(states[-1], act))
    return [states[-1] for states in past]


@pytest.mark.parametrize(("number", "days"), [(40, 28), (40, 170), (300, 90)])
@pytest.mark.parametrize("hours", range(0, 24 * 7, 5))
def test_at_any_hour_every_state_comes_about_and_nothing_lies_ahead(number: int, days: int, hours: int) -> None:
    now = SUNDAY + timedelta(hours=hours)

    plan = planned(STUDY, Calendar(now, days), number, seed=hours)

    assert len(plan.forms) == number
    assert set(states_at_the_end(plan)) == set(TRANSITIONS)
    assert all(form.sent_at < now for form in plan.forms)
    assert all(plan.forms[turn.form].sent_at < turn.at < now for turn in plan.turns)
    assert len({turn.form for turn in plan.turns}) <= number - 3
