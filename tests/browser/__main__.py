"""``python -m tests.browser``: fetch what the browser tests need, and say what they will use and what is missing."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.browser import chromium
from tests.browser import equal_access
from tests.browser import firefox
from tests.browser import html
from tests.browser import htmlcs
from tests.browser import text_browser
from tests.browser.packages import FOLDER
from tests.browser.packages import NotThere
from tests.journeys import nginx

NEEDED: dict[str, Callable[[], Path]] = {
    "Chromium": lambda: chromium.find().path,
    "Firefox": lambda: firefox.program().path,
    "Text browser": lambda: text_browser.program().path,
    "nginx": lambda: nginx.program().path,
    "HTML validator": html.validator,
    "HTML_CodeSniffer": htmlcs.PACKAGE.unpacked,
    "Equal Access": equal_access.PACKAGE.unpacked,
}


def main() -> int:
    """Try all of them, so that one sentence for each that is missing is all there is to mend."""
    missing = []
    for name, find in NEEDED.items():
        try:
            path = find()
        except NotThere as reason:
            missing.append(f"{name} is missing: {reason}")
        else:
            print(f"{name}: {'fetched to' if path.is_relative_to(FOLDER) else 'installed at'} {path}")
    print(*missing, sep="\n", file=sys.stderr, end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
