"""The whole story over TLS, in production, in a real browser: from an invitation to a call that was tried.

Everybody in it is invented. Once with script, once without; and the part that is done every day with keys alone.
"""

import re
import time
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from passlib.totp import TOTP
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Response
from playwright.sync_api import expect

from screener.settings import Settings
from tests.browser.fixtures import WIDE
from tests.journeys.production import Production
from tests.journeys.test_in_a_browser import FOCUSED
from tests.support.accounts import confirm_waiting_changes

#: One worker makes what these share.
pytestmark = pytest.mark.xdist_group("whole story")

PASSWORD = "four quiet words here"
NAME = "Ada Example"
NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    made = Production(tmp_path_factory.mktemp("production"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Someone:
    """A browser, and who sits at it; a second factor is a secret and the time."""

    def __init__(self, production: Production, context: BrowserContext, email: str) -> None:
        self.production = production
        self.context = context
        self.page: Page = context.new_page()
        self.email = email
        self.secret = ""
        self._codes = 0

    def code(self) -> str:
        """A code that was not given before: the app's clock may be half a minute off, and no code is taken twice."""
        step = int(time.time()) // 30
        self._codes = max(step, self._codes + 1)
        while self._codes > int(time.time()) // 30 + 1:
            time.sleep(0.5)
        return str(TOTP(key=self.secret).generate(self._codes * 30).token)

    def takes_up(self, link: str) -> None:
        self.page.goto(link)
        if self.page.input_value("#code"):
            # The script has put the code into its field, and taken it out of the address.
            assert self.page.url.endswith("/invitation")
        else:
            self.page.fill("#code", link)
        self.page.click("main button")
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.secret = self.page.inner_text(".secret").replace("-", "")
        self.page.fill("#code", self.code())
        self.page.click("main button")
        expect(self.page.locator("h1")).to_have_text("Your recovery codes")
        assert self.page.locator(".codes code").count() == 10
        self.page.click("text=I have saved them")

    def signs_in(self) -> None:
        self.page.fill("#email", self.email)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.fill("#code", self.code())
        self.page.click("main button")


@pytest.fixture
def somebody(production: Production, new_context: NewContext) -> Callable[..., Someone]:
    """Makes a browser of its own for somebody."""

    def make(email: str, **options: object) -> Someone:
        return Someone(production, new_context(ignore_https_errors=True, viewport=WIDE, **options), email)

    return make


def cookies_of(context: BrowserContext) -> list[dict[str, object]]:
    return [dict(cookie) for cookie in context.cookies()]


def fills_in(page: Page, production: Production) -> str:
    """A participant sends the form; gives the reference."""
    checks_answers(page, production)
    page.get_by_role("button", name="Send").click()
    return page.inner_text(".reference")


def checks_answers(page: Page, production: Production) -> None:
    """A participant fills in the form, up to the page that shows what will be sent."""
    page.goto(f"{production.form}/en/interest")
    page.check("#dep_told-1")
    page.get_by_role("button", name="Continue").click()
    page.fill("#name_pref", NAME)
    page.fill("#phone", "+1 415 555 0100")
    page.check("#voicemail-1")
    page.get_by_role("button", name="Continue").click()
    page.check("#adult_self")
    page.get_by_role("button", name="Check your answers").click()


def shown_link(page: Page, production: Production) -> str:
    """The invitation link on *page*, after a second person confirmed it where it waits."""
    if page.inner_text("h1") == "Access":
        confirm_waiting_changes(Settings(data=production.inside.data))
        page.reload()
        page.click("text=Make the link")
    return page.inner_text(".secret")


def opens_when_ready(page: Page, production: Production) -> None:
    """The form opens once the worker has told the board that somebody is there to be told.

    Each process of the public side looks at the board by itself, every two seconds.
    """
    seen = 0
    for _ in range(800):
        page.goto(f"{production.form}/en/interest")
        seen = seen + 1 if page.locator("#age_years").count() else 0
        if seen == 10:
            return
        time.sleep(0.25)
    raise AssertionError(f"the form stays closed: {page.inner_text('main')}")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_an_invitation_to_a_call(
    production: Production, somebody: Callable[..., Someone], new_context: NewContext, script: bool, tmp_path: Path
) -> None:
    names = ("Root", "Grace") if script else ("Rosa", "Gus")
    root = somebody(f"{names[0].lower()}@example.org", java_script_enabled=script)
    grace = somebody(f"{names[1].lower()}@example.org", java_script_enabled=script, accept_downloads=True)
    visitor = new_context(ignore_https_errors=True, java_script_enabled=script)
    offered: list[Response] = []
    visitor.on("response", lambda answer: offered.extend([answer]))

    # An administrator comes by the link that the command line printed, and invites a coordinator.
    root.takes_up(production.invites(names[0], "administrator"))
    root.page.click("text=Team")
    root.page.fill("#name", names[1])
    root.page.fill("#email", grace.email)
    root.page.click("text=Make an invitation")
    grace.takes_up(shown_link(root.page, production))
    expect(grace.page.locator("h1")).to_have_text("Queue")

    # Now somebody can be told, so the form is open. A person sends it; a letter says so, and says nothing else.
    participant = visitor.new_page()
    opens_when_ready(participant, production)
    told = len(production.mail.taken)
    reference = fills_in(participant, production)
    letters = awaited(production, told, reference)
    assert production.desk in letters
    assert not re.search(f"{NAME}|555 0100|depress|study|DMT", letters, re.IGNORECASE)

    # The coordinator finds the form in the queue, reads what may be said, calls, and logs it.
    grace.page.goto(f"{production.desk}/queue?show=all")
    grace.page.click(f"text={reference}")
    expect(grace.page.locator(".name")).to_have_text(NAME)
    headings = grace.page.locator("main h2").all_inner_texts()
    assert headings[:3] == ["Before you call", "Contact", "Answers"]
    assert grace.page.get_by_role("link", name="+1 415 555 0100").first.get_attribute("href") == "tel:+14155550100"
    grace.page.click("text=Show answers")
    expect(grace.page.locator("section[aria-labelledby=answers]")).to_contain_text("Yes")
    grace.page.click("#attempt >> text=No answer")
    grace.page.click("#attempt >> text=Tomorrow")
    grace.page.fill("#attempt textarea", "Rang ten times")
    grace.page.click("text=Save attempt")
    expect(grace.page.locator(".timeline").first).to_contain_text("Phone call: No answer.")
    expect(grace.page.locator(".timeline").first).to_contain_text("Rang ten times")

    # The file comes out of the desk, for a purpose, and is whole and genuine.
    grace.page.click("text=Export")
    grace.page.fill("#purpose", "first calls")
    with grace.page.expect_download() as begun:
        grace.page.click("text=Download everything")
    with zipfile.ZipFile(begun.value.path()) as archive:
        archive.extractall(tmp_path)
    (file,) = (path for path in tmp_path.iterdir() if path.name.count(".") == 1)
    assert reference in file.read_text(encoding="utf-8-sig")
    assert production.inside.expect("verify-export", str(file)).startswith("whole and genuine")

    # Who keeps accounts never sees what people sent; and the form sets no cookie.
    assert root.page.goto(f"{production.desk}/record/{reference}").status == 403
    assert cookies_of(visitor) == []
    assert not [one for one in offered if "set-cookie" in one.headers]
    for who in (root, grace):
        kept = {one["name"]: one for one in cookies_of(who.context)}
        assert all(one["secure"] and one["httpOnly"] and one["sameSite"] == "Strict" for one in kept.values())
        cookie = kept["__Host-screener-desk"]
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (
            "__Host-screener-desk",
            True,
            True,
            "Strict",
            "/",
        )


def awaited(production: Production, told: int, reference: str) -> str:
    """What the letters since then say, once one about *reference* (or about several) is there."""
    for _ in range(1200):
        new = [message.as_string() for message in production.mail.taken[told:]]
        if any(reference in text for text in new):
            return "\n".join(new)
        time.sleep(0.25)
    raise AssertionError(f"no letter about {reference}: {[str(one['Subject']) for one in production.mail.taken]}")


def test_what_was_typed_outlives_the_session(production: Production, somebody: Callable[..., Someone]) -> None:
    lea = somebody("lea@example.org")
    lea.takes_up(production.invites("Lea", "coordinator"))
    participant = lea.context.new_page()
    opens_when_ready(participant, production)
    reference = fills_in(participant, production)
    production.carrying.wait_until_moved()
    lea.page.goto(f"{production.desk}/record/{reference}")
    lea.page.click("summary:has-text('Add a note')")
    lea.page.fill("#note textarea", "Prefers the afternoon")
    elsewhere = lea.context.new_page()
    elsewhere.goto(f"{production.desk}/account")
    elsewhere.click("text=Sign out")

    lea.page.click("text=Save note")
    expect(lea.page.locator("h1")).to_have_text("Sign in")
    lea.signs_in()

    expect(lea.page.locator("h1")).to_have_text("What you typed was kept")
    expect(lea.page.locator("main")).to_contain_text("Prefers the afternoon")
    lea.page.click("text=Send it now")
    expect(lea.page.locator("h1")).to_have_text(reference)
    expect(lea.page.locator(".timeline").first).to_contain_text("Prefers the afternoon")


def test_a_day_s_work_with_keys_alone(production: Production, somebody: Callable[..., Someone]) -> None:
    kim = somebody("kim@example.org")
    kim.takes_up(production.invites("Kim", "coordinator"))
    participant = kim.context.new_page()
    opens_when_ready(participant, production)
    fills_in(participant, production)
    production.carrying.wait_until_moved()
    kim.page.click("text=Sign out")
    expect(kim.page.locator("h1")).to_have_text("Sign in")
    keys = Keys(kim.page)

    keys.goes_to("#email")
    keys.types(kim.email)
    keys.goes_to("#password")
    keys.types(PASSWORD)
    keys.presses("Enter")
    keys.goes_to("#code")
    keys.types(kim.code())
    keys.presses("Enter")
    expect(kim.page.locator("h1")).to_have_text("Queue")
    keys.goes_to("form[action='/queue/claim'] button")
    keys.presses("Enter")
    reference = kim.page.inner_text("h1")
    keys.goes_to("#attempt input[name=happened]")
    keys.press_only("Space")
    keys.goes_to("#attempt input[name=days]")
    keys.press_only("ArrowRight")
    keys.goes_to("#attempt button")
    keys.presses("Enter")
    expect(kim.page.locator("h1")).to_have_text(reference)
    expect(kim.page.locator(".timeline").first).to_contain_text("Phone call: No answer.")
    keys.goes_to(".leave button")
    keys.presses("Enter")
    expect(kim.page.locator("h1")).to_have_text("Sign in")


class Keys:
    """Somebody who has a keyboard and nothing else; what has the focus is always to be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def goes_to(self, selector: str) -> None:
        self.page.wait_for_load_state()
        for _ in range(120):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused["tag"] not in ("BODY", "HTML"):
                assert focused["ring"], focused
                assert focused["inside"], focused
        raise AssertionError(f"the keyboard does not reach {selector}")

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press_only(self, key: str) -> None:
        self.page.keyboard.press(key)

    def presses(self, key: str) -> None:
        """Press *key*, which leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
