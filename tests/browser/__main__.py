"""Fetches what the browser tests need, and says what they will use: ``python -m tests.browser``."""

import sys

from tests.browser import chromium
from tests.browser import html
from tests.browser.packages import NotThere

try:
    print(f"Browser: {chromium.find().path}")
    print(f"HTML validator: {html.validator()}")
except NotThere as reason:
    sys.exit(str(reason))
