"""The form is done in minutes: taps, letters and words are counted on the real pages."""

import pytest
from playwright.sync_api import Browser

from tests.browser import pace
from tests.support.server import Server


@pytest.mark.release
def test_the_way_is_as_short_as_we_say(browser: Browser, one_server: Server) -> None:
    found = pace.measured(browser, f"http://127.0.0.1:{one_server.port}")

    too_long = {name: effort for name, effort in found.items() if effort.minutes > pace.MOST[name]}
    assert not too_long, pace.table(found)
    assert found["how to reach me, and nothing else"].taps <= 8
