"""The packet in a real browser and on paper: whole, from nowhere else, without a barrier, and marked on every page."""

import base64
import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Route
from pypdf import PdfReader

from screener.packet.pictures import MAX_PIECE_HEIGHT
from screener.packet.pictures import WIDTH
from screener.packet.pictures import find_cuts
from screener.packet.screens import SCREENS
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from tests.browser import html
from tests.browser.axe import barriers
from tests.packet.conftest import LOCALE
from tests.packet.conftest import Packet
from tests.packet.conftest import words_of

#: One worker makes the packet that these share.
pytestmark = pytest.mark.xdist_group("packet")

ADDRESS = "http://127.0.0.1/packet.html"
MOST_BYTES = 6_000_000
#: Letters that are two or three in one: whoever looks for a version in the print would not find it.
LIGATURES = "ﬀﬁﬂﬃﬄ"
#: The validator holds that no policy lets a picture be in the page itself; a browser shows them (below).
MISREAD = "blocked by “img-src” directive"


@pytest.fixture(scope="session")
def version() -> str:
    folder = Settings().study
    return load_wording(folder, load_study(folder), LOCALE).version


def test_every_screen_has_pictures_that_show_all_of_it(pictured: Packet) -> None:
    articles = BeautifulSoup(pictured.html, "html.parser").select("article.screen")

    assert len(articles) == len(SCREENS)
    for article in articles:
        pictures = article.select("img")
        assert pictures
        for one in pictures:
            head, _, data = str(one["src"]).partition(",")
            assert head == "data:image/webp;base64"
            assert base64.b64decode(data)[8:12] == b"WEBP"
            assert (str(one["width"]), str(one["alt"])[:8]) == (str(WIDTH), "Picture ")


def test_it_can_be_mailed(pictured: Packet) -> None:
    assert len(pictured.html.encode()) < MOST_BYTES
    assert pictured.pdf.stat().st_size < 2 * MOST_BYTES


def test_the_version_stands_on_every_page_of_the_print(pictured: Packet, version: str) -> None:
    pages = PdfReader(pictured.pdf).pages

    assert len(pages) > len(SCREENS)
    for number, page in enumerate(pages, start=1):
        text = " ".join(page.extract_text().split())
        assert f"Screener packet: {LOCALE}, version {version[:12]}" in text
        assert f"Page {number} of {len(pages)}" in text


def test_the_print_has_the_words_of_the_packet(pictured: Packet) -> None:
    folder = Settings().study
    words = load_wording(folder, load_study(folder), LOCALE)
    text = "".join(page.extract_text() for page in PdfReader(pictured.pdf).pages)
    printed = re.sub(r"\W", "", text)

    assert [letter for letter in LIGATURES if letter in text] == []

    for sentence in (words.pages.received.heading, words.errors.age, words.notices.closed.heading):
        assert re.sub(r"\W", "", sentence) in printed


@pytest.fixture
def opened(pictured: Packet, new_context: Callable[..., BrowserContext]) -> Callable[..., tuple[Page, list[str]]]:
    """Opens the packet at an address; gives the window, and every address that it asked."""

    def answered(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=pictured.html)

    def show(**options: object) -> tuple[Page, list[str]]:
        context = new_context(viewport={"width": 1280, "height": 900}, **options)
        context.route(ADDRESS, answered)
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(ADDRESS)
        return page, asked

    return show


def test_it_asks_nothing_of_any_machine_and_shows_every_picture(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    """Under its own policy."""
    page, asked = opened()

    assert [url for url in asked if not url.startswith("data:")] == [ADDRESS]
    assert page.evaluate("document.images.length") > len(SCREENS)
    assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth)")


def test_its_policy_lets_nothing_else_in(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    page, _ = opened()

    stopped = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI), {once: true});
          document.body.append(Object.assign(new Image(), {src: "http://127.0.0.1/x.png"}));
        })"""
    )

    assert stopped == "http://127.0.0.1/x.png"


def test_it_has_no_barrier_and_fits_a_small_window(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    page, _ = opened(bypass_csp=True)

    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_validator_finds_no_fault(pictured: Packet) -> None:
    found = html.validate_html(pictured.html)

    assert [fault for fault in found if MISREAD not in fault] == []


def test_it_names_no_address_but_those_that_people_can_follow(pictured: Packet) -> None:
    page = BeautifulSoup(pictured.html, "html.parser")

    assert not page.select("script, link, iframe, object, form")
    assert all(str(one["src"]).startswith("data:") for one in page.select("[src]"))
    assert all(str(one["href"]).startswith("#") for one in page.select("[href]"))
    assert "url(" not in "".join(one.get_text() for one in page.select("style"))
    assert words_of(pictured.html)


def test_a_picture_is_cut_between_lines() -> None:
    line = [(float(top), top + 20.0) for top in range(0, 3000, 30)]

    edges = find_cuts(3000, line)

    assert (edges[0], edges[-1], len(edges)) == (0, 3000, 4)
    assert all(not top <= edge <= bottom for edge in edges[1:-1] for top, bottom in line)
    assert find_cuts(MAX_PIECE_HEIGHT, line) == [0, MAX_PIECE_HEIGHT]
