"""A first visit to the form is light, holds still while it loads, and waits for no script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from tests.browser import weight
from tests.support.server import Server

NewContext = Callable[..., BrowserContext]
MOST = 20_000


@pytest.fixture
def form(page: Page, one_server: Server) -> str:
    """The address of the first page with questions."""
    return weight.form_of(page, f"http://127.0.0.1:{one_server.port}")


def test_a_first_visit_is_light_and_asks_this_machine_only(new_context: NewContext, form: str) -> None:
    parts = weight.parts_of(new_context().new_page(), form)

    assert {part.kind for part in parts} == {"document", "stylesheet", "script", "icon"}
    assert {part.host for part in parts} == {"127.0.0.1"}
    assert sum(part.packed for part in parts) <= MOST, weight.table(parts, {})


def test_nothing_moves_while_it_loads_on_a_slow_line(new_context: NewContext, form: str) -> None:
    shifted, _ = weight.slowly(new_context().new_page(), form)

    assert shifted == 0


def test_it_is_complete_before_any_script(new_context: NewContext, form: str) -> None:
    """While the script is still on its way, all that stands on the page without script is there and can be pressed."""
    plain = new_context(java_script_enabled=False).new_page()
    plain.goto(form)
    window = new_context().new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.route("**/*.js", hold)

    window.goto(form, wait_until="commit")
    expect(window.locator("footer")).to_be_visible()
    button = window.locator("main button").last
    button.click(trial=True)

    assert len(held) == 1, "the script is on its way"
    assert window.inner_text("body") == plain.inner_text("body")
    held[0].continue_()
