"""Every template compiles, is strict, is used, and keeps script, style and settings out of itself."""

import re

import jinja2
from jinja2 import meta

from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.web.app import create_template_environment

FOLDER = ROOT / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
#: What pages are put into: one for participants, one for the desk.
FRAMES = ("base.html", "desk/frame.html")
#: Pages fill a frame; components are parts of pages, and emails and the packet for an IRB are no pages.
PAGES = [name for name in NAMES if not name.startswith(("components/", "email/", "packet/")) and name not in FRAMES]


#: Script, style, other machines, and ways around escaping.
FORBIDDEN = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|https?://|(?<!:)//[a-z]|\|\s*safe\b|autoescape"
)
NOT_FOR_PAGES = {"config", "settings", "request", "session", "g"}


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    made = create_template_environment(FOLDER)
    made.filters.update(linked=str, blocks=list)
    return made


def test_every_template_compiles_and_an_unknown_name_in_it_is_an_error() -> None:
    made = environment()

    for name in NAMES:
        template = made.get_template(name)
        assert template.environment.undefined is jinja2.StrictUndefined
        assert template.environment.autoescape is True


def test_a_page_has_one_heading_and_fills_the_frame() -> None:
    offenders = [name for name in PAGES if not fills_its_frame(name)]

    assert offenders == []


def fills_its_frame(name: str) -> bool:
    text = source(name)
    frame = "desk/frame.html" if name.startswith(("desk/", "staff/")) else "base.html"
    begins = text.startswith(f'{{% extends "{frame}" %}}')
    return begins and text.count("<h1") == 1 and "{% block title %}" in text


def test_no_template_has_a_script_style_or_address_of_its_own() -> None:
    assert [(name, found[0]) for name in NAMES if (found := FORBIDDEN.search(source(name)))] == []


def test_no_template_knows_settings_request_or_session() -> None:
    made = environment()
    asked = {name: meta.find_undeclared_variables(made.parse(source(name))) & NOT_FOR_PAGES for name in NAMES}

    assert {name: found for name, found in asked.items() if found} == {}


def test_every_template_is_used() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    texts |= {FOLDER / name: source(name) for name in NAMES}

    unused = [
        name
        # Emails are used by their kind: see ``test_messages``.
        for name in NAMES
        if name not in FRAMES
        and not name.startswith("email/")
        and not any(f'"{name}"' in text for path, text in texts.items() if path != FOLDER / name)
    ]
    assert unused == []
