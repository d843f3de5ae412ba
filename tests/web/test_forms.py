"""The form layer: every control is tied to its hint and its error, and the summary leads to each error."""

from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask import render_template_string
from wtforms import BooleanField
from wtforms import HiddenField
from wtforms import RadioField
from wtforms import SelectField
from wtforms import StringField
from wtforms import TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from screener.settings import ROOT
from screener.web.forms import AccessibleForm
from screener.web.forms import CheckboxesField

COLORS = [SelectChoice("r", "red"), SelectChoice("b", "<blue>")]
SHOWN = ("line", "text", "one", "radio", "several", "tick")
PAGE = """{% from "components/form.html" import csrf, error_summary, field, hidden %}
{{ error_summary(form) }}
<form>{{ hidden(form) }}{% for name in shown %}{{ field(form[name]) }}{% endfor %}</form>
<form>{{ csrf() }}</form>"""


class Everything(AccessibleForm):
    """One field of each kind, each with a hint and a rule."""

    id_prefix = "all-"
    carried = HiddenField()
    line = StringField("A line", [InputRequired("Type a line.")], description="A hint")
    text = TextAreaField("A text", [InputRequired("Type a text.")], description="A hint")
    one = SelectField("One", [InputRequired("Choose one.")], choices=COLORS, description="A hint")
    radio = RadioField("One of these", [InputRequired("Choose one of these.")], choices=COLORS, description="A hint")
    several = CheckboxesField("Several", choices=COLORS, description="A hint")
    tick = BooleanField("Tick", [InputRequired("Tick it.")], description="A hint")


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask("test", template_folder=str(ROOT / "templates"))
    app.jinja_options = {"undefined": jinja2.StrictUndefined}
    app.config["SECRET_KEY"] = "invented"
    with app.test_request_context(method="POST"):
        app.jinja_env.globals["csrf_token"] = lambda: "a token"
        yield app


def rendered(form: Any) -> BeautifulSoup:
    return BeautifulSoup(render_template_string(PAGE, form=form, shown=SHOWN), "html.parser")


def invalid_form() -> Everything:
    form = Everything(formdata=None, data={"carried": "<kept>"})
    form.validate()
    form.add_error("Choose at most one.", "several")
    return form


def test_a_form_without_errors_has_no_summary_and_names_its_hints(app: Flask) -> None:
    page = rendered(Everything(formdata=None))

    assert not page.select(".alert, .error, [aria-invalid]")
    for control in page.select("#all-line, #all-text, #all-one, #all-tick, fieldset"):
        (hint,) = control["aria-describedby"].split()
        assert page.find(id=hint).get_text() == "A hint"


def test_each_error_stands_beside_its_field_and_the_control_names_it(app: Flask) -> None:
    page = rendered(invalid_form())

    for name in ("line", "text", "one", "tick"):
        control = page.find(id=f"all-{name}")
        assert control["aria-invalid"] == "true"
        assert control["aria-describedby"] == f"all-{name}-hint all-{name}-error"
    radio, several = page.select("fieldset")
    assert (radio["role"], radio["aria-invalid"]) == ("radiogroup", "true")
    assert several["aria-describedby"] == "all-several-hint all-several-error"
    assert page.find(id="all-several-error").get_text() == "Choose at most one."


def test_the_summary_leads_to_every_control_that_has_an_error(app: Flask) -> None:
    form = invalid_form()
    form.add_error("The page took too long.")

    page = rendered(form)

    entries = page.select(".alert li")
    assert [" ".join(each.get_text().split()) for each in entries] == [
        "The page took too long.",
        "Type a line.",
        "Type a text.",
        "Choose one.",
        "Choose one of these.",
        "Choose at most one.",
        "Tick it.",
    ]
    leads = [str(link["href"])[1:] for link in page.select(".alert a")]
    assert [page.find(id=each).name for each in leads] == ["input", "textarea", "select", "input", "input", "input"]


def test_ids_are_unique_labels_are_tied_and_names_have_no_prefix(app: Flask) -> None:
    page = rendered(invalid_form())

    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {label["for"] for label in page.select("label")} <= set(ids)
    assert {control["name"] for control in page.select("form:first-of-type [name]")} == {
        *("carried", "csrf_token", *SHOWN)
    }


def test_values_are_kept_and_escaped(app: Flask) -> None:
    form = Everything(formdata=None, data={"carried": "<kept>", "line": '"><b>', "text": "\n</textarea>", "one": "b"})

    page = rendered(form)

    assert page.find(None, {"name": "carried"})["value"] == "<kept>"
    assert page.find(id="all-line")["value"] == '"><b>'
    assert "</textarea>" in page.find(id="all-text").get_text()
    assert page.select_one("#all-one option[selected]").get_text() == "<blue>"
