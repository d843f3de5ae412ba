"""A minimal browser for the demo: it opens pages, fills in their forms, and submits them.

It knows no address but those it reads, and sends what a browser would, hidden fields and all. So everything that the
demo creates has come through the same pages, checks and tokens as a real submission.

Forms are read with regular expressions, which is safe for our own templates only: a page takes 0.6 ms, and 20 ms with
BeautifulSoup, which WebTest uses too (``docs/decisions.md``). A test holds both readings equal.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import Client
from werkzeug.test import TestResponse

from screener.errors import UserError

FORM_PATTERN = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
FIELD_PATTERN = re.compile(r"<(input|select|option|textarea)\b([^>]*)>")
ATTRIBUTE_PATTERN = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
FormValues = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class HtmlForm:
    """A form on a page: its address, the names and values that would be sent, and the options of each list."""

    action: str
    pairs: tuple[tuple[str, str], ...]
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class HtmlPage:
    """An answer of the application."""

    status: int
    path: str
    html: str

    def find_all(self, pattern: str) -> list[str]:
        """Return what the group of *pattern* holds, wherever the page has it."""
        return [unescape(text) for text in re.findall(pattern, self.html)]

    def has_form(self, action: str) -> bool:
        """Return whether the page has a form whose address ends with *action*."""
        return any(form.action.endswith(action) for form in self._forms())

    def find_form(self, action: str) -> HtmlForm:
        """Return the form whose address ends with *action*. Raises *UserError* when the page has none."""
        for form in self._forms():
            if form.action.endswith(action):
                return form
        raise UserError(f"The page {self.path} has no form for {action!r}, so the demo cannot continue.")

    def _forms(self) -> Iterator[HtmlForm]:
        for attributes, inside in FORM_PATTERN.findall(self.html):
            yield _read_form(_read_attributes(attributes), inside)


def _read_form(form: Mapping[str, str], inside: str) -> HtmlForm:
    pairs: list[tuple[str, str]] = []
    options: dict[str, tuple[str, ...]] = {}
    name = ""
    for tag, attributes in FIELD_PATTERN.findall(inside):
        field = _read_attributes(attributes)
        name = name if tag == "option" else field.get("name", "")
        value = field.get("value", "")
        if not name:
            continue
        if tag == "select":
            options[name] = ()
        elif tag == "option":
            if not options[name] or "selected" in field:
                pairs = [*(pair for pair in pairs if pair[0] != name), (name, value)]
            options[name] += (value,)
        elif field.get("type") not in ("radio", "checkbox") or "checked" in field:
            pairs.append((name, value))
    return HtmlForm(form.get("action", ""), tuple(pairs), options)


def _read_attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE_PATTERN.findall(text)}


class FormBrowser:
    """One person's browser at *app*, with its own cookies."""

    def __init__(self, app: Flask) -> None:
        self._client = Client(app)

    def open(self, path: str) -> HtmlPage:
        """Open *path*. Raises *UserError* when the answer is not a page."""
        return _check_answer(self._client.get(path, follow_redirects=True))

    def submit(self, page: HtmlPage, action: str, typed: FormValues | None = None) -> HtmlPage:
        """Fill in the form of *page* whose address ends with *action*, and submit it. Raises *UserError* if refused."""
        form, typed = page.find_form(action), typed or {}
        kept = [(name, value) for name, value in form.pairs if name not in typed]
        filled = [
            (name, each) for name, value in typed.items() for each in ((value,) if isinstance(value, str) else value)
        ]
        body = urlencode(kept + filled)
        kind = "application/x-www-form-urlencoded"
        return _check_answer(self._client.post(form.action, data=body, content_type=kind, follow_redirects=True))


def _check_answer(answer: TestResponse) -> HtmlPage:
    page = HtmlPage(answer.status_code, answer.request.path, answer.get_data(as_text=True))
    asks_for_password = page.status == HTTPStatus.FORBIDDEN and 'name="proof"' in page.html
    if page.status != HTTPStatus.OK and not asks_for_password:
        raise UserError(f"The page {page.path} answered with status {page.status}, so the demo cannot continue.")
    return page
