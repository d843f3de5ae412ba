"""IBM's accessibility checker engine (Equal Access): a third opinion, strict about names, groups and landmarks.

It says how sure it is. What it calls a failure is a fault, and so is what it calls possible, unless it is left out
below, by name and with the reason. Advice that it is not sure of itself is not asked.
"""

import json
from functools import cache

from playwright.sync_api import Page

from tests.browser.packages import Package

PACKAGE = Package(
    "accessibility-checker-engine",
    "4.0.34",
    "sha512-nGE7j5gI/914QLgt1tFcjM9kCr4EKx3HxctsZE8BobObYmQr+UoYsKdWVLowG4QHCB7G/F0Prr3kTwKENPHrcA==",
)
POLICIES = ["WCAG_2_2", "IBM_Accessibility"]
NAMELESS = "!one.matches('[aria-label], [aria-labelledby], [title]')"
NO_LANDMARK = "a form without a name is no landmark (HTML-AAM), and on a page full of forms that is a mercy"
#: A rule and what it found -> where it is no fault, as a condition on the element *one*, and why.
LEFT_OUT = {
    # Questions to a person; what they are about is tried elsewhere, or read by people.
    "style_highcontrast_visible Manual_1": ("true", "it asks on every page; axe judges the forced colours"),
    "style_color_misuse Potential_1": ("true", "it asks of every style sheet"),
    "style_focus_visible potential_focus_not_visible": ("true", "the journeys with keys alone see each ring"),
    "style_viewport_resizable Potential_1": (
        "true",
        "it asks of every style sheet; spaced text is tried in each window",
    ),
    "element_tabbable_visible potential_visible": ("one.matches('.skip')", "the journeys see the skip link come up"),
    "element_tabbable_unobscured potential_obscured": (
        "one.closest('.bar, .languages')",
        "it reckons where the bar is before the focus scrolls; the journeys see that nothing lies over what has it",
    ),
    "text_block_heading potential_heading": ("true", "it takes labels and short bold lines for headings"),
    "text_quoted_correctly Potential_1": ("true", "it takes the name of a button or command for a quotation"),
    "text_sensory_misuse potential_other": ("true", "it stops at words such as little, whatever they say"),
    "text_sensory_misuse potential_position": ("true", "it stops at the words right and left: all right, left blank"),
    "input_checkboxes_grouped potential_lonecheckbox": (
        "one.labels.length",
        "a yes that stands alone is its own group",
    ),
    # Where it is mistaken, as far as the condition goes.
    "aria_content_in_landmark Fail_1": (
        "one.matches('.skip')",
        "a skip link stands before all landmarks, and axe sees what else does",
    ),
    "aria_form_label_unique fail_label_not_unique": (NAMELESS, NO_LANDMARK),
    "aria_landmark_name_unique fail_label_not_unique": (f"one.matches('form') && {NAMELESS}", NO_LANDMARK),
    "aria_child_valid Fail_invalid_child": (
        "one.matches('fieldset[role=radiogroup]') && one.querySelector('input[type=radio]')",
        "a group of choices may hold a hint and an error beside them (ARIA 1.2)",
    ),
    "aria_keyboard_handler_exists potential_no_keyboard_access": (
        "one.matches('fieldset[role=radiogroup]') && one.querySelector('input[type=radio]')",
        "the choices of HTML inside bring their keys along",
    ),
    "widget_tabbable_exists fail_no_tabbable": (
        "one.matches('fieldset[role=radiogroup]') && one.querySelector('input[type=radio]:enabled')",
        "the radio buttons of HTML inside are reached with Tab",
    ),
    "input_checkboxes_grouped fail_notsamegroup": (
        "new Set([].concat(one.form[one.name]).flatMap((all) => [...(all.length ? all : [all])])"
        ".map((each) => each.closest('fieldset'))).size === 1",
        "it takes two forms for one; in its own, each choice is in one group",
    ),
    "input_label_visible potential_no_label": (
        "one.matches('select, textarea') && [...one.labels].some((label) => label.checkVisibility())",
        "it looks for the label of an input only; this has one in sight",
    ),
    "table_headers_exists Fail_1": (
        "one.tHead && [...one.tHead.rows[0].cells].every((cell) => cell.scope === 'col')",
        "where rows are cards the heads are out of sight, and still there for readers of screens",
    ),
}
RUN = """
async () => (await new ace.Checker().check(document, POLICIES)).results
  .filter((said) => said.value[1] === "FAIL" || (said.value[0] === "VIOLATION" && said.value[1] !== "PASS"))
  .filter((said) => !(ace.LEFT_OUT[`${said.ruleId} ${said.reasonId}`] || (() => false))(said.node))
  .map((said) => `${said.ruleId} ${said.reasonId}: ${said.message} (${said.snippet.slice(0, 120)})`)
"""


@cache
def engine() -> str:
    """The whole engine, and what is spared of what it says."""
    spared = ", ".join(f"{json.dumps(code)}: (one) => {where}" for code, (where, _) in LEFT_OUT.items())
    source = (PACKAGE.unpacked() / "ace-window.js").read_text(encoding="utf-8")
    return f"{source}\nwindow.ace.LEFT_OUT = {{{spared}}};"


def faults(page: Page) -> list[str]:
    """Each fault that it finds on *page*."""
    if not page.evaluate("'ace' in window"):
        page.evaluate(engine())
    return [str(fault) for fault in page.evaluate(RUN.replace("POLICIES", json.dumps(POLICIES)))]
