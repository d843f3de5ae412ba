"""Stored codes that a page shows to a person, where its words belong.

A code is read in text, in the label of an option, in a title and in an accessible name; the value of a control and the
address of a link may be one. So may what a person typed, which no page that is read for this holds.
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4 import Tag

SHOWN_ATTRIBUTES = ("title", "aria-label", "alt", "label", "data-label")
CODE = re.compile(
    r"""(?<![\w@.\-/])[a-z]+(?:_[a-z0-9]+)+(?![\w@])  # a state, an outcome, a field
    |(?:cli|desk|worker|call|text|email|incoming):[a-z_:]+  # an audit action, an outcome with its channel
    |\b(?:SMTP|[A-Z][a-z]+)[A-Za-z]*(?:Error|Refused)\b  # the class of an exception""",
    re.VERBOSE,
)


def shown_codes(html: str) -> set[str]:
    """The codes that a person would read on the page."""
    return {found.group() for text in _shown(html) for found in CODE.finditer(text)}


def _shown(html: str) -> Iterator[str]:
    page = BeautifulSoup(html, "html.parser")
    for unread in page.select("textarea, code"):
        unread.decompose()
    yield page.get_text(" ")
    for tag in page.find_all(True):
        if isinstance(tag, Tag):
            yield from (str(tag[name]) for name in SHOWN_ATTRIBUTES if tag.has_attr(name))
