"""The rules that every page keeps, checked on each page that any test is given by the application.

They ride along with each request of Flask's test client (``tests/conftest.py``), so a page that only one test ever
meets, an error page with answers in it, is held to them like the first page. ``tests/laws/test_page_rules.py`` breaks
each of them once.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

#: The crisis numbers, on every page for everybody.
CRISIS = ("988", "911")
#: Attributes that make a browser fetch something, or send something.
FETCHED = ("src", "srcset", "action", "formaction", "poster", "data", "background")
#: A person may type a character that HTML has no use for; we give back what was typed.
TYPED = "invalid-codepoint"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class RuledClient(FlaskClient):
    """Flask's test client, which takes no page that breaks a rule."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        if answer.mimetype == "text/html" and answer.get_data():
            faults = [*_judged(answer.text), *faults_of_headers(answer)]
            assert not faults, f"{answer.request.path} breaks a rule: {'; '.join(faults)}"
        return answer


class RuledDeskClient(FlaskClient):
    """Flask's test client for the desk: each answer carries the desk's headers, and each page keeps the rules."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        if answer.mimetype == "text/html" and answer.get_data() and answer.status_code not in (301, 302, 303):
            faults = faults_of_desk(answer.text)
            assert not faults, f"{answer.request.path} breaks a rule: {'; '.join(faults)}"
        assert "no-store" in answer.headers["Cache-Control"] or answer.request.path.startswith("/static/")
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        return answer


def faults_of_headers(answer: TestResponse) -> Iterator[str]:
    if "Set-Cookie" in answer.headers:
        yield "it sets a cookie"
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "a browser may keep it"
    if "script-src 'self'" not in answer.headers.get("Content-Security-Policy", ""):
        yield "it carries no policy for scripts"


@dataclass(frozen=True)
class Document:
    """A parsed page; html5lib mends what is not HTML, and says so in its errors."""

    root: Element
    errors: tuple[str, ...]

    @cached_property
    def elements(self) -> list[Element]:
        return [one for one in self.root.iter() if isinstance(one.tag, str)]

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: one for one in self.elements for child in one}

    def named(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]

    def ancestors(self, one: Element) -> Iterator[Element]:
        while parent := self.parents.get(one):
            yield parent
            one = parent


def faults_of(html: str) -> list[str]:
    """Return each rule that the page breaks, as a sentence."""
    page = _parsed(html)
    rules = (_frame, _headings, _crisis, _inline, _elsewhere, _ids, _labels, _forms)
    return [*page.errors, *(fault for rule in rules for fault in rule(page))]


def _parsed(html: str) -> Document:
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root = parser.parse(html)
    errors = [f"line {line} is not HTML ({error})" for (line, _), error, _ in parser.errors if error != TYPED]
    return Document(root, tuple(errors))


def _text(one: Element) -> str:
    return " ".join("".join(one.itertext()).split())


#: Tags, the names of attributes, and what must stand in none: a page that is built alike is judged once in a test run.
_BUILT = re.compile(r"</?[a-z0-9]+|\s[a-z-]+=|javascript:")
_JUDGED: dict[tuple[str, ...], list[str]] = {}


def faults_of_desk(html: str) -> list[str]:
    """The same for a page of the desk, which is for staff and so names no number for a crisis."""
    return [fault for fault in _judged(html) if "crisis" not in fault]


def _judged(html: str) -> list[str]:
    built = tuple(_BUILT.findall(html))
    if built not in _JUDGED:
        _JUDGED[built] = faults_of(html)
    return _JUDGED[built]


def _frame(page: Document) -> Iterator[str]:
    if not {"lang", "dir"} <= set(page.root.attrib):
        yield "it does not say its language and direction"
    if not any(_text(title) for title in page.named("title")):
        yield "it has no title"
    if len(page.named("main")) != 1:
        yield "it has not one main part"
    if any({"autofocus", "placeholder", "accesskey"} & set(one.attrib) for one in page.elements):
        yield "it uses autofocus, placeholder or accesskey"


def _headings(page: Document) -> Iterator[str]:
    if len(page.named("h1")) != 1:
        yield f"it has {len(page.named('h1'))} h1"
    if any(not _text(heading) for heading in page.named(*HEADINGS)):
        yield "a heading is empty"


def _crisis(page: Document) -> Iterator[str]:
    blocks = [_text(one) for one in page.named("aside") if "crisis" in one.get("class", "").split()]
    if not any(all(number in block for number in CRISIS) for block in blocks):
        yield "the crisis block is missing"


def _inline(page: Document) -> Iterator[str]:
    if page.named("style") or any("src" not in one.attrib for one in page.named("script")):
        yield "it has a script or style of its own"
    for one in page.elements:
        if "style" in one.attrib or any(name.startswith("on") for name in one.attrib):
            yield f"<{one.tag}> carries a script or a style"


def _elsewhere(page: Document) -> Iterator[str]:
    """A link leads where it leads; nothing else may touch another machine."""
    for one in page.elements:
        places = [one.get(name, "") for name in FETCHED if name in one.attrib]
        if one.tag == "link":
            places.append(one.get("href", ""))
        for place in places:
            if not place.startswith("/") or place.startswith("//"):
                yield f"<{one.tag}> goes to another place: {place}"
        if one.tag == "a" and one.get("href", "").lower().startswith(("javascript:", "data:", "http:")):
            yield "a link is a script or leads to an open line"


def _ids(page: Document) -> Iterator[str]:
    ids = Counter(one.get("id", "") for one in page.elements if "id" in one.attrib)
    for name, times in ids.items():
        if times > 1:
            yield f"the id {name} stands {times} times"
    for one in page.elements:
        named = " ".join(one.get(name, "") for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"))
        anchor = one.get("href", "")
        for name in named.split() + ([anchor[1:]] if anchor.startswith("#") else []):
            if name not in ids:
                yield f"<{one.tag}> names the id {name}, which is not there"


def _labels(page: Document) -> Iterator[str]:
    labelled = {label.get("for", "") for label in page.named("label") if _text(label)} - {""}
    for field in page.named("input", "select", "textarea"):
        if field.get("type") == "hidden" or "hidden" in field.attrib:
            continue
        around = list(page.ancestors(field))
        if field.get("id", "") not in labelled and not any(one.tag == "label" for one in around):
            yield f"the field {field.get('name')} has no label"
        if field.get("type") == "radio" and not _has_legend(around):
            yield f"the choice {field.get('name')} has no legend"


def _has_legend(around: list[Element]) -> bool:
    group = next((one for one in around if one.tag == "fieldset"), None)
    return group is not None and group.find(".//legend") is not None


def _forms(page: Document) -> Iterator[str]:
    for form in page.named("form"):
        if form.get("method", "").lower() != "post" or not form.get("action"):
            yield "a form is not posted, or does not say where to"
        if form.find(".//button") is None:
            yield "a form has no button"
