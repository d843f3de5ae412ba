"""The demo's browser reads every form of our pages as a whole HTML parser reads it."""

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from screener.demo.browser import FormBrowser
from screener.demo.browser import HtmlPage
from screener.errors import UserError
from screener.settings import Settings
from tests.desk.conftest import opened
from tests.support.desk_app import DeskApp
from tests.support.html_forms import read_pairs
from tests.support.public_client import ADA

FORM = """
<form method="post" action="/team/7/change">
  <input type="hidden" name="token" value="a&amp;b &quot;c&quot;">
  <input type="checkbox" name="roles" value="coordinator" checked><input type="checkbox" name="roles" value="lead">
  <input type="radio" name="kind" value="1"><input type="radio" name="kind" value="2" checked>
  <select name="to"><option value="">Nobody</option><option value="7" selected>Ada</option></select>
  <select name="day"><option value="1">One</option><option value="2">Two</option></select>
</form>
"""


@pytest.fixture
def house(deployment: Settings) -> Iterator[DeskApp]:
    yield from opened(deployment)


def assert_read_alike(html: str) -> None:
    forms = BeautifulSoup(html, "html.parser").select("form")
    assert forms
    for form in forms:
        action = str(form["action"])
        assert sorted(HtmlPage(200, "/", html).find_form(action).pairs) == sorted(read_pairs(form)), action


def test_entities_ticks_choices_and_lists_are_read_as_a_parser_reads_them() -> None:
    assert_read_alike(FORM)


def test_the_forms_of_the_public_pages_are_read_as_a_parser_reads_them(public: Flask) -> None:
    browser = FormBrowser(public)
    page = browser.open("/en/interest")
    for step in ("/en/contact", "/en/permission", "/en/check"):
        assert_read_alike(page.html)
        page = browser.submit(page, step, ADA)
    assert_read_alike(page.html)


def test_the_forms_of_a_record_and_of_the_team_are_read_as_a_parser_reads_them(house: DeskApp) -> None:
    reference = house.receives()
    ada, root = house.hires("Ada Coordinator"), house.hires("Root Example", roles="administrator")

    assert_read_alike(ada.record(reference).answer.text)
    assert_read_alike(root.opens("/team").answer.text)


def test_a_page_without_the_form_stops_the_demo_with_a_sentence() -> None:
    with pytest.raises(UserError, match="no form for '/nowhere'"):
        HtmlPage(200, "/team", FORM).find_form("/nowhere")
