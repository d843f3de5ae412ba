"""Take screenshots of the screens at the width of a phone, cut into pieces that fit a printed page; print the PDF."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from screener.packet.chromium import ChromiumBrowser
from screener.settings import PACKAGE

#: A usual telephone, in CSS pixels.
WIDTH, HEIGHT = 390, 844
#: The tallest piece of a picture: three of these stand side by side on a page of paper.
MAX_PIECE_HEIGHT = 1100
#: How far from there a place between two lines is looked for.
CUT_SEARCH_PIXELS = 150
#: Good enough to read the smallest words, and a packet can still be mailed.
WEBP_QUALITY = 60
#: What the pages of one folder need beside them.
PAGE_ASSETS = ("theme.css", "screener.css", "screener.js", "mark.svg")
#: Where something stands that must not be cut: every line of text, box, button and list.
LIST_UNCUTTABLE_SCRIPT = """
(() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walk.nextNode()) {
    if (!walk.currentNode.data.trim()) continue;
    range.selectNodeContents(walk.currentNode);
    for (const one of range.getClientRects()) found.push([one.top, one.bottom]);
  }
  for (const one of document.querySelectorAll("input, select, button, .option, .button, .dial a, .bar")) {
    const box = one.getBoundingClientRect();
    found.push([box.top, box.bottom]);
  }
  return found.filter(([top, bottom]) => bottom > top).map(([top, bottom]) => [top + scrollY, bottom + scrollY]);
})()
"""


#: A PDF can hold a JPEG as it is, and would hold these pictures as five times as much.
RECODE_FOR_PRINT_SCRIPT = """
Promise.all([...document.images].map(async (one) => {
  await one.decode();
  const canvas = document.createElement("canvas");
  canvas.width = one.naturalWidth;
  canvas.height = one.naturalHeight;
  canvas.getContext("2d").drawImage(one, 0, 0);
  one.src = canvas.toDataURL("image/jpeg", 0.65);
  await one.decode();
})).then(() => document.images.length)
"""


@dataclass(frozen=True)
class ScreenPicture:
    """One piece of a screen, as an address that holds the picture itself."""

    address: str
    height: int
    width: int = WIDTH


def write_page_files(folder: Path, pages: Mapping[str, str]) -> Mapping[str, Path]:
    """The *pages*, by name, as files in *folder* with all that they need beside them."""
    for name in PAGE_ASSETS:
        (folder / name).write_bytes((PACKAGE / "static" / name).read_bytes())
    files = {}
    for number, (name, html) in enumerate(pages.items()):
        files[name] = folder / f"{number}.html"
        files[name].write_text(html, encoding="utf-8")
    return files


def take_pictures(browser: ChromiumBrowser, page: Path) -> tuple[ScreenPicture, ...]:
    """The whole of *page* in pieces, from above to below. Raises *Failed*."""
    _measure(browser, HEIGHT)
    browser.open_page(page)
    height = int(browser.call("Page.getLayoutMetrics")["cssContentSize"]["height"])
    # A window as high as the page: then what stands fixed at the top of the window stands at the top of the picture.
    _measure(browser, height)
    uncut = browser.evaluate(LIST_UNCUTTABLE_SCRIPT)
    edges = find_cuts(height, [(top, bottom) for top, bottom in uncut])
    return tuple(_piece(browser, top, bottom) for top, bottom in pairwise(edges))


def find_cuts(height: int, uncut: list[tuple[float, float]]) -> list[int]:
    """Where a picture of *height* is cut, both ends included: into even pieces, and between lines."""
    pieces = math.ceil(height / MAX_PIECE_HEIGHT)
    return [0, *(_free(round(height * piece / pieces), uncut) for piece in range(1, pieces)), height]


def _free(wanted: int, uncut: list[tuple[float, float]]) -> int:
    """The place nearest to *wanted* at which nothing is cut; *wanted* itself, where there is none."""
    near = sorted(range(wanted - CUT_SEARCH_PIXELS, wanted + CUT_SEARCH_PIXELS), key=lambda at: abs(at - wanted))
    return next((at for at in near if not any(top - 2 < at < bottom + 2 for top, bottom in uncut)), wanted)


def print_pdf(browser: ChromiumBrowser, page: Path) -> bytes:
    """*page* as a PDF, with what its own style says of paper. Raises *Failed*."""
    browser.call("Emulation.clearDeviceMetricsOverride")
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
    browser.open_page(page)
    browser.evaluate(RECODE_FOR_PRINT_SCRIPT)
    found = browser.call(
        "Page.printToPDF",
        preferCSSPageSize=True,
        printBackground=True,
        generateTaggedPDF=True,
        generateDocumentOutline=True,
    )
    return base64.b64decode(found["data"])


def _measure(browser: ChromiumBrowser, height: int) -> None:
    browser.call("Emulation.setEmulatedMedia", media="screen", features=[_light(), _still()])
    browser.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=True)


def _light() -> Mapping[str, str]:
    return {"name": "prefers-color-scheme", "value": "light"}


def _still() -> Mapping[str, str]:
    return {"name": "prefers-reduced-motion", "value": "reduce"}


def _piece(browser: ChromiumBrowser, top: int, bottom: int) -> ScreenPicture:
    clip = {"x": 0, "y": top, "width": WIDTH, "height": bottom - top, "scale": 1}
    found = browser.call(
        "Page.captureScreenshot", format="webp", quality=WEBP_QUALITY, clip=clip, captureBeyondViewport=True
    )
    return ScreenPicture(f"data:image/webp;base64,{found['data']}", bottom - top)
