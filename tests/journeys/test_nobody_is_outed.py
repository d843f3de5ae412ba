"""What a browser keeps, and what somebody sees who looks over a shoulder, at the history, or at a print left lying."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Request

from screener.settings import Settings
from screener.study.loader import list_locales
from tests.support.server import Server

#: What the form is about, in the five languages.
TOPIC = re.compile(
    r"depres|suicid|study|trial|research|estudio|investig|pananaliksik|nghiên cứu|trầm cảm|研究|憂鬱|抑鬱"
    r"|BPL|5-MeO|medicin|medicamento|gamot|thuốc|藥",
    re.IGNORECASE,
)
ANSWERS = ("Qzxname", "qzx@example.org", "qzx%40", "4155550100", "age_years=", "dep_told=")


@pytest.fixture(params=list_locales(Settings().study))
def received(
    request: pytest.FixtureRequest, one_server: Server, new_context: Callable[..., BrowserContext]
) -> tuple[Page, list[Request], list[str]]:
    """Somebody at the end of the way, all that their browser asked for, and each title that it showed."""
    page = new_context().new_page()
    asked: list[Request] = []
    titles: list[str] = []
    page.on("request", lambda request: asked.extend([request]))

    def onward(button: str = "main .actions button") -> None:
        titles.append(page.title())
        with page.expect_navigation():
            page.locator(button).first.click()

    page.goto(f"http://127.0.0.1:{one_server.port}/{request.param}/?s=flyer")
    onward("main a.button")
    page.fill("#age_years", "34")
    page.check("#dep_told-1")
    onward()
    page.fill("#name_pref", "Qzxname")
    page.fill("#email", "qzx@example.org")
    page.fill("#phone", "4155550100")
    onward()
    page.check("#adult_self")
    onward()
    onward()
    titles.append(page.title())
    return page, asked, titles


def test_no_answer_and_no_topic_stands_in_an_address_a_title_or_what_a_browser_keeps(
    received: tuple[Page, list[Request], list[str]],
) -> None:
    page, asked, titles = received

    assert len(asked) >= 6
    for request in asked:
        assert not TOPIC.search(request.url)
        assert not [answer for answer in ANSWERS if answer in request.url]
        assert "referer" not in request.headers
    assert len(titles) == 6
    assert [title for title in titles if TOPIC.search(title)] == []
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])")
    assert kept == '[{},{},"",null]'
    assert page.context.cookies() == []
    assert page.evaluate("caches.keys()") == []


def test_the_received_page_repeats_nothing_that_was_said(received: tuple[Page, list[Request], list[str]]) -> None:
    page, *_ = received

    assert [answer for answer in ("Qzxname", "qzx", "4155550100") if answer in page.content()] == []


def test_a_print_keeps_the_reference_and_the_telephone_and_not_what_it_was_about(
    received: tuple[Page, list[Request], list[str]],
) -> None:
    page, *_ = received
    reference = page.inner_text(".reference")

    page.emulate_media(media="print")
    printed = page.inner_text("body")

    assert reference in printed
    assert "[site telephone - placeholder]" in printed
    assert not TOPIC.search(printed), printed
    assert "911" in printed
