"""``python -m tests.browser.weight``: what a first visit to the form costs, in bytes, requests and seconds on 3G.

Counted is everything that a browser fetches for the first page with questions, as a proxy sends it (gzip). Somebody
with an old telephone and little data left pays for each of it.
"""

import gzip
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from urllib.parse import urlsplit

from playwright.sync_api import Page
from playwright.sync_api import Response

from tests.browser import driver
from tests.browser.fixtures import SMALL
from tests.browser.fixtures import launched
from tests.support.server import Server

#: What a proxy takes without being told otherwise.
LEVEL = 6
#: The "Slow 3G" of browsers: milliseconds, and bytes a second down and up.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 51_200, "uploadThroughput": 51_200}
WATCH = """
window.shifted = 0;
new PerformanceObserver((seen) => { for (const one of seen.getEntries()) window.shifted += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
TIMES = """
() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
})
"""


@dataclass(frozen=True)
class Part:
    """One thing that a visit fetches."""

    kind: str
    host: str
    plain: int
    packed: int


def form_of(page: Page, house: str) -> str:
    """The address of the first page with questions: where the first button of the start page leads."""
    page.goto(f"{house}/en/")
    found = page.locator("main a.button").first.get_attribute("href")
    return urljoin(page.url, urlsplit(found or "").path)


def parts_of(page: Page, url: str) -> list[Part]:
    """Everything that *page*, in a fresh profile, fetches for *url*; the icon too, for which only a person's asks."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - the driver marks its handlers
    page.goto(url, wait_until="networkidle")
    icons = {urljoin(url, icon.get_attribute("href")) for icon in page.locator("link[rel=icon]").all()}
    # Some builds of Chromium ask for the icon by themselves, as a request of no kind, and at a time of their own.
    fetched = [answer for answer in answers if answer.url not in icons]
    parts = [_part(answer.request.resource_type, answer.url, answer.body()) for answer in fetched]
    return parts + [_part("icon", address, page.request.get(address).body()) for address in sorted(icons)]


def _part(kind: str, url: str, body: bytes) -> Part:
    return Part(kind, urlsplit(url).hostname or "", len(body), min(len(body), len(gzip.compress(body, LEVEL))))


def slowly(page: Page, url: str) -> tuple[float, dict[str, float]]:
    """Open *url* on a slow line; how far things moved while it loaded, and when it was painted and loaded."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_3G)
    page.add_init_script(WATCH)
    page.goto(url, wait_until="load")
    page.wait_for_timeout(300)
    return float(page.evaluate("window.shifted")), dict(page.evaluate(TIMES))


def table(parts: list[Part], times: dict[str, float]) -> str:
    lines = ["| First visit to the form | Bytes | Compressed |", "| --- | ---: | ---: |"]
    lines += [f"| {part.kind} | {part.plain:,} | {part.packed:,} |" for part in parts]
    whole = sum(part.plain for part in parts), sum(part.packed for part in parts)
    lines.append(f"| {len(parts)} requests | {whole[0]:,} | {whole[1]:,} |")
    seconds = ", ".join(f"{name} after {value / 1000:.1f} s" for name, value in times.items())
    return "\n".join([*lines, "", f"On slow 3G (400 ms, 50 KB a second): {seconds}."])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, driver.running() as playwright:
        server = Server(Path(folder))
        server.set_up()
        server.start_public()
        browser = launched(playwright)
        try:
            url = form_of(browser.new_page(viewport=SMALL), f"http://127.0.0.1:{server.port}")
            parts = parts_of(browser.new_page(viewport=SMALL), url)
            print(table(parts, slowly(browser.new_page(viewport=SMALL), url)[1]))
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
