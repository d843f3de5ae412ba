"""No page is forgotten: the list of pages is complete by the URL map and by the wording."""

from operator import attrgetter

import pytest

from screener.public_app import create_public_app
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.wording import Wording
from tests.support.public_pages import EVERY_PAGE
from tests.support.public_pages import PublicScenario
from tests.support.public_pages import rule

#: Shown above the form, and never in its place.
ABOVE = {"notices.waitlist"}


@pytest.fixture
def words(deployment: Settings) -> Wording:
    return load_wording(deployment.study, load_study(deployment.study), "en")


def test_every_route_is_on_the_list(deployment: Settings) -> None:
    app = create_public_app(deployment)

    shown = {rule(app, shown.address) for shown in EVERY_PAGE.values() if shown.address}

    assert {one.rule for one in app.url_map.iter_rules()} == shown | {"/", "/.well-known/security.txt", rule(app, "")}


def test_everything_that_can_head_a_page_is_on_the_list(words: Wording) -> None:
    groups = {"pages": words.pages, "notices": words.notices, "error_pages": words.error_pages}
    heads = {f"{group}.{name}" for group, part in groups.items() for name in type(part).model_fields}

    assert heads == {shown.words for shown in EVERY_PAGE.values()} | ABOVE


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_it_is_reached_as_the_list_says(
    name: str, deployment: Settings, words: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, house = EVERY_PAGE[name], PublicScenario(deployment, monkeypatch)

    page = shown.reach(house)

    assert (page.status, page.heading) == (shown.status, attrgetter(f"{shown.words}.heading")(words))
    if shown.address:
        asked = page.answer.request
        answered, _ = house.app.url_map.bind("").match(asked.path, asked.method, return_rule=True)
        assert answered.rule == rule(house.app, shown.address)
