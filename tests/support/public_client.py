"""A client of the public pages, as a browser without script and cookies; it calls the application in this process."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from bs4 import Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.html_forms import Pairs
from tests.support.html_forms import Typed
from tests.support.html_forms import read_pairs
from tests.support.html_forms import replace_values

FORM = "application/x-www-form-urlencoded"
#: What is needed, and nothing more.
ADA = {"name_pref": "Ada Example", "email": "ada@example.org", "adult_self": "1"}


@dataclass(frozen=True)
class PublicPage:
    """An answer as a person sees it; ``tests.support.page_rules`` holds every one to the rules."""

    answer: TestResponse
    soup: BeautifulSoup

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def heading(self) -> str:
        (heading,) = self.soup.select("h1")
        return heading.get_text(strip=True)

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def reference(self) -> str:
        (reference,) = self.soup.select(".reference")
        return reference.get_text()

    @property
    def token(self) -> str:
        return dict(self.pairs())["token"]

    def pairs(self) -> Pairs:
        """What a browser would send with the page's form as it stands."""
        return [pair for form in self.soup.select("form") for pair in read_pairs(form)]

    def said(self) -> Pairs:
        """The same, without what the page says of itself."""
        return [pair for pair in self.pairs() if pair[0] not in ("step", "then", "source")]

    def values(self, name: str) -> list[str]:
        return [value for one, value in self.pairs() if one == name]

    def errors(self) -> dict[str, str]:
        """The sentence beside each field that has one."""
        return {str(one["id"]).removesuffix("-error"): one.get_text() for one in self.soup.select("p.error")}


class PublicClient:
    """Opens pages and sends them, from one address, in one language."""

    def __init__(self, app: Flask, address: str = "192.0.2.1", locale: str = "en") -> None:
        self.client = app.test_client()
        self.address = address
        self.locale = locale

    def at(self, page: str) -> str:
        """The address of *page* in the visitor's language."""
        return f"/{self.locale}/{page}"

    def opens(self, path: str, **options: Any) -> PublicPage:
        return self._page(self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **options))

    def posts(self, path: str, pairs: Iterable[tuple[str, str]]) -> PublicPage:
        return self.posts_bytes(path, urlencode(list(pairs)).encode())

    def posts_bytes(self, path: str, body: bytes, content_type: str = FORM) -> PublicPage:
        environ = {"REMOTE_ADDR": self.address}
        return self._page(self.client.post(path, data=body, content_type=content_type, environ_base=environ))

    def fills(self, page: PublicPage, answers: Typed) -> Pairs:
        """The pairs of *page* with *answers* in place of what stood there."""
        return replace_values(page.pairs(), answers)

    def checks(self, page: PublicPage | None = None, /, **answers: str | Sequence[str]) -> PublicPage:
        """Fill in *page* (a new one) and all that comes after it, and ask for the check page."""
        page = page or self.opens(self.at("interest"))
        return self.posts(self.at("check"), self.fills(page, {**ADA, **answers}))

    def sends(self, check: PublicPage) -> PublicPage:
        """Press *Send* on the check page."""
        return self.posts(self.at("received"), check.pairs())

    def goes(self, page: PublicPage, /, **answers: str | Sequence[str]) -> PublicPage:
        """Fill in *page*, and press its first button."""
        form = page.soup.select_one("form")
        assert form is not None
        return self.posts(str(form["action"]), self.fills(page, answers))

    def presses(self, page: PublicPage, words: str, /, **answers: str | Sequence[str]) -> PublicPage:
        """Fill in *page*, and press the button that says *words*; the last one, if there are several."""
        button = [one for one in page.soup.select("form button") if one.get_text(strip=True) == words][-1]
        form = button.find_parent("form")
        assert isinstance(form, Tag)
        address = str(button.get("formaction") or form["action"]).partition("#")[0]
        named = [(str(button["name"]), str(button["value"]))] if button.has_attr("name") else []
        return self.posts(address, [*self.fills(page, answers), *named])

    def tells(self, **answers: str | Sequence[str]) -> PublicPage:
        """The whole way."""
        return self.sends(self.checks(**answers))

    @staticmethod
    def _page(answer: TestResponse) -> PublicPage:
        assert "Set-Cookie" not in answer.headers
        if answer.mimetype != "text/html" or not answer.text:
            return PublicPage(answer, BeautifulSoup("", "html.parser"))
        return PublicPage(answer, BeautifulSoup(answer.text, "html.parser"))
