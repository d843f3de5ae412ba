"""Each route of the desk says who may use it and which event it leaves, and leaves that one and no other.

The list is the URL map's own: a route that nobody tried here fails.
"""

from typing import Any

import pytest

from screener.auth.permissions import CONTENT
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser

COLLEAGUE = "whoever is there"
#: Route → what is typed into its form; the record's own page is opened before.
DEEDS: dict[str, dict[str, str]] = {
    "answers": {},
    "claim": {},
    "assign": {"to": COLLEAGUE},
    "attempt": {"happened": "call:no_answer", "days": "2", "note": "a note"},
    "note": {"note": "a note"},
    "move": {"state": "reached"},
    "propose": {"reason": "automated"},
    "stop": {"channel": "call"},
    "undo": {},
    "erase": {"reason": "on_request"},
}
#: Routes without a record; they are pressed on the queue.
ON_THE_QUEUE: dict[str, dict[str, str]] = {"claim_next": {}, "find": {"reference": ""}}
ONLY_READ = ("queue", "record", "back")


def views(house: DeskApp) -> dict[str, Any]:
    return {
        endpoint.removeprefix("desk."): view
        for endpoint, view in house.app.view_functions.items()
        if endpoint.startswith("desk.")
    }


def left_by(house: DeskApp, before: int) -> set[str]:
    return {event["action"] for event in house.trail()[before:]}


def test_every_route_is_tried_and_is_for_those_who_may_see_content(house: DeskApp) -> None:
    assert views(house).keys() == {*DEEDS, *ON_THE_QUEUE, *ONLY_READ}
    assert {view.permission for view in views(house).values()} == {CONTENT}


def test_only_erasing_asks_who_it_is_once_more(house: DeskApp) -> None:
    assert [name for name, view in views(house).items() if getattr(view, "fresh_sign_in", False)] == ["erase"]


@pytest.mark.parametrize("verb", DEEDS)
def test_a_deed_leaves_the_event_that_it_names(house: DeskApp, ada: DeskUser, verb: str) -> None:
    reference = house.receives()
    if verb == "undo":
        ada.does(reference, "attempt", happened="call:busy")
    page = ada.record(reference)
    before = len(house.trail())

    typed = {name: ada.id if value == COLLEAGUE else value for name, value in DEEDS[verb].items()}
    answer = ada.posts(page, verb, **typed)

    assert answer.status == 200
    assert left_by(house, before) - {"desk:record:opened"} == {views(house)[verb].audit_action}
    assert {event["actor"] for event in house.trail()} == {ada.email}
    assert {event["subject"] for event in house.trail()} == {reference}


@pytest.mark.parametrize("name", ON_THE_QUEUE)
def test_a_press_on_the_queue_leaves_the_event_that_it_names(house: DeskApp, ada: DeskUser, name: str) -> None:
    house.receives()
    page = ada.opens("/queue")

    ada.posts(page, "queue/claim" if name == "claim_next" else name, **ON_THE_QUEUE[name])

    named = views(house)[name].audit_action
    assert left_by(house, 0) - {"desk:record:opened"} == ({named} if named else set())


def test_looking_leaves_the_event_that_it_names(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    ada.opens("/queue")
    assert (views(house)["queue"].audit_action, house.trail()) == (None, [])
    ada.client.get(f"/record/{reference}/note")
    assert (views(house)["back"].audit_action, house.trail()) == (None, [])
    ada.record(reference)
    assert left_by(house, 0) == {views(house)["record"].audit_action}


@pytest.mark.parametrize(("roles", "status"), [("", 401), ("administrator", 403)])
def test_nobody_else_is_let_in_anywhere(house: DeskApp, roles: str, status: int) -> None:
    reference = house.receives()
    browser = house.hires("Root Example", roles=roles).client if roles else house.app.test_client()
    token = str(DeskPage(browser.get("/account")).soup.select("[name=csrf_token]")[0]["value"])

    for rule in house.app.url_map.iter_rules():
        said = {"reference": reference, "verb": "propose"}
        address = rule.build({name: said.get(name, "") for name in rule.arguments})[1]
        for method in (rule.methods or set()) - {"OPTIONS"} if rule.endpoint.startswith("desk.") else ():
            answer = browser.open(address, method=method, data={"version": "1", "csrf_token": token})
            assert answer.status_code == status, (method, address)
    assert house.trail() == []
    assert house.history(reference) == []


def test_nothing_that_anybody_typed_stands_in_the_trail(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives({"name_pref": "Typed-Name"})
    page = ada.does(reference, "attempt", happened="incoming:spoke_full", note="Typed-Note", state="reached")
    ada.posts(page, "move", state="study_team_not_continuing", decided_by="Typed-DeskUser")
    ada.posts(ada.opens("/queue"), "find", reference="Typed-Reference")

    assert "Typed" not in str(house.trail(start=""))
