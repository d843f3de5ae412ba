"""The list of forms to be erased, and the decision on those that wait for one."""

from datetime import timedelta
from typing import Any

from screener import clock
from screener.db import writing
from screener.retention.models import StopKind
from screener.retention.stops import confirm_stops
from screener.retention.stops import raise_stop
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.retention import receive_forms
from tests.support.retention import start_worker

UNTRIED: dict[str, Any] = {"state": "new", "attempts": 0}


def announce(house: DeskApp, **changes: Any) -> str:
    (reference,) = receive_forms(house.settings, 1, changed_at=clock.now() - timedelta(days=400), **changes)
    start_worker(house.settings).run_once()
    return reference


def decide(user: DeskUser, reference: str) -> DeskPage:
    token = str(user.opens("/account").soup.select("[name=csrf_token]")[0]["value"])
    return user.posts_pairs("/to-be-erased", [("csrf_token", token), ("reference", reference)])


def test_an_untried_form_waits_until_a_person_decides_at_the_desk(house: DeskApp, ada: DeskUser) -> None:
    reference = announce(house, **UNTRIED)
    page = ada.opens("/to-be-erased")
    assert "Waiting for a decision: 1" in page.text
    assert house.trail() == []

    page = decide(ada, reference)

    assert (page.status, f"Decided by {ada.email}" in page.text) == (200, True)
    (event,) = house.trail()
    assert (event["action"], event["subject"], event["actor"]) == ("desk:retention:released", reference, ada.email)


def test_work_on_a_form_takes_it_off_the_list(house: DeskApp, ada: DeskUser) -> None:
    reference = announce(house, **UNTRIED)

    ada.posts(ada.opens("/queue"), "queue/claim")

    assert reference not in ada.opens("/to-be-erased").text
    assert decide(ada, reference).status == 409


def test_what_is_no_form_on_the_list_is_refused_in_a_sentence(house: DeskApp, ada: DeskUser) -> None:
    for reference in ("", "<script>", "2222-2222-2222-2", announce(house)):
        page = decide(ada, reference)
        assert (page.status, "does not wait for a decision" in page.text) == (409, True)
    assert house.trail() == []


def test_every_page_says_that_erasing_is_stopped_until_a_person_confirms(house: DeskApp, ada: DeskUser) -> None:
    with writing(house.store) as connection:
        raise_stop(connection, StopKind.CLOCK_BACK, source="worker", actor="worker", at=clock.now())
    for path in ("/queue", "/account", "/to-be-erased"):
        assert "The clock of the server went back." in ada.opens(path).text, path

    with writing(house.store) as connection:
        confirm_stops(connection, actor="grace", at=clock.now())

    assert "The clock of the server" not in ada.opens("/queue").text
