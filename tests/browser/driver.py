"""Playwright, whose driver runs on the Node that a Python wheel of ours brings.

The Node in Playwright's own package needs ``libatomic.so.1``, which a Debian with nothing but Python lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Playwright
from playwright.sync_api import sync_playwright

from tests.browser.packages import NODE


@contextmanager
def running() -> Iterator[Playwright]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYWRIGHT_NODEJS_PATH", str(NODE / "bin" / "node"))
        with sync_playwright() as playwright:
            yield playwright
