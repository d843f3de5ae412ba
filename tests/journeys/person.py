"""A person at a browser that runs no script and keeps no cookie: reads a page's form, fills it in, presses a button."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4 import Tag

REFERENCE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]\b")


class Unanswered(Exception):
    """No answer came, or one that says "not now"."""


@dataclass(frozen=True)
class Page:
    """What came back: the status and the parsed page."""

    status: int
    soup: BeautifulSoup
    url: str

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def reference(self) -> str:
        found = REFERENCE.search(self.text)
        return found.group() if found else ""

    def filled(self) -> list[tuple[str, str]]:
        """The pairs that a browser would send with the page's POST form as it stands."""
        return [pair for field in self._form().select("input, select, textarea") for pair in _pairs(field)]

    def action(self, button: str | None = None) -> str:
        """Where the page's POST form goes, by the button whose value or text begins with *button*."""
        form = self._form()
        target = str(form.get("action", ""))
        for one in self.soup.select("button"):
            if button and one.get_text(strip=True).startswith(button):
                target = str(one.get("formaction") or (one.find_parent("form") or form).get("action", ""))
        return urllib.parse.urljoin(self.url, target)

    def _form(self) -> Tag:
        form = self.soup.select_one("form[method=post]")
        assert form is not None, f"no form on this page: {self.text[:200]}"
        return form


def _pairs(field: Tag) -> list[tuple[str, str]]:
    name, kind = str(field.get("name", "")), str(field.get("type", "text"))
    if not name or kind in {"submit", "button"}:
        return []
    if kind in {"radio", "checkbox"}:
        return [(name, str(field.get("value", "on")))] if field.has_attr("checked") else []
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return [(name, str(chosen.get("value", "")) if chosen else "")]
    return [(name, str(field.get("value", "")) if field.name == "input" else field.get_text())]


class Person:
    """Keeps the page in front of them, so that sending again sends the very same page."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self.form: Page | None = None
        self.check: Page | None = None

    def opens(self, path: str) -> Page:
        return self._asks(self._base + path, None)

    def sends(self, page: Page, button: str | None = None, pairs: list[tuple[str, str]] | None = None) -> Page:
        """Presses *button* on *page*, with what stands in it, or with *pairs*."""
        body = urllib.parse.urlencode(page.filled() if pairs is None else pairs).encode()
        return self._asks(urllib.parse.urljoin(self._base, urllib.parse.urlparse(page.action(button)).path), body)

    def fills(self, page: Page, answers: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
        """The pairs of *page* with *answers* in place of what stood there."""
        kept = [(name, value) for name, value in page.filled() if name not in answers]
        new = [(name, one) for name, value in answers.items() for one in ([value] if isinstance(value, str) else value)]
        return kept + new

    def tells_the_site(self, **answers: str | list[str]) -> str:
        """The whole way, going on where it was cut; returns the reference. Raises *Unanswered*."""
        if self.form is None:
            self.form = self._expects(self.opens("/en/interest"), 200)
        if self.check is None:
            self.check = self.goes_on(self.form, {"adult_self": "1", **answers})
        received = self._expects(self.sends(self.check, "Send"), 200)
        assert received.reference, f"no reference on the received page: {received.text[:300]}"
        return received.reference

    def goes_on(self, page: Page, answers: Mapping[str, str | list[str]]) -> Page:
        """Step by step to the check page, with *answers* where each is asked."""
        while not page.action("Send").endswith("/received"):
            asked = {str(field["name"]) for field in page.soup.select("main :is(input, select)")}
            here = {name: value for name, value in answers.items() if name in asked}
            page = self._expects(self.sends(page, pairs=self.fills(page, here)), 200)
        return page

    def _expects(self, page: Page, status: int) -> Page:
        if page.status in {429, 502, 503}:
            raise Unanswered(str(page.status))
        assert page.status == status, f"{page.status}: {page.text[:300]}"
        return page

    def _asks(self, url: str, body: bytes | None) -> Page:
        request = urllib.request.Request(url, data=body)  # noqa: S310 - loopback only
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
                return Page(answer.status, BeautifulSoup(answer.read(), "html5lib"), answer.url)
        except urllib.error.HTTPError as answer:
            with answer:
                return Page(answer.code, BeautifulSoup(answer.read(), "html5lib"), url)
        except (OSError, ValueError, EOFError) as error:
            raise Unanswered(type(error).__name__) from None
        except Exception as error:
            if type(error).__module__ != "http.client":
                raise
            raise Unanswered(type(error).__name__) from None
