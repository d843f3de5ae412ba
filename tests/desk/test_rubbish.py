"""Whatever is posted in whichever field of the desk, the answer is a page of ours and never a fault.

On PostgreSQL, which takes less than SQLite does. The list of forms is read off the pages, so a new field is tried
without anybody thinking of it.
"""

import itertools
from collections.abc import Iterator

import pytest
from bs4 import Tag

from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.desk_client import link_in

#: Each in every field, and the others by turns.
ALWAYS = ("", "\0", "A" * 20_000)
BY_TURNS = (
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "-1",
    "9" * 400,
    "\u0663" * 10,
    "\u202e\u2066\ufdfd" * 50,
    "\r\nBcc: eve@example.org",
    "2026-13-45",
    "9999-12-31",
    "99:99",
)
#: What ends the session, or the record, that the next try needs.
LAST = ("/sign-out", "/erase")


def filled(form: Tag) -> dict[str, str]:
    """What a browser would post if nobody touched the form; of several that can be ticked, the first."""
    return {str(field["name"]): str(field.get("value", "")) for field in form.select("[name]")}


def tries(page: DeskPage) -> Iterator[tuple[str, dict[str, str]]]:
    by_turns = itertools.cycle(BY_TURNS)
    for form in page.soup.select("form"):
        if not str(form["action"]).endswith(LAST):
            said = filled(form)
            for name in sorted(said.keys() - {"csrf_token"}):
                for rubbish in (*ALWAYS, *itertools.islice(by_turns, 3)):
                    yield str(form["action"]), {**said, name: rubbish}


def posted(ada: DeskUser, address: str) -> list[str]:
    """The faults that the forms of the page at *address* give."""
    page = ada.opens(address)
    assert page.status == 200
    faults = []
    for action, said in tries(page):
        answer = ada.client.post(action, data=said, buffered=True)
        if answer.status_code >= 500:
            faults.append(f"{answer.status_code} at {action}")
    return faults


@pytest.mark.parametrize("any_deployment", ["postgresql"], indirect=True)
def test_rubbish_in_any_field_is_answered(any_house: DeskApp, caplog: pytest.LogCaptureFixture) -> None:
    ada = any_house.hires("Ada Coordinator", roles="coordinator,study_lead,administrator")
    bea = any_house.hires("Bea Coordinator")
    reference = any_house.receives()

    faults = [posted(ada, page) for page in ("/queue", "/audit", f"/record/{reference}", f"/team/{bea.id}", "/team")]

    assert [fault for found in faults for fault in found] == []
    assert "alert(1)" not in caplog.text


@pytest.mark.parametrize("any_deployment", ["postgresql"], indirect=True)
def test_rubbish_at_the_door_is_answered(any_house: DeskApp) -> None:
    ada = any_house.hires("Ada Coordinator", roles="administrator")
    invited = ada.posts(ada.opens("/team"), "team", name="Eve", email="eve@example.org", role="coordinator")
    link = link_in(invited.text).removeprefix("http://127.0.0.1:8001")
    stranger = DeskUser(any_house.app)

    for address in ("/sign-in", link):
        for action, said in tries(DeskPage(stranger.opens(address).answer)):
            answer = stranger.client.post(action, data=said)
            assert answer.status_code in (200, 303, 400, 404, 422, 429), (action, answer.status_code)
