"""Every template compiles, is strict, is used, and keeps script, style and settings out of itself."""

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

from screener.settings import PACKAGE
from screener.settings import ROOT
from screener.web.app import templates

FOLDER = ROOT / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
#: What pages are put into: one for participants, one for the desk.
FRAMES = ("base.html", "desk/frame.html")
#: Pages fill a frame; components are parts of pages, and letters and the packet for an IRB are no pages.
PAGES = [name for name in NAMES if not name.startswith(("components/", "email/", "packet/")) and name not in FRAMES]


def source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    made = templates(FOLDER)
    made.filters.update(linked=str, blocks=list)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_and_an_unknown_name_in_it_is_an_error(name: str) -> None:
    template = environment().get_template(name)

    assert template.environment.undefined is jinja2.StrictUndefined
    assert template.environment.autoescape is True


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_and_fills_the_frame(name: str) -> None:
    text = source(name)

    ours = "desk/frame.html" if name.startswith(("desk/", "staff/")) else "base.html"
    assert text.startswith(f'{{% extends "{ours}" %}}')
    assert text.count("<h1") == 1
    assert "{% block title %}" in text


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_script_style_or_address_of_its_own(name: str) -> None:
    text = source(name)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"https?://|(?<!:)//[a-z]", text)
    assert not re.search(r"\|\s*safe\b|autoescape", text)


@pytest.mark.parametrize("name", NAMES)
def test_it_knows_neither_settings_nor_request_nor_session(name: str) -> None:
    asked = meta.find_undeclared_variables(environment().parse(source(name)))

    assert asked & {"config", "settings", "request", "session", "g"} == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FRAMES])
def test_it_is_used(name: str) -> None:
    users: list[Path] = [*PACKAGE.rglob("*.py"), *(FOLDER / other for other in NAMES if other != name)]

    assert any(f'"{name}"' in path.read_text(encoding="utf-8") for path in users)
