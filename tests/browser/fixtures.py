"""Browser windows for tests: real Chromium, on this machine only."""

import os
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Playwright
from playwright.sync_api import Route
from playwright.sync_api import ViewportSize

from tests.browser import chromium
from tests.browser import driver

SMALL: ViewportSize = {"width": 320, "height": 640}
MIDDLE: ViewportSize = {"width": 768, "height": 1024}
WIDE: ViewportSize = {"width": 1280, "height": 900}
PATIENCE = 120_000


def launched(playwright: Playwright) -> Browser:
    """A Chromium that was just started."""
    found = chromium.find()
    environment: dict[str, str | float | bool] = {**os.environ, **found.environment}
    return playwright.chromium.launch(executable_path=found.path, args=chromium.ARGUMENTS, env=environment)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, started once; each test has windows of its own."""
    with driver.running() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser profile, with Playwright's own options; the test fails if a page asks another machine."""
    made: list[BrowserContext] = []
    asked_elsewhere: list[str] = []

    def here_only(route: Route) -> None:
        host = urlsplit(route.request.url).hostname or ""
        if host in {"127.0.0.1", "localhost"} or host.endswith(".localhost"):
            route.fallback()
            return
        asked_elsewhere.append(host)
        route.abort()

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": SMALL, "service_workers": "block", **options})
        context.set_default_timeout(PATIENCE)
        context.route("**/*", here_only)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert not asked_elsewhere, "a page asked another machine"


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One small window in a fresh profile."""
    return new_context().new_page()
