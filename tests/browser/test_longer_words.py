"""Words two fifths longer than English, and text at twice its size: nothing is cut off, and nothing lies over another.

The longer words are a pseudo-language in a copied study folder (``tests/study/pseudo``): each sentence stands in
brackets, so a sentence without its last bracket was cut, and one without accents is none of the wording's.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import ViewportSize

from screener.public_app import create_public_app
from screener.settings import Settings
from tests.browser.fixtures import SMALL
from tests.browser.pages import Answered
from tests.browser.pages import show
from tests.browser.test_every_page import CUT_OFF
from tests.browser.test_every_page import width
from tests.study.pseudo import LOCALE
from tests.study.pseudo import write_pseudo
from tests.support.public_pages import EVERY_PAGE
from tests.support.public_pages import PublicScenario

pytestmark = pytest.mark.xdist_group("every page")

#: A name as long as a site's may be, and an exit as long as a language makes it.
LONG_NAME = "The Invented Example Institute of Outpatient Research at San Francisco Bay"
DOUBLED: ViewportSize = {"width": 640, "height": 900}
NAMES = ("start", "about", "questions with errors", "contact with errors", "permission", "check", "received", "paused")
#: Text and what a person can press, that lie over each other.
OVERLAPS = """
(() => {
  const all = [...document.querySelectorAll("main :is(a, button, label.option, input.line, select), .languages li")]
    .filter((one) => one.checkVisibility() && !one.closest(".enter, .trap"));
  const boxes = all.map((one) => [one, one.getBoundingClientRect()]);
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return boxes.flatMap(([one, box], place) => boxes.slice(place + 1)
    .filter(([other, its]) => !one.contains(other) && !other.contains(one) && over(box, its))
    .map(([other]) => one.textContent.trim() + " over " + other.textContent.trim()));
})()
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("longer") / "study"
    shutil.copytree(Settings().study, folder)
    write_pseudo(folder)
    file = folder / "study.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[Site name - placeholder]", LONG_NAME), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_longer_words_are_all_there_in_a_small_window_and_at_twice_the_size(
    name: str,
    study: Path,
    deployment: Settings,
    monkeypatch: pytest.MonkeyPatch,
    new_context: Callable[..., BrowserContext],
) -> None:
    house = PublicScenario(deployment.model_copy(update={"study": study}), monkeypatch, LOCALE)
    answer = EVERY_PAGE[name].reach(house).answer
    page = Answered(answer.request.path, answer.status_code, dict(answer.headers), answer.text, house.app.test_client())
    window = show(page, new_context(viewport=SMALL, bypass_csp=True))

    for size, text in ((SMALL, "100%"), (DOUBLED, "200%")):
        window.set_viewport_size(size)
        window.add_style_tag(content=f"html {{ font-size: {text} !important; }}") if text != "100%" else None
        assert width(window) == size["width"]
        assert window.evaluate(CUT_OFF) == []
        assert window.evaluate(OVERLAPS) == []
    shown = window.locator("h1").inner_text()
    assert shown.startswith("[") and shown.endswith("]")


def test_the_pseudo_language_is_served_like_any_other(study: Path, deployment: Settings) -> None:
    app = create_public_app(deployment.model_copy(update={"study": study}))

    assert app.test_client().get(f"/{LOCALE}/").status_code == 200
