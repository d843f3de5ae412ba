"""Every page and error state as the application answered it, shown in a browser at its own address.

The pages are reached inside this process (``support.public_pages``), because no honest visitor meets most error pages.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from playwright.sync_api import Route

from screener.settings import Settings
from screener.study.loader import locales
from screener.web.locales import SOURCE_LOCALE
from tests.support.desk_pages import EVERY_DESK_PAGE
from tests.support.desk_pages import DeskScenario
from tests.support.desk_pages import reached
from tests.support.public_pages import EVERY_PAGE
from tests.support.public_pages import PublicScenario

HOUSE = "http://127.0.0.1"
TRANSLATED = tuple(locale for locale in locales(Settings().study) if locale != SOURCE_LOCALE)
#: What each page is called here: the pages of the form, those of the desk, and the form's in the other languages.
NAMES = [*(f"form: {name}" for name in EVERY_PAGE), *(f"desk: {name}" for name in EVERY_DESK_PAGE)]
NAMES_IN_TRANSLATION = [f"form {locale}: {name}" for locale in TRANSLATED for name in EVERY_PAGE]


@dataclass(frozen=True)
class Answered:
    """One page as the application answered it, and a browser without a window that fetches what belongs to it."""

    path: str
    status: int
    headers: dict[str, str]
    text: str
    fetch: FlaskClient


class Pages:
    """Every page, from a deployment of its own that is a copy of *made_once*; each is made once."""

    def __init__(self, made_once: Path, folder: Path) -> None:
        self._made_once = made_once
        self._folder = folder
        self._made: dict[str, Answered] = {}

    def __getitem__(self, name: str) -> Answered:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Answered:
        side, _, called = name.partition(": ")
        data = self._folder / str(len(self._made))
        shutil.copytree(self._made_once, data)
        with pytest.MonkeyPatch.context() as patch:
            if side == "desk":
                return _of_the_desk(Settings(data=data), called, patch)
            return _of_the_form(Settings(data=data), called, patch, side.removeprefix("form").strip() or SOURCE_LOCALE)


def _of_the_form(settings: Settings, name: str, patch: pytest.MonkeyPatch, locale: str) -> Answered:
    house = PublicScenario(settings, patch, locale)
    answer = EVERY_PAGE[name].reach(house).answer
    headers = dict(answer.headers)
    return Answered(answer.request.path, answer.status_code, headers, answer.text, house.app.test_client())


def _of_the_desk(settings: Settings, name: str, patch: pytest.MonkeyPatch) -> Answered:
    desk = DeskScenario(settings, patch)
    answer = reached(name, desk)
    desk.close()
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    # The page that leads on by itself is looked at while it stands.
    text = answer.text.replace('<meta http-equiv="refresh" content="0">', "")
    return Answered(answer.request.path, answer.status_code, headers, text, desk.ada.client)


def show(page: Answered, context: BrowserContext) -> Page:
    """Open *page* in a new window of *context*, at its own address."""

    def from_the_house(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == page.path:
            route.fulfill(status=page.status, headers=page.headers, body=page.text)
            return
        with page.fetch.get(path) as file:
            route.fulfill(status=file.status_code, headers=dict(file.headers), body=file.get_data())

    context.route(f"{HOUSE}/**", from_the_house)
    window = context.new_page()
    window.goto(HOUSE + page.path)
    return window


def add_style(window: Page, css: str) -> None:
    """Add a style sheet to the page in *window* as a script would, which the page's own policy lets pass."""
    adopt = "(css) => { const one = new CSSStyleSheet(); one.replaceSync(css); document.adoptedStyleSheets.push(one); }"
    window.evaluate(adopt, css)
