"""``python -m tests.browser.pictures``: the README's pictures, taken from the shipped server by a real browser.

The person in them is invented. Take them anew whenever the pages look different.
"""

import re
import tempfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import ViewportSize

from tests.browser import driver
from tests.browser.fixtures import WIDE
from tests.browser.fixtures import launched
from tests.support.server import ROOT
from tests.support.server import Server

FOLDER = ROOT / "docs" / "images"
#: A coordinator of the demo.
WHO = "ines@example.org"
TELEPHONE: ViewportSize = {"width": 320, "height": 690}


def take(page: Page, name: str, *, at: str) -> None:
    """The window as it stands when the part *at* is at its top."""
    page.locator(at).first.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 80)")
    page.screenshot(path=FOLDER / f"{name}.png")


def on_a_telephone(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport=TELEPHONE, has_touch=True, device_scale_factor=2).new_page()
    page.goto(f"{url}/en/interest")
    page.check("#dep_told-1")
    page.check("#dep_now-8")
    take(page, "interest-320", at="fieldset")
    page.get_by_role("button", name="Continue").click()
    page.fill("#name_pref", "Ada Example")
    page.fill("#phone", "+1 415 555 0100")
    page.get_by_role("button", name="Continue").click()
    page.check("#adult_self")
    page.get_by_role("button", name="Check your answers").click()
    take(page, "check-320", at="h1")
    page.get_by_role("button", name="Send").click()
    take(page, "received-320", at="h1")


def on_a_wide_screen_at_night(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport=WIDE, color_scheme="dark").new_page()
    page.goto(f"{url}/en/interest")
    page.check("#dep_told-1")
    take(page, "interest-1280-dark", at="body")


def beside_the_plain_form(browser: Browser, url: str) -> None:
    """Five pages as they are, and beside each the same fields as a browser shows them without a style of ours."""
    for name, at in BESIDE.items():
        pictures = [_on_the_way_to(browser, url, name, at, plain=plain) for plain in (True, False)]
        images = "".join(f'<img src="data:image/png;base64,{b64encode(one).decode()}">' for one in pictures)
        sheet = browser.new_page(viewport={"width": 2 * TELEPHONE["width"] + 48, "height": TELEPHONE["height"] + 32})
        sheet.set_content(f'<body style="margin:16px;display:flex;gap:16px;background:#8a9694">{images}')
        sheet.screenshot(path=FOLDER / f"beside-{name}.png")
        sheet.close()


def _on_the_way_to(browser: Browser, url: str, name: str, at: str, *, plain: bool) -> bytes:
    page = browser.new_context(viewport=TELEPHONE).new_page()
    if plain:
        page.route("**/static/**", lambda route: route.abort())
    page.goto(f"{url}/en/")
    steps = list(BESIDE)
    for step in steps[: steps.index(name) + 1]:
        ON_THE_WAY[step](page)
    page.locator(at).first.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 80)")
    taken = page.screenshot()
    page.context.close()
    return taken


def _starts(page: Page) -> None:
    page.get_by_role("link", name="Start the form").click()
    page.check("#dep_told-1")


def _errs(page: Page) -> None:
    page.locator("main .actions button").first.click()
    page.fill("#name_pref", "Ada Example")
    page.locator("main .actions button").first.click()


def _checks(page: Page) -> None:
    page.fill("#phone", "+1 415 555 0100")
    page.locator("main .actions button").first.click()
    page.check("#adult_self")
    page.locator("main .actions button").first.click()


#: Pages that are shown beside the plain ones, and what stands at the top of the picture.
BESIDE = {"start": "h1", "questions": "fieldset", "errors": "#summary", "check": "h1", "received": "h1"}
ON_THE_WAY: dict[str, Callable[[Page], object]] = {
    "start": lambda page: page,
    "questions": _starts,
    "errors": _errs,
    "check": _checks,
    "received": lambda page: page.locator("main .actions button").first.click(),
}


def of_the_desk(browser: Browser, url: str, password: str) -> None:
    """The desk of the demo, as one of its coordinators finds it in the morning."""
    page = browser.new_context(viewport=WIDE).new_page()
    page.goto(f"{url}/sign-in")
    page.fill("#email", WHO)
    page.fill("#password", password)
    page.click("main button")
    take(page, "queue-1280", at="body")
    page.goto(f"{url}/queue?show=mine")
    page.click(".ledger tbody tr:nth-child(2) th a")
    take(page, "record-1280", at="body")
    page.set_viewport_size(TELEPHONE)
    page.emulate_media(color_scheme="dark")
    page.reload()
    take(page, "record-320-dark", at=".head")
    page.locator("#attempt").evaluate("form => form.querySelector('[value=\"call:no_answer\"]').click()")
    take(page, "attempt-320-dark", at="#attempt")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, driver.running() as playwright:
        server = Server(Path(folder))
        (password,) = re.findall(rf"{WHO}  (\S+)", server.expect("demo"))
        server.start()
        server.start_desk()
        browser = launched(playwright)
        try:
            for pictures in (on_a_telephone, on_a_wide_screen_at_night, beside_the_plain_form):
                pictures(browser, f"http://127.0.0.1:{server.port}")
            of_the_desk(browser, f"http://127.0.0.1:{server.desk_port}", password)
        finally:
            browser.close()
            server.stop()
    for path in sorted(FOLDER.glob("*.png")):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
