"""No page of the desk is forgotten: the list of pages is complete by the URL map and by the templates.

That each is reached as the list says is tried where it is shown to a browser (``tests/browser``).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.settings import ROOT
from screener.settings import Settings
from tests.support.desk_pages import EVERY_DESK_PAGE
from tests.support.desk_pages import LEADING
from tests.support.desk_pages import DeskScenario

FOLDER = ROOT / "templates"


@pytest.fixture
def desk(deployment: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskScenario]:
    made = DeskScenario(deployment, monkeypatch)
    yield made
    made.close()


def test_every_route_is_on_the_list(desk: DeskScenario) -> None:
    routes = {rule.endpoint for rule in desk.app.url_map.iter_rules()}

    assert routes == {shown.endpoint for shown in EVERY_DESK_PAGE.values() if shown.endpoint} | LEADING


def test_every_template_is_on_the_list() -> None:
    """Each page of the desk is the last thing that some way of the list leads to."""
    ours = {str(path.relative_to(FOLDER)) for name in ("desk", "staff") for path in Path(FOLDER, name).glob("*.html")}

    assert {shown.template for shown in EVERY_DESK_PAGE.values()} == ours - {"desk/frame.html"}
