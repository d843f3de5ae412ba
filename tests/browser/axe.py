"""axe-core: what a machine can find of what keeps people from using a page (WCAG 2.2 A and AA, and good practice)."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Said by name, because axe leaves out the rules of WCAG 2.2 (target size) unless it is asked.
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What can differ between day and night.
COLOURS = ["color-contrast", "link-in-text-block"]


def barriers(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """Each barrier that axe finds on *page*, whose context must have been made with ``bypass_csp``.

    By default all rules are asked; *rules* names the ones of a closer look.
    """
    asked = {"type": "rule", "values": list(rules)} if rules else STANDARDS
    found = Axe().run(page, options={"runOnly": asked})
    return [
        f"{violation['id']}: {violation['help']} ({' '.join(map(str, node['target']))})"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
