"""No page of the desk is forgotten: the list of pages is complete by the URL map and by the templates."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask import template_rendered

from screener.settings import ROOT
from screener.settings import Settings
from tests.every_desk_page import EVERY_DESK_PAGE
from tests.every_desk_page import LEADING
from tests.every_desk_page import Desk
from tests.every_desk_page import answer_of

FOLDER = ROOT / "templates"


@pytest.fixture
def desk(deployment: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(deployment, monkeypatch)
    yield made
    made.close()


def test_every_route_is_on_the_list(desk: Desk) -> None:
    routes = {rule.endpoint for rule in desk.app.url_map.iter_rules()}

    assert routes == {shown.endpoint for shown in EVERY_DESK_PAGE.values() if shown.endpoint} | LEADING


def test_every_template_is_on_the_list() -> None:
    """Each page of the desk is the last thing that some way of the list leads to."""
    ours = {str(path.relative_to(FOLDER)) for name in ("desk", "staff") for path in Path(FOLDER, name).glob("*.html")}

    assert {shown.template for shown in EVERY_DESK_PAGE.values()} == ours - {"desk/frame.html"}


@pytest.mark.parametrize("name", EVERY_DESK_PAGE)
def test_it_is_reached_as_the_list_says(name: str, desk: Desk) -> None:
    shown, drawn = EVERY_DESK_PAGE[name], list[str]()

    def note(sender: Flask, template: object, **_: object) -> None:
        drawn.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, desk.app):
        answer = answer_of(shown.reach(desk))

    assert answer.status_code == shown.status
    # What is drawn when the store is away asks nothing of the framework, and so is not heard of here.
    assert shown.status >= 500 or drawn[-1] == shown.template
    if shown.endpoint:
        rule, _ = desk.app.url_map.bind("").match(answer.request.path, answer.request.method, return_rule=True)
        assert rule.endpoint == shown.endpoint
