"""The desk's pages in a real browser: nothing in the way, small and wide, by day and by night, without script."""

import threading
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from werkzeug.serving import make_server

from screener import clock
from screener.settings import Settings
from tests.browser.fixtures import WIDE
from tests.desk.conftest import opened
from tests.desk.test_queue import sets
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

LONG = "Wolfeschlegel" * 38 + "Berger"
HEBREW = "\u05e2\u05d3\u05d4 \u05d3\u05d5\u05d2\u05de\u05d4"


@pytest.fixture
def _noon() -> None:
    """A browser and a server are two programs: here the clock is everybody's."""


@pytest.fixture
def lived_in(deployment: Settings) -> Iterator[tuple[DeskApp, DeskUser, str]]:
    """A desk with people in all kinds of states, at an address that a browser can open."""
    house = next(opened(deployment))
    ada, grace = house.hires("Ada Coordinator"), house.hires(LONG[:70])
    names = ("Ada Example", LONG, HEBREW, "Bo", "Chi")
    references = [house.receives({"name_pref": name, "sms_ok": "1", "access_text": "slowly"}) for name in names]
    first = references[0]
    ada.does(first, "attempt", happened="call:no_answer", days="1", note="Rang out")
    for number in range(6):
        ada.does(first, "note", note=f"note {number}")
    ada.does(first, "stop", channel="text")
    grace.does(references[1], "claim")
    grace.does(references[4], "erase", reason="on_request")
    sets(house, first, next_action_at=clock.now() - timedelta(hours=1))
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield house, ada, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    house.room.close()


def signed_in(new_context: Callable[..., BrowserContext], ada: DeskUser, address: str, **options: object) -> Page:
    context = new_context(**options)
    cookie = ada.client.get_cookie("screener-desk")
    assert cookie is not None
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    return context.new_page()


def test_a_morning_at_the_desk_needs_no_script_and_few_presses(
    new_context: Callable[..., BrowserContext], lived_in: tuple[DeskApp, DeskUser, str]
) -> None:
    house, ada, address = lived_in
    page = signed_in(new_context, ada, address, java_script_enabled=False)
    page.goto(f"{address}/queue")

    page.click("text=Claim next due")
    reference = page.inner_text("h1")
    attempts = house.follow_up(reference).attempts
    page.click("#attempt >> text=No answer")
    page.click("#attempt >> text=Tomorrow")
    page.click("text=Save attempt")

    assert page.inner_text("h1") == reference
    assert "Phone call: No answer." in page.inner_text("main")
    assert house.follow_up(reference).attempts == attempts + 1
    assert house.follow_up(reference).next_action_at > clock.now()


def test_an_attempt_can_be_logged_with_the_keyboard_alone(
    new_context: Callable[..., BrowserContext], lived_in: tuple[DeskApp, DeskUser, str]
) -> None:
    house, ada, address = lived_in
    page = signed_in(new_context, ada, address, viewport=WIDE)
    page.goto(f"{address}/queue")

    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    tab_to("form[action='/queue/claim'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#attempt")
    reference = page.inner_text("h1")
    attempts = house.follow_up(reference).attempts
    tab_to("#attempt input[name=happened]")
    page.keyboard.press("Space")
    tab_to("#attempt input[name=days]")
    page.keyboard.press("ArrowRight")
    tab_to("#attempt button")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert house.follow_up(reference).attempts == attempts + 1
    assert house.follow_up(reference).next_action_at > clock.now()
