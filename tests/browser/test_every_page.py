"""Every page and error state in a real browser, small and wide, by day and by night: no barrier, no sideways scroll.

The pages are reached inside this process (``every_page``), because no honest visitor meets most error pages; the
browser is then given what the application answered, at its own address.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Route

from screener.settings import Settings
from tests.browser import html
from tests.browser.axe import COLOURS
from tests.browser.axe import barriers
from tests.browser.fixtures import SMALL
from tests.browser.fixtures import WIDE
from tests.every_desk_page import EVERY_DESK_PAGE
from tests.every_desk_page import Desk
from tests.every_desk_page import reached
from tests.every_page import EVERY_PAGE
from tests.every_page import House

#: One worker shows all pages: each is made once, and the validator starts once.
pytestmark = pytest.mark.xdist_group("every page")

HOUSE = "http://127.0.0.1"
#: What a person's own style sheet may ask of text (WCAG 2.2, 1.4.12).
SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
#: Where text is cut; a field of one line scrolls by itself, the trap is for programs only, and where rows are cards the
#: heads of columns are for readers of screens.
CUT_OFF = """
[...document.querySelectorAll("body *:not(input, .trap, .trap *, thead)")].filter((one) =>
  one.getClientRects().length && getComputedStyle(one).overflow !== "visible" && one.scrollWidth > one.clientWidth + 1
).map((one) => one.tagName + "." + one.className)
"""


@dataclass(frozen=True)
class Answered:
    """One page as the application answered it, and a browser without a window that fetches what belongs to it."""

    path: str
    status: int
    headers: dict[str, str]
    text: str
    fetch: FlaskClient


#: What each page is called here: the pages of the form, and those of the desk.
NAMES = [*(f"form: {name}" for name in EVERY_PAGE), *(f"desk: {name}" for name in EVERY_DESK_PAGE)]


@pytest.fixture(scope="session")
def answered(_made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Answered]:
    """Gives a page, from a deployment of its own; each is made once."""

    @cache
    def answer(name: str) -> Answered:
        side, _, called = name.partition(": ")
        data = tmp_path_factory.mktemp("house") / "data"
        shutil.copytree(_made_once, data)
        with pytest.MonkeyPatch.context() as patch:
            return (_of_the_form if side == "form" else _of_the_desk)(Settings(data=data), called, patch)

    return answer


def _of_the_form(settings: Settings, name: str, patch: pytest.MonkeyPatch) -> Answered:
    house = House(settings, patch)
    answer = EVERY_PAGE[name].reach(house).answer
    headers = dict(answer.headers)
    return Answered(answer.request.path, answer.status_code, headers, answer.text, house.app.test_client())


def _of_the_desk(settings: Settings, name: str, patch: pytest.MonkeyPatch) -> Answered:
    desk = Desk(settings, patch)
    answer = reached(name, desk)
    desk.close()
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    # The page that leads on by itself is looked at while it stands.
    text = answer.text.replace('<meta http-equiv="refresh" content="0">', "")
    return Answered(answer.request.path, answer.status_code, headers, text, desk.ada.browser)


@pytest.fixture
def show(new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens a page that was answered, in a new window."""

    def opened(page: Answered, **options: object) -> Page:
        context = new_context(**options)

        def from_the_house(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path == page.path:
                route.fulfill(status=page.status, headers=page.headers, body=page.text)
                return
            with page.fetch.get(path) as file:
                route.fulfill(status=file.status_code, headers=dict(file.headers), body=file.get_data())

        context.route(f"{HOUSE}/**", from_the_house)
        window = context.new_page()
        window.goto(HOUSE + page.path)
        return window

    return opened


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_barrier_and_fits_a_small_window(
    name: str, answered: Callable[[str], Answered], show: Callable[..., Page]
) -> None:
    """axe small and wide, by day and by night; and no sideways scroll, with text as wide as a reader may set it."""
    window = show(answered(name), bypass_csp=True)
    plain = window.evaluate("document.documentElement.scrollWidth")
    found = {}
    for size in (WIDE, SMALL):
        for scheme in ("light", "dark"):
            window.set_viewport_size(size)
            window.emulate_media(color_scheme=scheme)
            found[size["width"], scheme] = barriers(window, rules=COLOURS if scheme == "dark" else ())
    window.add_style_tag(content=SPACED)

    assert {view: faults for view, faults in found.items() if faults} == {}
    assert (plain, window.evaluate("document.documentElement.scrollWidth")) == (SMALL["width"], SMALL["width"])
    assert window.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_browser_has_nothing_to_complain_of(
    name: str, answered: Callable[[str], Answered], show: Callable[..., Page]
) -> None:
    """No error of the script, and nothing on the page that its own policy stops."""
    window = show(answered(name))
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))

    window.reload()

    assert [text for text in said if f"{answered(name).status} (" not in text] == []
    assert window.evaluate("getComputedStyle(document.querySelector('.skip')).position") != "static"


def test_the_validator_finds_no_fault(answered: Callable[[str], Answered]) -> None:
    assert html.validate_pages({name: answered(name).text for name in NAMES}) == []


def test_axe_and_the_validator_bite(answered: Callable[[str], Answered], show: Callable[..., Page]) -> None:
    """What they would find if it were there: a picture without words, text too pale, an id twice."""
    page = answered("form: start")
    spoilt = page.text.replace("</main>", '<img src="/x.png"><p id="main" class="pale">pale</p></main>')
    window = show(Answered(page.path, 200, page.headers, spoilt, page.fetch), bypass_csp=True)
    window.add_style_tag(content=".pale { color: #bbb !important; background: #fff !important; }")

    found = " ".join(barriers(window))

    assert "image-alt" in found
    assert "color-contrast" in found
    assert any("Duplicate ID" in fault for fault in html.validate_html(spoilt))
