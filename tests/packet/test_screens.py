"""The packet leaves no screen out, and each says in it what the application says to people."""

import shutil
from collections.abc import Iterator
from functools import cache

from bs4 import BeautifulSoup
from bs4 import Comment
from bs4 import Doctype

from screener import clock
from screener.packet.renderer import PageRenderer
from screener.packet.screens import SCREENS
from screener.packet.tables import ERROR_OCCASIONS
from screener.public_app import create_public_app
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.wording import ErrorMessages
from tests.support.public_pages import EVERY_PAGE
from tests.support.public_pages import rule

BY_NAME = {screen.name: screen for screen in SCREENS}
#: What production does not show, and what a person typed, or was given for this form alone.
NOT_OURS = ".preview, script, style, .told bdi, .reference"


@cache
def stage(locale: str) -> PageRenderer:
    folder = Settings().study
    study = load_study(folder)
    spoken = {one: load_wording(folder, study, one) for one in list_locales(folder)}
    return PageRenderer(study, spoken[locale], spoken, clock.now())


def visible(html: str) -> Iterator[str]:
    """Every piece of text of a page, and every name that only a screen reader says."""
    page = BeautifulSoup(html, "html.parser")
    for one in page.select(NOT_OURS):
        one.decompose()
    for one in page.select("[aria-label], [alt], [title]"):
        yield from (str(one[name]) for name in ("aria-label", "alt", "title") if one.has_attr(name))
    for text in page.find_all(string=True):
        if text.strip() and not isinstance(text, (Comment, Doctype)):
            yield " ".join(text.split())


def reviewed(settings: Settings) -> Settings:
    """*settings* with a study whose translations somebody reviewed, so that production shows them, too."""
    folder = settings.data / "study"
    shutil.copytree(settings.study, folder)
    for path in folder.glob("wording.*.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace('status = "draft"', 'status = "reviewed"'), "utf-8")
    return settings.model_copy(update={"study": folder})


def test_every_page_that_a_person_can_be_shown_is_a_screen_of_the_packet() -> None:
    assert set(EVERY_PAGE) - set(BY_NAME) == set()
    assert len(BY_NAME) == len(SCREENS)


def test_each_is_shown_at_the_address_that_it_names(deployment: Settings) -> None:
    app = create_public_app(deployment)
    rules = {one.rule for one in app.url_map.iter_rules()}

    assert {name: BY_NAME[name].address for name in EVERY_PAGE} == {
        name: shown.address for name, shown in EVERY_PAGE.items()
    }
    assert {rule(app, screen.address) for screen in SCREENS if screen.address} == rules - {
        "/",
        "/.well-known/security.txt",
        rule(app, ""),
    }


def test_every_error_stands_beside_a_field_in_some_screen() -> None:
    """All but those that stand above a list or a page, or that nothing says in this release."""
    drawn = " ".join(screen.render(stage("en")) for screen in SCREENS)
    said = [one.get_text() for one in BeautifulSoup(drawn, "html.parser").select("p.error")]
    errors = stage("en").wording.errors.model_dump()

    assert {name for name, words in errors.items() if words not in said} == {"title", "lead", "token", "busy"}


def test_the_table_of_errors_says_of_each_when_it_is_said() -> None:
    assert list(ERROR_OCCASIONS) == list(ErrorMessages.model_fields)


def test_a_screen_has_no_banner_and_no_address_of_another_machine() -> None:
    for screen in SCREENS:
        page = BeautifulSoup(screen.render(stage("vi")), "html.parser")
        assert not page.select(".preview")
        assert not [one for one in page.select("link, script, img") if "/" in str(one.get("href") or one.get("src"))]
