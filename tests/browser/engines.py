"""The three engines that look for barriers, and the views in which they look."""

from collections.abc import Callable
from typing import Literal
from typing import TypedDict

from playwright.sync_api import Page

from tests.browser import axe
from tests.browser import equal_access
from tests.browser import htmlcs
from tests.browser.fixtures import MIDDLE
from tests.browser.fixtures import SMALL
from tests.browser.fixtures import WIDE

ENGINES: dict[str, Callable[[Page], list[str]]] = {
    "axe": axe.barriers,
    "HTML_CodeSniffer": htmlcs.faults,
    "Equal Access": equal_access.faults,
}


class Look(TypedDict):
    """What somebody has set up in their own system."""

    color_scheme: Literal["light", "dark"]
    forced_colors: Literal["none", "active"]


LOOKS: dict[str, Look] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}
SIZES = (SMALL, MIDDLE, WIDE)


def open_all(page: Page) -> None:
    """Open what a reader can open: the engines are blind to what is shut."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


def faults(page: Page) -> list[str]:
    """What the three engines find on *page* as it stands, each fault with the name of its engine."""
    return [f"{name}: {fault}" for name, engine in ENGINES.items() for fault in engine(page)]
