"""The rules of the house that every page keeps, held against whatever any test is given by the application.

They ride along with each request of Flask's test client (``tests/conftest.py``), so a page that only one test ever
meets, an error page with somebody's answers in it, is held to them like the first page.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import html5lib
from bs4 import BeautifulSoup
from bs4 import Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

#: The crisis numbers, on every page for everybody.
CRISIS = ("988", "911")
#: Attributes that make a browser fetch something, or send something.
FETCHED = ("src", "srcset", "action", "formaction", "poster", "data", "background")
#: Somebody may type a character that HTML has no use for; we give back what was typed.
TYPED = "invalid-codepoint"
LABELLED = "input:not([type=hidden]), select, textarea"


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


def faults_of(html: str) -> list[str]:
    """Each rule that the page breaks, as a sentence."""
    page = BeautifulSoup(html, "html.parser")
    rules = (_frame, _headings, _crisis, _inline, _elsewhere, _ids, _labels, _forms)
    return [*_grammar(html), *(fault for rule in rules for fault in rule(page))]


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


def _grammar(html: str) -> Iterator[str]:
    parser = html5lib.HTMLParser()
    parser.parse(html)
    for (line, _), error, _ in parser.errors:
        if error != TYPED:
            yield f"line {line} is not HTML ({error})"


def _frame(page: BeautifulSoup) -> Iterator[str]:
    if not page.select("html[lang][dir]"):
        yield "it does not say its language and direction"
    if not page.title or not page.title.get_text(strip=True):
        yield "it has no title"
    if len(page.select("main")) != 1:
        yield "it has not one main part"
    if page.select("[autofocus], [placeholder], [accesskey]"):
        yield "it uses autofocus, placeholder or accesskey"


def _headings(page: BeautifulSoup) -> Iterator[str]:
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    if levels.count(1) != 1:
        yield f"it has {levels.count(1)} h1"
    if any(not heading.get_text(strip=True) for heading in page.find_all(re.compile("^h[1-6]$"))):
        yield "a heading is empty"


def _crisis(page: BeautifulSoup) -> Iterator[str]:
    block = page.select_one("aside.crisis")
    if block is None or any(number not in block.get_text() for number in CRISIS):
        yield "the crisis block is missing"


def _inline(page: BeautifulSoup) -> Iterator[str]:
    if page.select("script:not([src]), style, [style]"):
        yield "it has a script or style of its own"
    for tag in page.find_all(True):
        if any(name.startswith("on") for name in tag.attrs):
            yield f"<{tag.name}> carries a script"


def _elsewhere(page: BeautifulSoup) -> Iterator[str]:
    """A link leads where it leads; nothing else may touch another machine."""
    for tag in page.find_all(True):
        places = [str(tag[name]) for name in FETCHED if tag.has_attr(name)]
        if tag.name == "link":
            places.append(str(tag.get("href", "")))
        for place in places:
            if not place.startswith("/") or place.startswith("//"):
                yield f"<{tag.name}> goes to another place: {place}"
        if tag.name == "a" and str(tag.get("href", "")).lower().startswith(("javascript:", "data:", "http:")):
            yield "a link is a script or leads to an open line"


def _ids(page: BeautifulSoup) -> Iterator[str]:
    ids = Counter(str(tag["id"]) for tag in page.select("[id]"))
    for name, times in ids.items():
        if times > 1:
            yield f"the id {name} stands {times} times"
    for tag in page.find_all(True):
        named = [str(tag.get(name, "")) for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls")]
        anchor = str(tag.get("href", ""))
        wanted = " ".join(named).split() + ([anchor[1:]] if anchor.startswith("#") else [])
        for name in wanted:
            if name not in ids:
                yield f"<{tag.name}> names the id {name}, which is not there"


def _labels(page: BeautifulSoup) -> Iterator[str]:
    labelled = {str(label["for"]) for label in page.select("label[for]") if label.get_text(strip=True)}
    for field in page.select(LABELLED):
        if field.has_attr("hidden"):
            continue
        if str(field.get("id", "")) not in labelled and not field.find_parent("label"):
            yield f"the field {field.get('name')} has no label"
    for field in page.select("input[type=radio]"):
        group = field.find_parent("fieldset")
        if not isinstance(group, Tag) or not group.select("legend"):
            yield f"the choice {field.get('name')} has no legend"


def _forms(page: BeautifulSoup) -> Iterator[str]:
    for form in page.select("form"):
        if str(form.get("method", "")).lower() != "post" or not form.get("action"):
            yield "a form is not posted, or does not say where to"
        if not form.select("button"):
            yield "a form has no button"
