"""The whole way as somebody hears it: what each thing is called, in which order it comes, and what is announced.

The names are read from the browser's accessibility tree, which is what a screen reader gets; what they must be is read
from the wording of each language. Whoever speaks to their computer says what they see: so the visible words are the
name. Then the same way by the Tab key alone: everything is reached, once, in the order of the page.
"""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page

from screener.questionnaire.form import STEP_PATHS
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.wording import Wording
from tests.support.server import Server

SHIPPED = Settings().study
STUDY = load_study(SHIPPED)
LOCALES = locales(SHIPPED)
WORDS = {locale: load_wording(SHIPPED, STUDY, locale) for locale in LOCALES}
CONTACT = ("name_pref", "phone", "email", "how_contact", "sms_ok", "voicemail", "when_call", "time_zone", "lang")
FIELDS = {
    "questions": tuple(question.id for question in STUDY.asked),
    "contact": (*CONTACT, "access", "access_text"),
    "permission": ("adult_self",),
}
KINDS = {question.id: question.kind for question in STUDY.asked}
KINDS |= {"how_contact": "choice", "voicemail": "choice", "when_call": "choices", "access": "choices"}
TICKS = ("sms_ok", "adult_self")
NEEDED = ("name_pref", "adult_self")
#: Roles of what is typed into or ticked, and of all that can be worked with.
TYPED = {"textbox", "checkbox"}
WORKED = {"link", "button", "textbox", "radio", "checkbox", "combobox", "spinbutton"}
TABBABLE = """
[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
  .filter((one) => one.tabIndex >= 0 && one.checkVisibility())
  .map((one) => one.type === "radio" ? "radio " + one.name : one.id || one.textContent.trim())
  .filter((name, place, all) => !name.startsWith("radio ") || all.indexOf(name) === place)
"""
FOCUSED = """
(() => {
  const one = document.activeElement;
  return one.type === "radio" ? "radio " + one.name : one.id || one.textContent.trim();
})()
"""


@dataclass(frozen=True)
class Heard:
    """One thing of the page as a screen reader is told of it."""

    role: str
    name: str
    description: str
    invalid: bool


def heard_on(page: Page) -> list[Heard]:
    """Everything on *page* that is heard, in its order."""
    line = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in line.send("Accessibility.getFullAXTree")["nodes"]}
    line.detach()
    (root,) = [node for node in nodes.values() if "parentId" not in node]

    def below(node: dict[str, Any]) -> Iterator[Heard]:
        if not node.get("ignored"):
            yield _heard(node)
        for child in node.get("childIds", ()):
            yield from below(nodes[child])

    return list(below(root))


def _heard(node: dict[str, Any]) -> Heard:
    said = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
    role, name, description = (node.get(key, {}).get("value", "") for key in ("role", "name", "description"))
    return Heard(role, " ".join(name.split()), " ".join(description.split()), said.get("invalid") == "true")


def worked_with(heard: list[Heard]) -> list[str]:
    return [one.name for one in heard if one.role in WORKED]


def fields_of(words: Wording, step: str) -> list[str]:
    """What each thing of *step* that is filled in has to be called, in the order of the page."""
    return [name for field in FIELDS[step] for name in _names(words, field)]


def _names(words: Wording, field: str) -> list[str]:
    said, kind = words.fields[field], KINDS.get(field, "")
    if kind in ("choice", "choices"):
        codes = STUDY.fields()[field]
        return [*(said.options[code] for code in codes), *([words.common.skip_question] if kind == "choice" else [])]
    return [f"{said.label} {words.common.needed}" if field in NEEDED else said.label]


def frame_before(words: Wording) -> list[str]:
    others = [other.name for locale, other in WORDS.items() if locale != words.locale]
    return [words.common.skip_link, words.common.quick_exit, *others]


def frame_after(words: Wording) -> list[str]:
    common, crisis = words.common, words.crisis
    footer = [common.footer_start, common.footer_about, common.footer_privacy, common.footer_accessibility]
    return [crisis.call, crisis.text, *footer]


def buttons_of(words: Wording, step: str) -> list[str]:
    onward = words.pages.check.actions.check if step == "permission" else words.common.next
    return [onward] if step == "questions" else [onward, words.common.back]


def by_tab(page: Page) -> list[str]:
    """Everything that the Tab key comes to, from the top of the page to its end."""
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    reached: list[str] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return reached
        reached.append(page.evaluate(FOCUSED))
    raise AssertionError("the Tab key does not come to an end")


def step_line(words: Wording, step: str) -> str:
    """The line above the heading of a step, such as "Step 1 of 4"."""
    return str(vars(words.pages[step])["step"])


def arrives(page: Page, words: Wording, step: str) -> None:
    page.locator("p.step", has_text=step_line(words, step)).wait_for()
    page.wait_for_load_state()


