"""Somebody at the desk's door, as a test sees them: they open pages, fill in what they read, and press buttons."""

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from tests.support.page_rules import faults_of_desk

PASSWORD = "four quiet words here"
FORM = "application/x-www-form-urlencoded"


class DeskClient(FlaskClient):
    """A test client that takes no page which breaks a rule of the house."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        if answer.mimetype == "text/html" and answer.get_data():
            faults = faults_of_desk(answer.text)
            assert not faults, f"{answer.request.path} breaks a rule of the house: {'; '.join(faults)}"
        assert "no-store" in answer.headers["Cache-Control"] or answer.request.path.startswith("/static/")
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        return answer


class Page:
    """An answer as a person reads it."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.soup = BeautifulSoup(answer.text if answer.mimetype == "text/html" else "", "html.parser")

    @property
    def heading(self) -> str:
        found = self.soup.select_one("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def error(self) -> str:
        found = self.soup.select(".alert p, .alert li")
        return " ".join(" ".join(each.get_text().split()) for each in found)

    @property
    def leads_to(self) -> str:
        return self.answer.headers.get("Location", "")

    def form(self, action: str = "") -> Tag:
        """The form of the main part, or the one that posts to *action*."""
        forms = [one for one in self.soup.select("main form") if str(one["action"]).endswith(action)]
        assert forms, f"no form for {action!r} on: {self.text}"
        return forms[0]

    def filled(self, action: str = "") -> list[tuple[str, str]]:
        """What a browser would post from that form if nobody touched it."""
        pairs = []
        for field in self.form(action).select("input[name], textarea, select"):
            if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
                continue
            if field.name == "select":
                chosen = field.select_one("option[selected]") or field.select_one("option")
                pairs.append((str(field["name"]), str(chosen["value"]) if chosen else ""))
            else:
                pairs.append((str(field["name"]), str(field.get("value", ""))))
        return pairs


class Person:
    """A browser, and who sits at it."""

    def __init__(self, app: Flask, email: str = "", *, secret: str = "") -> None:
        app.test_client_class = DeskClient
        self.app = app
        self.email = email
        self.secret = secret
        self.client = app.test_client()
        self.origin = "https://desk.example.org" if app.config["SESSION_COOKIE_SECURE"] else "http://localhost"

    def opens(self, path: str, **options: Any) -> Page:
        return Page(self.client.get(path, base_url=self.origin, **options))

    def posts(
        self, path: str, pairs: list[tuple[str, str]], *, from_us: bool = True, headers: Mapping[str, str] = {}
    ) -> Page:
        origin = {"Origin": self.origin if from_us else "https://evil.example", "Referer": f"{self.origin}/"}
        return Page(
            self.client.post(
                path,
                data=urlencode(pairs),
                content_type=FORM,
                base_url=self.origin,
                headers={**origin, **headers},
            )
        )

    def sends(self, page: Page, action: str = "", /, **typed: str | list[str]) -> Page:
        """Fill in the form of *page* that posts to *action*, and press its button."""
        kept = [(name, value) for name, value in page.filled(action) if name not in typed]
        new = [(name, one) for name, value in typed.items() for one in ([value] if isinstance(value, str) else value)]
        path = str(page.form(action)["action"])
        return self.posts(path, kept + new)

    def takes_up(self, link: str, password: str = PASSWORD) -> Page:
        return self.sends(self.opens(urlsplit(link).path), password=password)

    def sets_up(self, page: Page) -> Page:
        """Read the secret off the page, as a telephone does, and type the first code."""
        shown = page.soup.select_one(".secret")
        assert shown is not None, page.text
        self.secret = shown.get_text().replace("-", "")
        return self.sends(page, code=self.code())

    def code(self, *, at: float | None = None) -> str:
        return str(TOTP(key=self.secret).generate(time.time() if at is None else at).token)

    def knocks(self, password: str = PASSWORD, email: str = "") -> Page:
        return self.sends(self.opens("/sign-in"), "/sign-in", email=email or self.email, password=password)

    def signs_in(self, password: str = PASSWORD) -> Page:
        """The whole way; a test that signs in twice moves the clock in between, because no code is taken twice."""
        page = self.knocks(password)
        return self.sends(page, "/code", code=self.code()) if self.secret else page

    def signs_out(self) -> Page:
        page = self.opens("/account")
        form = page.soup.select_one("form.leave")
        assert form is not None
        token = form.select_one("[name=csrf_token]")
        assert token is not None
        return self.posts("/sign-out", [("csrf_token", str(token["value"]))])

    def another_browser(self) -> "Person":
        return Person(self.app, self.email, secret=self.secret)

    def cookie(self) -> str:
        (name,) = [self.app.config["SESSION_COOKIE_NAME"]]
        found = self.client.get_cookie(name, domain=urlsplit(self.origin).hostname or "")
        return found.value if found else ""


def link_in(text: str) -> str:
    """The invitation that *text* shows."""
    found = re.search(r"https?://\S+/invitation/[\w-]+", text)
    assert found, text
    return found.group()
