"""The ten everyday tasks of ``docs/coordinate.md``, done as it says in a browser, and counted."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page

from screener.desk.words import STATES
from screener.follow_up.transitions import OPEN_STATES
from screener.follow_up.transitions import TRANSITIONS
from screener.follow_up.transitions import list_next_states
from screener.settings import ROOT
from tests.desk.test_in_a_browser import lived_in
from tests.desk.test_in_a_browser import signed_in
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

__all__ = ["lived_in"]

GUIDE = (ROOT / "docs" / "coordinate.md").read_text(encoding="utf-8")
#: Number → the page, the actions (what is pressed; or chosen or typed, after a ">"), and what is read afterwards.
TASKS: dict[int, tuple[str, tuple[str, ...], str]] = {
    1: ("queue", ("text=Claim next due",), "Before you call"),
    2: (
        "record",
        ("#attempt >> text=No answer", "#attempt >> text=Tomorrow", "text=Save attempt"),
        "Phone call: No answer",
    ),
    3: (
        "record",
        (
            "#attempt >> text=Full conversation",
            "#attempt-day > {day}",
            "#attempt-hour > 10:30",
            "#attempt-state > phone_screen_booked",
            "text=Save attempt",
        ),
        "10:30 AM",
    ),
    4: ("record", ("text=Show answers",), "worded as they saw them"),
    5: ("record", ("text=Add a note", "#note-note > Sister answers", "text=Save note"), "Sister answers"),
    6: ("queue", ("#reference > {reference}", "text=Find"), "{reference}"),
    7: ("record", ("#assign summary", "#assign-to > {colleague}", "#assign button"), "Assigned to Ada Coordinator"),
    8: (
        "record",
        ("text=Stop calls, texts or email", "#stop >> text=Text messages", "text=Stop now"),
        "Contact stopped: Text messages.",
    ),
    9: ("record", ("text=Undo the last change",), "Undid the previous change"),
    10: ("record", ("text=Erase this form", "text=The person asked for it", "text=Erase permanently"), "was erased on"),
}


def counted() -> dict[int, int]:
    """The counts that the guide gives."""
    return {int(row[1]): int(row[2]) for row in re.finditer(r"^\| (\d+) \|.*\| (\d+) \|$", GUIDE, re.MULTILINE)}


def act(page: Page, action: str) -> None:
    place, _, said = action.partition(" > ")
    if not said:
        page.click(place)
    elif page.eval_on_selector(place, "field => field.tagName") == "SELECT":
        page.select_option(place, said)
    else:
        page.fill(place, said)


def test_the_guide_counts_all_ten() -> None:
    assert counted() == {number: len(actions) for number, (_, actions, _) in TASKS.items()}


@pytest.mark.parametrize("number", TASKS)
def test_a_task_takes_as_many_actions_as_the_guide_says(
    new_context: Callable[..., BrowserContext], lived_in: tuple[DeskApp, DeskUser, str], number: int
) -> None:
    house, ada, address = lived_in
    reference = house.receives()
    ada.does(reference, "attempt", happened="call:busy")
    known = {"reference": reference, "colleague": ada.id, "day": f"{house.follow_up(reference).changed_at:%Y-%m-%d}"}
    where, actions, read = TASKS[number]
    page = signed_in(new_context, ada, address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/{where}" if where == "queue" else f"{address}/record/{reference}")

    for action in actions:
        act(page, action.format(**known))

    assert read.format(**known) in page.inner_text("main")


def test_the_guide_names_every_step_of_the_table() -> None:
    rows = re.findall(r"^\| ([a-z, ]+) \| ([a-z, ]+)(?:: [a-z ]+)? \|$", GUIDE, re.MULTILINE)
    said = {name: steps.split(", ") for names, steps in rows for name in names.split(", ")}
    for state in OPEN_STATES:
        steps = [STATES[to].lower() for to in list_next_states(state) if to in OPEN_STATES]
        assert said[STATES[state].lower()] == steps, state
    assert said["closed"] == [STATES[to].lower() for to in TRANSITIONS["not_interested"]]
