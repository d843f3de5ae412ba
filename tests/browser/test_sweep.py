"""For a release: every engine on every page and state, in every language, window and colour, with nothing to find."""

import pytest
from playwright.sync_api import Browser

from tests.browser import sweep
from tests.browser.pages import NAMES
from tests.browser.pages import NAMES_IN_TRANSLATION

pytestmark = pytest.mark.xdist_group("sweep")


@pytest.mark.release
@pytest.mark.timeout(7200)
def test_no_engine_finds_a_fault_on_any_page_in_any_view(browser: Browser) -> None:
    names = [*NAMES, *NAMES_IN_TRANSLATION]

    with sweep.made() as pages:
        found = list(sweep.swept(pages, browser, names))

    assert found == [], sweep.table(found, names)
