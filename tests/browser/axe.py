"""axe-core: what a machine can find of what keeps people from using a page (WCAG 2.2 A and AA, and good practice)."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Said by name, because axe leaves out the rules of WCAG 2.2 (target size) unless it is asked.
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What can differ between day, night and the colours that somebody forces.
COLOURS = ["color-contrast", "link-in-text-block"]
#: What can differ between a small window and a wide one: the rest reads the page, and the page is the same.
LAYOUT = ["target-size", "scrollable-region-focusable"]
RUN = """
async (options) => (await axe.run(options)).violations.flatMap((one) => one.nodes.map(
  (node) => `${one.id}: ${one.help} (${node.target.join(" ")})`
))
"""


def barriers(page: Page, *, rules: Sequence[str] = (), without: Sequence[str] = ()) -> list[str]:
    """Each barrier that axe finds on *page*.

    By default all rules are asked; *rules* names the ones of a closer look, *without* those that were asked before.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    asked = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": STANDARDS}
    spared = {rule: {"enabled": False} for rule in without}
    options = {"runOnly": asked, "rules": spared, "resultTypes": ["violations"]}
    return [str(barrier) for barrier in page.evaluate(RUN, options)]
