"""HTML_CodeSniffer: a second opinion on WCAG 2 A and AA, from another school than axe.

It says three kinds of things. An error is a fault. A notice is a question to a person ("check that the title describes
the page"), the same on every page, and no machine answers it. A warning is a fault where it states a fact, and is left
out below, by name and with the reason, where it does not.
"""

import json
from functools import cache

from playwright.sync_api import Page

from tests.browser.packages import Package

PACKAGE = Package(
    "@pa11y/html_codesniffer",
    "2.6.0",
    "sha512-BKA7qG8NyaIBdCBDep0hYuYoF/bEyWJprE6EEVJOPiwj80sSiIKDT8LUVd19qKhVqNZZD3QvJIdFZ35p+vAFPg==",
)
#: How a code ends -> where it is no fault, as a condition on the element *one*, and why.
LEFT_OUT = {
    # Advice on meaning, which only a reader can take or leave.
    "1_3_1.H48": ("true", "links side by side are not always a list of places to go"),
    "1_3_1.H85.2": ("true", "whether options fall into groups is a question of meaning"),
    # What it cannot see, and says so; others measure it.
    "1_4_10.C32,C31,C33,C38,SCR34,G206": ("true", "whether a bar that stays in sight makes a page scroll is measured"),
    "1_4_3.G18.Abs": ("one.closest('.trap, caption, thead')", "what is out of sight has no contrast"),
    # Where it is mistaken.
    "1_3_1_A.G141": ("one.closest('[role=alert]')", "what went wrong comes before the heading, to be heard first"),
    "1_3_5.H98": ("one.autocomplete === 'one-time-code'", "its list is older than this word of the HTML standard"),
    "4_1_2.H91.InputText.Name": ("one.closest('[hidden]')", "nobody meets a hidden field, so it needs no name"),
    "4_1_2.H91.Select.Value": ("one.selectedIndex >= 0", "without another choice the first option is chosen"),
}
RUN = """
() => new Promise((done, failed) => HTMLCS.process("WCAG2AA", document, () => done(HTMLCS.getMessages()
  .filter((said) => said.type !== HTMLCS.NOTICE)
  .filter((said) => !Object.entries(HTMLCS.LEFT_OUT).some(
    ([code, spared]) => said.code.endsWith(code) && spared(said.element)
  ))
  .map((said) => `${said.code}: ${said.msg} (${(said.element.outerHTML || "").slice(0, 120)})`)
), failed, "en"))
"""


@cache
def engine() -> str:
    """The whole engine, and what is spared of what it says."""
    spared = ", ".join(f"{json.dumps(code)}: (one) => {where}" for code, (where, _) in LEFT_OUT.items())
    source = (PACKAGE.unpacked() / "build" / "HTMLCS.js").read_text(encoding="utf-8")
    return f"{source}\nwindow.HTMLCS.LEFT_OUT = {{{spared}}};"


def faults(page: Page) -> list[str]:
    """Each fault that it finds on *page*."""
    if not page.evaluate("'HTMLCS' in window"):
        page.evaluate(engine())
    return [str(fault) for fault in page.evaluate(RUN)]