@pytest.fixture(params=LOCALES)
def words(request: pytest.FixtureRequest) -> Wording:
    return WORDS[request.param]


@pytest.fixture
def way(words: Wording, one_server: Server, new_context: Callable[..., BrowserContext]) -> Callable[[str], Page]:
    """Leads to a step, with what is needed filled in before it."""
    page = new_context().new_page()

    def lead(step: str) -> Page:
        page.goto(f"http://127.0.0.1:{one_server.port}/{words.locale}/interest")
        for before in (*STEP_PATHS, "check"):
            arrives(page, words, before)
            if before == step:
                return page
            if before == "contact":
                page.fill("#name_pref", "Invented Voice")
                page.fill("#phone", "+1 415 555 0100")
            if before == "permission":
                page.check("#adult_self")
            page.locator("main .actions button").first.click()
        raise AssertionError(step)

    return lead


def test_everything_is_called_what_it_is_labelled_in_its_order(words: Wording, way: Callable[[str], Page]) -> None:
    for step in STEP_PATHS:
        heard = worked_with(heard_on(way(step)))

        first = [words.pages.questions.skip, words.crisis.call, words.crisis.text] if step == "questions" else []
        trap = [words.common.leave_blank] if step == "questions" else []
        inside = [*first, *fields_of(words, step), *trap, *buttons_of(words, step)]
        assert heard == [*frame_before(words), *inside, *frame_after(words)]


def test_each_group_is_announced_with_its_question_and_its_hint(words: Wording, way: Callable[[str], Page]) -> None:
    for step in ("questions", "contact"):
        heard = {one.name: one for one in heard_on(way(step)) if one.role in ("radiogroup", "group")}

        for field in FIELDS[step]:
            if KINDS.get(field) in ("choice", "choices"):
                said = words.fields[field]
                assert heard[said.label].description == said.hint


def test_headings_step_and_landmarks_are_there_to_jump_to(words: Wording, way: Callable[[str], Page]) -> None:
    for step in (*STEP_PATHS, "check"):
        page = way(step)
        heard = heard_on(page)

        assert next(one.name for one in heard if one.role == "heading") == words.pages[step].heading
        assert step_line(words, step) in [one.name for one in heard if one.role == "StaticText"]
        landmarks = [(one.role, one.name) for one in heard if one.role in ("banner", "main", "navigation")]
        assert landmarks == [
            ("banner", ""),
            ("navigation", words.common.language),
            ("main", ""),
            ("navigation", words.common.footer_label),
        ]
        assert page.title() == words.pages[step].title


def test_what_could_not_be_read_is_announced_and_described_at_each_field(
    words: Wording, way: Callable[[str], Page]
) -> None:
    errors = words.errors
    for step, wrong, said in (
        ("questions", {"#age_years": "thirty"}, {"age_years": errors.age}),
        (
            "contact",
            {"#name_pref": "", "#email": "ada@", "#phone": "please"},
            {"name_pref": errors.name, "phone": errors.phone, "email": errors.email},
        ),
        ("permission", {}, {"adult_self": errors.permission}),
    ):
        page = way(step)
        for field, value in wrong.items():
            page.fill(field, value)
        page.locator("main .actions button").first.click()
        page.locator("#summary").wait_for()
        page.wait_for_load_state()

        heard = heard_on(page)
        assert page.evaluate("document.activeElement.id") == "summary"
        assert [one.name for one in heard if one.role == "alert"] == [errors.title]
        assert page.title() == f"{words.common.error_prefix} {words.pages[step].title}"
        links = [one.name for one in heard if one.role == "link"]
        for field, sentence in said.items():
            label = words.fields[field].label
            assert f"{label} {sentence}" in links
            (found,) = [one for one in heard if one.name in _names(words, field) and one.role in TYPED]
            assert found.invalid
            assert found.description == f"{words.fields[field].hint} {sentence}".strip()


def test_the_check_page_says_what_each_change_is_about(words: Wording, way: Callable[[str], Page]) -> None:
    heard = heard_on(way("check"))

    changes = [one for one in heard if one.role == "button" and one.name == words.pages.check.actions.change]
    asked = [words.fields[field].label for step in STEP_PATHS for field in FIELDS[step]]
    assert [one.description for one in changes] == asked


@pytest.mark.parametrize("words", ["en", "zh-Hant"], indirect=True)
def test_the_tab_key_comes_to_everything_once_in_the_order_of_the_page(
    words: Wording, way: Callable[[str], Page]
) -> None:
    """The order is that of the page, which no language changes."""
    for step in (*STEP_PATHS, "check"):
        page = way(step)

        assert by_tab(page) == page.evaluate(TABBABLE)
