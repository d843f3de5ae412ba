"""A browser of few abilities: it opens pages, fills in the forms that stand there, and presses their buttons.

It knows no address but what it reads, and sends what a browser would, hidden fields and all. So whatever the demo
leaves behind has come through the same pages, checks and tokens as anything that people do.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import Client
from werkzeug.test import TestResponse

from screener.errors import UserError

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<(input|select|option|textarea)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
#: Statuses of a page that did what was wanted, or that asks who is there before it does.
TAKEN, ASKS_AGAIN = 200, 403
Values = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: where it goes, what would be sent, and what each list offers."""

    action: str
    pairs: tuple[tuple[str, str], ...]
    offers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    path: str
    html: str

    def find(self, pattern: str) -> list[str]:
        """What the group of *pattern* holds, wherever the page has it."""
        return [unescape(text) for text in re.findall(pattern, self.html)]

    def has(self, verb: str) -> bool:
        """Whether a form goes to *verb*."""
        return any(form.action.endswith(verb) for form in self._forms())

    def form(self, verb: str) -> Form:
        """The form that goes to *verb*. Raises *UserError* when the page has none."""
        for form in self._forms():
            if form.action.endswith(verb):
                return form
        raise UserError(f"The page {self.path} has nothing to press for {verb!r}, so the demo cannot go on.")

    def _forms(self) -> Iterator[Form]:
        for said, inside in FORM.findall(self.html):
            yield _read(_attributes(said), inside)


def _read(form: Mapping[str, str], inside: str) -> Form:
    pairs: list[tuple[str, str]] = []
    offers: dict[str, tuple[str, ...]] = {}
    name = ""
    for tag, said in FIELD.findall(inside):
        field = _attributes(said)
        name = name if tag == "option" else field.get("name", "")
        value = field.get("value", "")
        if not name:
            continue
        if tag == "select":
            offers[name] = ()
        elif tag == "option":
            if not offers[name] or "selected" in field:
                pairs = [*(pair for pair in pairs if pair[0] != name), (name, value)]
            offers[name] += (value,)
        elif field.get("type") not in ("radio", "checkbox") or "checked" in field:
            pairs.append((name, value))
    return Form(form.get("action", ""), tuple(pairs), offers)


def _attributes(said: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(said)}


class Browser:
    """One person's browser at *app*, with its own cookies."""

    def __init__(self, app: Flask) -> None:
        self._client = Client(app)

    def opens(self, path: str) -> Page:
        """Go to an address. Raises *UserError* when there is no page for us."""
        return _page(self._client.get(path, follow_redirects=True))

    def sends(self, page: Page, verb: str, typed: Values | None = None) -> Page:
        """Fill in the form of *page* that goes to *verb*, and submit it. Raises *UserError* if it is not taken."""
        form, typed = page.form(verb), typed or {}
        kept = [(name, value) for name, value in form.pairs if name not in typed]
        filled = [
            (name, each) for name, value in typed.items() for each in ((value,) if isinstance(value, str) else value)
        ]
        body = urlencode(kept + filled)
        kind = "application/x-www-form-urlencoded"
        return _page(self._client.post(form.action, data=body, content_type=kind, follow_redirects=True))


def _page(answer: TestResponse) -> Page:
    page = Page(answer.status_code, answer.request.path, answer.get_data(as_text=True))
    if page.status != TAKEN and not (page.status == ASKS_AGAIN and 'name="proof"' in page.html):
        raise UserError(f"The demo was answered {page.status} at {page.path}, and cannot go on.")
    return page
