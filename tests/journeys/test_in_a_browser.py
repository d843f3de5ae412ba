"""The whole way in a real browser, as people go it: with a thumb, with keys alone, with and without script.

Each person is invented. The server is the shipped one; what came of it is read in the export.
"""

import re
from collections.abc import Callable
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Response
from playwright.sync_api import expect

from tests.browser.fixtures import SMALL
from tests.browser.fixtures import WIDE
from tests.support.http_client import REFERENCE
from tests.support.server import Server

#: What is left of a window of 1280 by 1024 when everything is four times as large.
ZOOMED = {"width": 320, "height": 256}
WRONG = re.compile("^Error: ")
#: What has the focus, and what shows it.
FOCUSED = """
(() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const x = box.left + box.width / 2, y = Math.min(box.top + box.height / 2, innerHeight - 1);
  const above = document.elementFromPoint(x, y);
  return {
    id: one.id, name: one.name || "", text: one.textContent.trim(), tag: one.tagName, value: one.value || "",
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight,
    bare: above === null || one === above || one.contains(above) || above.contains(one)
  };
})()
"""


@pytest.fixture
def telephone(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A small touch screen without script; a cookie offered to it, by any answer, fails the test."""
    context = new_context(viewport=SMALL, has_touch=True, java_script_enabled=False)
    offered: list[str] = []
    context.on("response", lambda answer: offered.extend(_cookies_in(answer)))
    yield context.new_page()
    assert offered == []


def _cookies_in(answer: Response) -> list[str]:
    return [one["value"] for one in answer.headers_array() if one["name"].lower() == "set-cookie"]


def row_of(server: Server, reference: str) -> dict[str, str]:
    server.wait_until_moved()
    (row,) = [row for row in server.exported() if row["reference"] == reference]
    return row


def reference_on(page: Page) -> str:
    found = REFERENCE.search(page.inner_text("main"))
    assert found, page.inner_text("main")
    return found.group()


def label(page: Page, field: str, code: str) -> Locator:
    return page.locator(f'label[for="{field}-{code}"]')


def onward(page: Page) -> Locator:
    """The button that leads on from a step."""
    return page.locator("main .actions button").first


def change(page: Page, asked: str) -> Locator:
    """The button beside what was *asked*."""
    return page.locator(".told > div", has_text=asked).get_by_role("button", name="Change")


def test_with_a_thumb_without_script_and_cookies(telephone: Page, one_server: Server) -> None:
    page = telephone
    page.goto(f"http://127.0.0.1:{one_server.port}/")
    page.get_by_role("link", name="Start the form").tap()
    expect(page).to_have_url(f"http://127.0.0.1:{one_server.port}/en/interest")
    page.get_by_label("How old are you", exact=False).fill("34")
    label(page, "dep_told", "9").tap()
    label(page, "tx_had", "1").tap()
    onward(page).tap()
    page.locator("#name_pref").fill("Invented  Thumb")
    onward(page).tap()

    expect(page).to_have_title(WRONG)
    expect(page.locator("#summary")).to_be_visible()
    page.locator("#summary a").first.tap()
    wrong = urlsplit(page.url).fragment
    assert page.locator(f"#{wrong}").bounding_box()["y"] < SMALL["height"]
    page.locator("#email").fill("thumb@example.org")
    onward(page).tap()
    page.locator('label[for="adult_self"]').tap()
    onward(page).tap()

    expect(page.locator("h1")).to_have_text("Check your answers")
    page.wait_for_load_state()  # before its style sheet has come, a browser puts blanks together
    said = page.locator("dd").all_inner_texts()
    assert "Invented  Thumb" in said, "blanks that were typed are shown as typed"
    assert [one for one in said if one != one.strip()] == [], "and no others are"
    change(page, "Has a doctor").tap()
    expect(page).to_have_url(re.compile("#dep_told-1$"))
    assert page.locator("#dep_told-9").is_checked()
    onward(page).tap()
    expect(page.locator("h1")).to_have_text("Check your answers")
    change(page, "What name").tap()
    page.locator("#name_pref").fill("Invented Thumb, changed")
    onward(page).tap()
    page.get_by_role("button", name="Send", exact=True).tap()

    expect(page.locator("h1")).to_have_text("We have your form")
    reference = reference_on(page)
    assert page.locator("#print").is_hidden()
    assert "Invented" not in page.content()
    assert page.context.cookies() == []
    row = row_of(one_server, reference)
    assert (row["name_pref"], row["email"], row["age_years"]) == ("Invented Thumb, changed", "thumb@example.org", "34")


def focused(page: Page) -> dict[str, str]:
    """What has the focus now; everything that takes it shows it, and nothing lies over it."""
    one: dict[str, str] = page.evaluate(FOCUSED)
    assert one["ring"], f"nothing shows that {one} has the focus"
    assert one["inside"] and one["bare"], f"{one} has the focus out of sight"
    return one


def tab_to(page: Page, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    # A heading is there before the style that shows the focus is.
    page.wait_for_load_state()
    for _ in range(120):
        page.keyboard.press("Tab")
        one = focused(page)
        if wanted(one):
            return one
    raise AssertionError("the Tab key never leads there")


@pytest.mark.parametrize("size", [SMALL, WIDE, ZOOMED], ids=["small", "wide", "zoomed to 400 %"])
def test_with_the_keyboard_alone(new_context: Callable[..., BrowserContext], one_server: Server, size: object) -> None:
    page = new_context(viewport=size).new_page()
    page.goto(f"http://127.0.0.1:{one_server.port}/en/")
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Skip to the main part"
    page.keyboard.press("Enter")
    tab_to(page, lambda one: one["text"] == "Start the form")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("A few questions about you")

    tab_to(page, lambda one: one["name"] == "dep_told")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    chosen = focused(page)["value"]
    tab_to(page, lambda one: one["name"] == "tx_had")
    page.keyboard.press("Space")
    tab_to(page, lambda one: one["text"] == "Continue")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("How to reach you")
    tab_to(page, lambda one: one["id"] == "name_pref")
    page.keyboard.type("Invented Keys")
    # Enter in a field goes on, and does not change the language.
    page.keyboard.press("Enter")

    expect(page).to_have_title(WRONG)
    page.wait_for_load_state()
    assert focused(page)["id"] == "summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page)["id"] == urlsplit(page.url).fragment == "phone"
    page.keyboard.type("+1 415 555 0100")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your OK")
    tab_to(page, lambda one: one["id"] == "adult_self")
    page.keyboard.press("Space")
    tab_to(page, lambda one: one["text"] == "Check your answers")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Check your answers")
    tab_to(page, lambda one: one["text"] == "Send")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("We have your form")
    row = row_of(one_server, reference_on(page))
    assert (row["name_pref"], row["phone"], row["dep_told"]) == ("Invented Keys", "+1 415 555 0100", chosen)
    assert "Invented Keys" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")


def test_the_way_out_leaves_no_way_back(page: Page, one_server: Server) -> None:
    """Quick exit replaces the page in the history, and Back does not lead to it again."""
    page.goto("about:blank")
    page.goto(f"http://127.0.0.1:{one_server.port}/en/interest")
    away = str(page.locator("#exit").get_attribute("href"))
    page.route(away, lambda route: route.fulfill(body="<title>Weather</title>", content_type="text/html"))

    page.locator("#exit").click()
    expect(page).to_have_title("Weather")
    page.go_back()

    assert page.url == "about:blank"


def test_back_and_edit_is_a_second_submission_and_the_first_stays(page: Page, one_server: Server) -> None:
    page.goto(f"http://127.0.0.1:{one_server.port}/en/contact")
    page.locator("#name_pref").fill("Invented Back")
    page.locator("#email").fill("back@example.org")
    onward(page).click()
    page.locator("#adult_self").check()
    onward(page).click()
    held = page.locator("form").inner_html()
    page.get_by_role("button", name="Send", exact=True).click()
    first = reference_on(page)

    page.goto(f"http://127.0.0.1:{one_server.port}/en/interest")
    page.evaluate("held => { document.querySelector('form').innerHTML = held }", held)
    change(page, "What name").click()
    page.locator("#name_pref").fill("Invented Back, edited")
    onward(page).click()
    page.get_by_role("button", name="Send", exact=True).click()
    second = reference_on(page)

    assert first != second
    assert row_of(one_server, first)["name_pref"] == "Invented Back"
    assert row_of(one_server, second)["name_pref"] == "Invented Back, edited"
