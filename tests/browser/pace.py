"""``python -m tests.browser.pace``: how many taps and minutes the form asks of somebody on a telephone.

A browser goes the way from *Start the form* to *Send* as a thumb does; every tap and every letter typed is counted, and
so is every word on the way, but for what nobody reads twice: the crisis lines and the footer, which are the same on
each page, and the questions that were left blank, where the check page repeats them. From these comes a time, with the
pace of ordinary people:

- reading 238 words a minute (Brysbaert 2019, silent reading of English, J. Mem. Lang. 109: 104047);
- typing 36 words of five letters a minute on a telephone (Palin et al. 2019, MobileHCI, 37,000 people);
- 1.1 seconds for a tap, finding it included (the keystroke-level model of Card, Moran and Newell 1980 gives 1.1 s for
  pointing).

Somebody unwell is slower. The table gives the time at half that pace, too.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Page

from tests.browser import driver
from tests.browser.fixtures import SMALL
from tests.browser.fixtures import launched
from tests.support.server import Server

WORDS_A_MINUTE = 238
LETTERS_A_MINUTE = 36 * 5
SECONDS_A_TAP = 1.1
#: What an invented person types.
NAME, PHONE = "Ada Example", "+1 415 555 0100"
QUESTIONS = ("dep_told-1", "dep_now-1", "ad_tried-2", "ad_now-1", "tx_had-0", "travel_sf-1")
PREFERENCES = ("how_contact-1", "voicemail-1", "when_call-3", "access-5")
#: Goals of the project, in minutes.
MOST = {"how to reach me, and nothing else": 3, "all questions, all preferences": 5}


#: What stands on a page and is not read again.
AGAIN = """
[...document.querySelectorAll("main :is(.crisis, .told > div:has(.blank))")].map((one) => one.innerText).join(" ")
"""


@dataclass
class Effort:
    """What one way costs."""

    taps: int = 0
    letters: int = 0
    words: int = 0

    @property
    def minutes(self) -> float:
        typing, reading = self.letters / LETTERS_A_MINUTE, self.words / WORDS_A_MINUTE
        return self.taps * SECONDS_A_TAP / 60 + typing + reading


class Thumb:
    """Goes through the pages, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.effort = Effort()

    def reads(self) -> None:
        shown, again = self.page.evaluate("document.querySelector('main').innerText"), self.page.evaluate(AGAIN)
        self.effort.words += len(re.findall(r"\w+", shown)) - len(re.findall(r"\w+", again))

    def taps(self, what: str) -> None:
        self.page.locator(what).first.click()
        self.effort.taps += 1

    def types(self, field: str, text: str) -> None:
        self.taps(f"#{field}")
        self.page.keyboard.type(text)
        self.effort.letters += len(text)

    def chooses(self, field: str, code: str) -> None:
        """Open a list, and take something from it."""
        self.page.select_option(f"#{field}", code)
        self.effort.taps += 2

    def goes_on(self, button: str = "main .actions button") -> None:
        with self.page.expect_navigation():
            self.taps(button)
        self.reads()


def shortest(thumb: Thumb) -> None:
    """Straight to how to reach the person."""
    thumb.goes_on("main a.button.second")
    thumb.types("name_pref", NAME)
    thumb.types("phone", PHONE)
    _finishes(thumb)


def longest(thumb: Thumb) -> None:
    """Every question and every preference."""
    thumb.goes_on("main a.button")
    thumb.types("age_years", "34")
    for answer in QUESTIONS:
        thumb.taps(f"label[for='{answer}']")
    thumb.goes_on()
    thumb.types("name_pref", NAME)
    thumb.types("phone", PHONE)
    thumb.types("email", "ada@example.org")
    for answer in (*PREFERENCES, "sms_ok"):
        thumb.taps(f"label[for='{answer}']")
    thumb.chooses("time_zone", "1")
    thumb.chooses("lang", "en")
    _finishes(thumb)


def _finishes(thumb: Thumb) -> None:
    thumb.goes_on()
    thumb.taps("label[for='adult_self']")
    thumb.goes_on()
    with thumb.page.expect_navigation():
        thumb.taps("main .actions button")
    assert thumb.page.locator(".reference").count() == 1


WAYS = dict(zip(MOST, (shortest, longest), strict=True))


def measured(browser: Browser, house: str) -> dict[str, Effort]:
    """The effort of each way."""
    found = {}
    for name, goes in WAYS.items():
        page = browser.new_context(viewport=SMALL, has_touch=True).new_page()
        page.goto(f"{house}/en/")
        thumb = Thumb(page)
        goes(thumb)
        found[name] = thumb.effort
        page.context.close()
    return found


def table(found: dict[str, Effort]) -> str:
    lines = [
        "| From *Start the form* to *Send* | Taps | Letters typed | Words read | Minutes | At half the pace |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {one.taps} | {one.letters} | {one.words} | {one.minutes:.1f} | {2 * one.minutes:.1f} |"
        for name, one in found.items()
    ]
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, driver.running() as playwright:
        server = Server(Path(folder))
        server.set_up()
        server.start()
        browser = launched(playwright)
        try:
            print(table(measured(browser, f"http://127.0.0.1:{server.port}")))
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
