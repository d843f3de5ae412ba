"""The form layer of the desk: the base form, and the error summary.

A view makes its form (``form = SignInForm()``) and asks ``form.validate()``: Flask-WTF reads the body of the request,
so no view reads ``request.form`` by hand. ``templates/components/form.html`` renders a field from the field alone: its
label, its description (the hint), its errors and its widget.
"""

from collections.abc import Callable
from collections.abc import Collection
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput
from wtforms.widgets import ListWidget

from screener.errors import UserError


class AccessibleForm(FlaskForm):
    """A form whose controls are tied to their hints and errors (WCAG 2.2, 1.3.1 and 3.3.1)."""

    #: Goes before the id of each field, never before its name, where a page shows several forms with the same names.
    id_prefix = ""

    class Meta(FlaskForm.Meta):
        # ``CSRFProtect`` checks every POST before its view is called. A token made here, before the view begins a new
        # session, would belong to the old one.
        csrf = False

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            return unbound_field.bind(form=form, **{"id": form.id_prefix + options["name"], **options})

        def render_field(self, field: Any, render_kw: Any) -> Any:
            return super().render_field(field, {**self.aria_attributes(field), **render_kw})

        @staticmethod
        def aria_attributes(field: Any) -> dict[str, str]:
            """The attributes that tie a control to the hint and the error beside it."""
            beside = {"hint": field.description, "error": field.errors}
            ids = " ".join(f"{field.id}-{part}" for part, text in beside.items() if text)
            return ({"aria-describedby": ids} if ids else {}) | ({"aria-invalid": "true"} if field.errors else {})

    def add_error(self, message: str, field_name: str = "") -> None:
        """Add an error that no validator can find: to the field, or without a name to the form as a whole."""
        if field_name:
            self[field_name].errors = [*self[field_name].errors, message]
        else:
            self.form_errors.append(message)

    def error_summary(self) -> list[tuple[str, str]]:
        """The id of the control to go to and the message of each error; no id for one of the form as a whole."""
        invalid = [field for field in self if field.errors]
        return [("", text) for text in self.form_errors] + [(first_control(each), each.errors[0]) for each in invalid]


class CheckboxesField(SelectMultipleField):
    """A choice of any number of options, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def validated_by(parse: Callable[[Any], object]) -> Callable[[Any, Any], None]:
    """Make a validator of *parse*: its *UserError* becomes an error of the field."""

    def validate(form: Any, field: Any) -> None:
        try:
            parse(field.data)
        except UserError as fault:
            raise ValidationError(str(fault)) from None

    return validate


def submitted_pairs(*, without: Collection[str]) -> list[tuple[str, str]]:
    """Every name and value in the body of this request, to be carried in a page; *without* names some to leave out."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in without]


def first_control(field: Any) -> str:
    """The id of the control that a link to *field* leads to: in a group of options, the first one."""
    grouped = isinstance(field.widget, ListWidget)
    return str(next(iter(field), field).id if grouped else field.id)
