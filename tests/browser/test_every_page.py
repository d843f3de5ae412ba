"""Every page and error state in a real browser, in every size and colour: no barrier, no sideways scroll.

Each page is loaded once. Three engines read it in a small window by day. What another view can change is judged again
there, and nothing else: colours at night and where they are forced, targets and scrolling in wider windows. Pages in
other languages have the same colours and the same parts, so only those that hold most of the words are read: the
longest language in ``make test``, each of them in ``make test-release``. For a release, ``test_sweep.py`` asks
everything of every page in every view and language.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page

from screener.web.locales import SOURCE_LOCALE
from tests.browser import equal_access
from tests.browser import html
from tests.browser import htmlcs
from tests.browser.axe import COLOURS
from tests.browser.axe import LAYOUT
from tests.browser.axe import barriers
from tests.browser.engines import LOOKS
from tests.browser.engines import faults
from tests.browser.engines import open_all
from tests.browser.fixtures import MIDDLE
from tests.browser.fixtures import SMALL
from tests.browser.fixtures import WIDE
from tests.browser.pages import NAMES
from tests.browser.pages import NAMES_IN_TRANSLATION
from tests.browser.pages import Answered
from tests.browser.pages import Pages
from tests.browser.pages import add_style
from tests.browser.pages import show
from tests.support.stored_codes import shown_codes

#: One worker shows all pages: each is made once, and the validator starts once.
pytestmark = pytest.mark.xdist_group("every page")

NewContext = Callable[..., BrowserContext]
#: What a person's own style sheet may ask of text (WCAG 2.2, 1.4.12).
SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
#: Where text is cut; a field of one line scrolls by itself, the trap and the button of the Enter key are not seen, and
#: where rows are cards the heads of columns are for readers of screens, as are captions.
CUT_OFF = """
[...document.querySelectorAll("body *:not(input, .enter, .trap, .trap *, thead, caption)")].filter((one) =>
  one.getClientRects().length && getComputedStyle(one).overflow !== "visible" && one.scrollWidth > one.clientWidth + 1
).map((one) => one.tagName + "." + one.className)
"""
#: What a person presses or fills in must have an edge of its own where no background is left.
NO_EDGE = """
[...document.querySelectorAll("button, .button, select, textarea, input")].filter((one) =>
  !["hidden", "checkbox", "radio"].includes(one.type) && one.checkVisibility() && !one.closest(".trap, .enter")
  && getComputedStyle(one).borderTopStyle === "none"
).map((one) => one.outerHTML.slice(0, 120))
"""
#: What is pressed, and is smaller than a thumb; a box or a dot counts with its row.
TOO_SMALL = """
[...document.querySelectorAll("button, .button, select, input:not([type=hidden]), nav a, .dial a, .exit, .summary a")]
  .filter((one) => one.checkVisibility() && !one.closest(".enter, .trap"))
  .map((one) => [one, (one.closest(".option") || one).getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${box.width} by ${box.height}`)
"""
#: Between them these say nearly everything, errors and answers included.
FULL = ("start", "questions with errors", "contact with errors", "check")
READ_IN_TRANSLATION = [name for name in NAMES_IN_TRANSLATION if name.partition(": ")[2] in FULL]
#: The language whose sentences are the longest stands for the others until a release.
LONGEST = "form fil:"
TRANSLATED = [
    name if name.startswith(LONGEST) else pytest.param(name, marks=pytest.mark.release) for name in READ_IN_TRANSLATION
]


@pytest.fixture(scope="session")
def pages(_made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return Pages(_made_once, tmp_path_factory.mktemp("houses"))


def width(window: Page) -> int:
    return int(window.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("name", [*NAMES, *TRANSLATED])
def test_it_has_no_barrier_and_fits_every_window(name: str, pages: Pages, new_context: NewContext) -> None:
    """One load: what the browser says of the page, its own policy in force, then the engines, then other views."""
    context = new_context()
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    window = show(pages[name], context)
    found = {
        "browser": [text for text in said if f"{pages[name].status} (" not in text],
        "too small for a thumb": window.evaluate(TOO_SMALL) if name.startswith("form") else [],
    }
    styled = window.evaluate("getComputedStyle(document.querySelector('.skip')).position") != "static"
    plain = width(window)
    open_all(window)

    found["small"] = faults(window)
    if window.evaluate("document.documentElement.lang") == SOURCE_LOCALE:
        found |= _in_other_colours(window) | _in_wider_windows(window)
    add_style(window, SPACED)

    assert {view: each for view, each in found.items() if each} == {}
    assert (styled, plain, width(window)) == (True, SMALL["width"], SMALL["width"])
    assert window.evaluate(CUT_OFF) == []


def _in_other_colours(window: Page) -> dict[str, list[str]]:
    found = {}
    for name in ("dark", "forced"):
        window.emulate_media(**LOOKS[name])
        found[name] = barriers(window, rules=COLOURS)
    found["edges"] = window.evaluate(NO_EDGE)
    window.emulate_media(**LOOKS["light"])
    return found


def _in_wider_windows(window: Page) -> dict[str, list[str]]:
    """Between the two that differ most, in which all is read, only what a layout can change."""
    found = {}
    for size, rules in ((MIDDLE, LAYOUT), (WIDE, [])):
        window.set_viewport_size(size)
        found[f"{size['width']}"] = barriers(window, rules=rules)
        if width(window) > size["width"]:
            found[f"{size['width']}"].append("it scrolls sideways")
    window.set_viewport_size(SMALL)
    return found


def test_the_validator_finds_no_fault(pages: Pages) -> None:
    names = [*NAMES, *READ_IN_TRANSLATION]

    assert html.validate_pages({name: pages[name].text for name in names}) == []


def test_no_page_of_the_desk_shows_a_stored_code(pages: Pages) -> None:
    shown = {name: shown_codes(pages[name].text) for name in NAMES if name.startswith("desk")}

    assert {name: codes for name, codes in shown.items() if codes} == {}


def test_the_engines_and_the_validator_bite(pages: Pages, new_context: NewContext) -> None:
    """What they would find if it were there: a picture and a field without words, text too pale, an id twice."""
    page = next(pages[name] for name in NAMES if name.startswith("form"))
    spoilt = page.text.replace(
        "</main>", '<img src="/x.png"><input id="main"><button class="pale">pale</button></main>'
    )
    window = show(Answered(page.path, 200, page.headers, spoilt, page.fetch), new_context())
    add_style(window, ".pale { color: #bbb !important; background: #fff !important; border: 0; }")

    for engine, planted in (
        (barriers, ("image-alt", "color-contrast", "label:")),
        (htmlcs.faults, ("1_1_1.H37", "1_4_3.G18.Fail", "1_3_1.F68")),
        (equal_access.faults, ("img_alt_valid", "text_contrast_sufficient", "input_label_exists")),
    ):
        found = " ".join(engine(window))
        assert [fault for fault in planted if fault not in found] == [], found
    assert len(window.evaluate(NO_EDGE)) == 1
    assert any("Duplicate ID" in fault for fault in html.validate_html(spoilt))


def test_what_is_spared_is_spared_only_where_it_says(pages: Pages, new_context: NewContext) -> None:
    """The same words of the two engines about another element are a fault."""
    page = next(pages[name] for name in NAMES if name.startswith("form"))
    spoilt = page.text.replace(
        "</main>",
        '<h5>Deep</h5><form aria-label="a" action="/x" method="post"><button>Go</button></form>'
        '<form aria-label="a" action="/x" method="post"><input autocomplete="nonsense"></form></main>',
    )
    window = show(Answered(page.path, 200, page.headers, spoilt, page.fetch), new_context())

    by_ibm, by_htmlcs = " ".join(equal_access.faults(window)), " ".join(htmlcs.faults(window))

    assert "aria_form_label_unique" in by_ibm
    assert "1_3_1_A.G141" in by_htmlcs
    assert "1_3_5.H98" in by_htmlcs
