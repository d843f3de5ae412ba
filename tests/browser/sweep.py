"""``python -m tests.browser.sweep``: all engines on every page, in every window and colour; a table to keep.

The tests judge again only what another view can change; this asks everything everywhere, for a release. It takes
about two seconds for each page. Progress goes to the error stream, the table of findings to the output.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser

from screener.operations.migrate import migrate_all
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.settings import Settings
from tests.browser import driver
from tests.browser import html
from tests.browser.engines import ENGINES
from tests.browser.engines import LOOKS
from tests.browser.engines import SIZES
from tests.browser.engines import open_all
from tests.browser.fixtures import SMALL
from tests.browser.fixtures import launched
from tests.browser.pages import NAMES
from tests.browser.pages import NAMES_IN_TRANSLATION
from tests.browser.pages import Answered
from tests.browser.pages import Pages
from tests.browser.pages import show

VALIDATOR = "HTML validator"
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
#: One finding: what found it, on which page, in which view, and what it says.
Finding = tuple[str, str, str, str]


@contextmanager
def made() -> Iterator[Pages]:
    """Every page, over deployments in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder, "made-once"))
        create_keys(KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys), passphrase=None)
        migrate_all(settings)
        yield Pages(settings.data, Path(folder))


def findings_on(name: str, page: Answered, browser: Browser) -> Iterator[Finding]:
    """What the engines say of one page in every view; it is loaded once."""
    context = browser.new_context(viewport=SMALL, bypass_csp=True, service_workers="block")
    window = show(page, context)
    open_all(window)
    for size in SIZES:
        window.set_viewport_size(size)
        for look, media in LOOKS.items():
            window.emulate_media(**media)
            view = f"{size['width']} {look}"
            for engine, faults in ENGINES.items():
                yield from ((engine, name, view, fault) for fault in faults(window))
        if window.evaluate(SIDEWAYS):
            yield "window", name, f"{size['width']}", "it scrolls sideways"
    context.close()


def swept(pages: Pages, browser: Browser, names: list[str]) -> Iterator[Finding]:
    for number, name in enumerate(names, 1):
        print(f"\r{number}/{len(names)} {name:60.60}", end="", file=sys.stderr, flush=True)
        yield from findings_on(name, pages[name], browser)
    print(file=sys.stderr)
    for fault in html.validate_pages({name: pages[name].text for name in names}):
        yield VALIDATOR, fault.partition(", line")[0], "source", fault


def table(found: list[Finding], names: list[str]) -> str:
    """The figures, and below them each finding once, with all its views."""
    counted = Counter(engine for engine, *_ in found)
    views = len(SIZES) * len(LOOKS)
    lines = [
        f"{datetime.now(UTC):%-d %B %Y}: {len(names)} pages and states; widths "
        f"{', '.join(str(size['width']) for size in SIZES)}; {', '.join(LOOKS)} colours.",
        "",
        "| What looked | Views | Findings |",
        "| --- | ---: | ---: |",
        *(f"| {engine} | {len(names) * views} | {counted[engine]} |" for engine in ENGINES),
        f"| sideways scroll | {len(names) * len(SIZES)} | {counted['window']} |",
        f"| {VALIDATOR} | {len(names)} | {counted[VALIDATOR]} |",
    ]
    told: dict[tuple[str, str, str], list[str]] = {}
    for engine, name, view, fault in found:
        told.setdefault((engine, name, fault), []).append(view)
    if told:
        lines += ["", "| What looked | Page | Views | Finding |", "| --- | --- | --- | --- |"]
    for (engine, name, fault), seen in told.items():
        lines.append(f"| {engine} | {name} | {', '.join(seen)} | {' '.join(fault.split()).replace('|', '/')} |")
    return "\n".join(lines)


def main() -> int:
    """All pages, or those whose names begin with what is given."""
    names = [name for name in (*NAMES, *NAMES_IN_TRANSLATION) if name.startswith(tuple(sys.argv[1:] or [""]))]
    with made() as pages, driver.running() as playwright:
        browser = launched(playwright)
        found = list(swept(pages, browser, names))
        browser.close()
    print(table(found, names))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
