"""A user of the desk with a browser: opens pages, fills in the forms that stand there, and presses their buttons."""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4 import Tag
from flask import Flask
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from screener import clock
from screener.auth.context import auth_context
from screener.auth.session_record import insert_session
from screener.db import writing
from screener.staff.models import Account
from tests.support.html_forms import Pairs
from tests.support.html_forms import read_pairs
from tests.support.html_forms import replace_values

PASSWORD = "four quiet words here"
FORM = "application/x-www-form-urlencoded"


class DeskPage:
    """An answer of the desk, parsed."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.text if self.answer.mimetype == "text/html" else "", "html.parser")

    @cached_property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def heading(self) -> str:
        found = self.soup.select_one("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def error(self) -> str:
        found = self.soup.select(".alert p, .alert li")
        return " ".join(" ".join(each.get_text().split()) for each in found)

    @property
    def leads_to(self) -> str:
        """The address of a redirect that was not followed."""
        return self.answer.headers.get("Location", "")

    def form(self, action: str = "") -> Tag:
        """The first form of the main part, or the one form whose address ends with *action*."""
        if not action:
            return self.soup.select("main form")[0]
        ending = f"/{action.removeprefix('/')}"
        found = [form for form in self.soup.select("form") if str(form["action"]).endswith(ending)]
        assert len(found) == 1, f"{len(found)} forms for {action!r} on: {self.text}"
        return found[0]

    def pairs(self, action: str = "") -> Pairs:
        """What a browser would send with that form as it stands."""
        return read_pairs(self.form(action))

    def filled(self, action: str = "") -> dict[str, str]:
        """The same, for a form in which each name stands once."""
        return dict(self.pairs(action))

    def links(self, start: str) -> list[str]:
        return [str(link["href"]) for link in self.soup.select("a[href]") if str(link["href"]).startswith(start)]

    @property
    def references(self) -> list[str]:
        """The references in the list, from top to bottom."""
        return [link.get_text(strip=True) for link in self.soup.select(".ledger th a")]


class DeskUser:
    """A browser at the desk, and the account of the person who uses it; *follow* redirects or show them."""

    def __init__(self, app: Flask, email: str = "", *, secret: str = "", id_: str = "", follow: bool = False) -> None:
        self.app = app
        self.id = id_
        self.email = email
        self.secret = secret
        self.client = app.test_client()
        self.origin = "https://desk.example.org" if app.config["SESSION_COOKIE_SECURE"] else "http://localhost"
        self._follow = follow

    def opens(self, path: str, **options: Any) -> DeskPage:
        return DeskPage(self.client.get(path, base_url=self.origin, follow_redirects=self._follow, **options))

    def posts_pairs(
        self, path: str, pairs: Pairs, *, from_us: bool = True, headers: Mapping[str, str] = {}
    ) -> DeskPage:
        origin = {"Origin": self.origin if from_us else "https://evil.example", "Referer": f"{self.origin}/"}
        return DeskPage(
            self.client.post(
                path,
                data=urlencode(pairs),
                content_type=FORM,
                base_url=self.origin,
                headers={**origin, **headers},
                follow_redirects=self._follow,
            )
        )

    def posts(self, page: DeskPage, action: str = "", /, **typed: str | list[str]) -> DeskPage:
        """Fill in the form of *page* that posts to *action*, and press its button."""
        address = str(page.form(action)["action"])
        return self.posts_pairs(address, replace_values(page.pairs(action), typed))

    def record(self, reference: str) -> DeskPage:
        return self.opens(f"/record/{reference}")

    def does(self, reference: str, action: str, **typed: str) -> DeskPage:
        """Open a record, and fill in and send its form for *action*."""
        return self.posts(self.record(reference), action, **typed)

    def takes_up(self, link: str, password: str = PASSWORD) -> DeskPage:
        """Accept the invitation of *link*."""
        return self.posts(self.opens_invitation(link), password=password)

    def opens_invitation(self, link: str) -> DeskPage:
        """Open *link* and give its code, as the script on the page does."""
        parts = urlsplit(link)
        return self.posts(self.opens(parts.path), "invitation", code=parts.fragment)

    def sets_up(self, page: DeskPage) -> DeskPage:
        """Read the TOTP secret off the page, as a telephone does, and type the first code."""
        shown = page.soup.select_one(".secret")
        assert shown is not None, page.text
        self.secret = shown.get_text().replace("-", "")
        return self.posts(page, code=self.code())

    def code(self, *, at: float | None = None) -> str:
        return str(TOTP(key=self.secret).generate(time.time() if at is None else at).token)

    def gives_password(self, password: str = PASSWORD, email: str = "") -> DeskPage:
        """The first step of signing in."""
        return self.posts(self.opens("/sign-in"), "/sign-in", email=email or self.email, password=password)

    def signs_in(self, password: str = PASSWORD) -> DeskPage:
        """Both steps; a test that signs in twice moves the clock in between, because no code is taken twice."""
        page = self.gives_password(password)
        return self.posts(page, "/code", code=self.code()) if self.secret else page

    def signs_out(self) -> DeskPage:
        return self.posts(self.opens("/account"), "sign-out")

    def is_signed_in_as(self, account: Account) -> None:
        """Put into the browser the session that a complete sign-in leaves; ``tests/auth`` signs in for real."""
        with self.app.app_context(), writing(auth_context().store) as connection:
            record = insert_session(connection, account, second_factor=True)
        self.has_cookie(record.session_id)

    def has_cookie(self, value: str) -> None:
        """Put the session cookie *value* into the browser."""
        name, host = self.app.config["SESSION_COOKIE_NAME"], urlsplit(self.origin).hostname or ""
        self.client.set_cookie(name, value, domain=host, secure=name.startswith("__Host-"))

    def decides_access(self, button: str) -> DeskPage:
        """Press the button of the one change of access that is waiting, and prove who one is where that is asked."""
        page = self.posts(self.opens("/access"), f"/{button}")
        return self.posts(page, proof=PASSWORD) if page.soup.select_one("#proof") else page

    def without_cookies(self) -> "DeskUser":
        """Block cookies in this browser."""
        self.client = self.app.test_client(use_cookies=False)
        return self

    def another_browser(self) -> "DeskUser":
        return DeskUser(self.app, self.email, secret=self.secret)

    def cookie(self) -> str:
        (name,) = [self.app.config["SESSION_COOKIE_NAME"]]
        found = self.client.get_cookie(name, domain=urlsplit(self.origin).hostname or "")
        return found.value if found else ""


def link_in(text: str) -> str:
    """The invitation link that *text* shows."""
    found = re.search(r"https?://\S+/invitation#[\w-]+", text)
    assert found, text
    return found.group()


def tomorrow() -> datetime:
    return clock.now() + timedelta(days=1)
