"""Fetches what the browser tests need, and says what they will use: ``python -m tests.browser``."""

import sys

from tests.browser import chromium
from tests.browser import equal_access
from tests.browser import firefox
from tests.browser import html
from tests.browser import htmlcs
from tests.browser import text_browser
from tests.browser.packages import NotThere

try:
    print(f"Browser: {chromium.find().path}")
    print(f"Firefox: {firefox.program().path}")
    print(f"Text browser: {text_browser.program().path}")
    print(f"HTML validator: {html.validator()}")
    for engine in (htmlcs, equal_access):
        print(f"{engine.PACKAGE.name}: {engine.PACKAGE.unpacked()}")
except NotThere as reason:
    sys.exit(str(reason))
