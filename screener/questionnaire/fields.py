"""Form fields: WTForms fields that keep what was sent exactly, and their validators.

A validator here may say that an answer cannot be read. None may say that an answer is the wrong one: what
it means is for the study team. Every message comes from the wording of the form's locale
(``form.error_message``); WTForms has messages of its own in few languages, and none in the voice of this form.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError
from email_validator import validate_email
from wtforms import RadioField
from wtforms import SelectField
from wtforms import SelectMultipleField
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation
from wtforms.validators import ValidationError

from screener.study.contact_fields import ContactField
from screener.study.model import Question
from screener.typed_text import is_longer
from screener.typed_text import normalize_width

BLANK = ""
TICKED = "1"
UNTICKED = "0"
MAX_DIGITS = 3
DIGITS = re.compile("[0-9]+")


class AnswerField:
    """What holds for every field: it was sent once, and all of it is text."""

    #: The name of the component that shows the field.
    kind = ""
    #: What is typed into a text, for the browser's help.
    format = ""
    short_name: str
    data: Any
    raw_data: Sequence[str] | None

    def __init__(self, *, required: str = "no", **options: Any) -> None:
        super().__init__(**options)
        #: As in ``ContactField.required``: ``no``, ``yes`` or ``either``.
        self.required = required

    def pre_validate(self, form: Any) -> None:
        if self.short_name in form.unreadable:
            raise StopValidation(form.error_message("characters"))
        if self.is_repeated(self.raw_data or ()):
            raise StopValidation(form.error_message("repeated"))

    def is_repeated(self, sent: Sequence[str]) -> bool:
        return len(sent) > 1

    def is_blank(self) -> bool:
        return not self.data.strip()


class CodedField(AnswerField):
    """A field whose answer is one of its codes, or several of them."""

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__(choices=[SelectChoice(code, code) for code in codes], **options)
        self.codes = frozenset(codes)

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not self.codes.issuperset((self.data,) if isinstance(self.data, str) else self.data):
            raise StopValidation(form.error_message("choice"))


class TextField(AnswerField, StringField):
    """A line of text, kept as it was typed; a letter counts once, however its accents were typed."""

    kind = "text"

    def __init__(self, max_characters: int, text_format: str = "", **options: Any) -> None:
        super().__init__(default=BLANK, **options)
        self.max_characters = max_characters
        self.format = text_format

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if is_longer(self.data, self.max_characters):
            raise StopValidation(form.error_message("long"))


class WholeNumberField(AnswerField, StringField):
    """A whole number as it was typed: one to three digits, or blank."""

    kind = "whole_number"
    format = "whole_number"

    def __init__(self, **options: Any) -> None:
        super().__init__(default=BLANK, **options)

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if len(self.data) > MAX_DIGITS or not (self.is_blank() or DIGITS.fullmatch(normalize_width(self.data))):
            raise StopValidation(form.error_message("age"))


class ChoiceField(CodedField, RadioField):
    """One answer out of several, or blank: *Skip this question* is an answer with no value."""

    kind = "choice"

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__((*codes, BLANK), default=BLANK, **options)


class DropdownField(CodedField, SelectField):
    """One answer out of a list that opens; it starts at blank."""

    kind = "select"

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__((*codes, BLANK), default=BLANK, **options)


class MultipleChoiceField(CodedField, SelectMultipleField):
    """Any number of ticks, contradictory ones too, kept in the order of the study."""

    kind = "choices"

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__(codes, default=(), **options)
        self.order = tuple(codes)

    def is_repeated(self, sent: Sequence[str]) -> bool:
        return len(set(sent)) < len(sent)

    def is_blank(self) -> bool:
        return not self.data

    def in_order(self) -> tuple[str, ...]:
        """The ticked codes, in the order in which they are asked."""
        ticked = set(self.data)
        return tuple(code for code in self.order if code in ticked)


class CheckboxField(CodedField, SelectField):
    """One checkbox; a browser sends nothing for an unticked one, which is its answer ``0``."""

    kind = "tick"

    def __init__(self, **options: Any) -> None:
        super().__init__((TICKED, UNTICKED), default=UNTICKED, **options)

    def is_blank(self) -> bool:
        return bool(self.data != TICKED)


class RequireAnswer:
    """Validator: this field, or *either* another required one of the step, must not be blank."""

    def __init__(self, error: str, *, either: bool = False) -> None:
        self.error = error
        self.either = either

    def __call__(self, form: Any, field: Any) -> None:
        fields = [one for one in form if one.required == "either"] if self.either else [field]
        if all(one.is_blank() for one in fields):
            raise StopValidation(form.error_message(self.error))


def require_digit(form: Any, field: Any) -> None:
    """Validator: a phone number of any country, with any words around it; without one digit it cannot be read."""
    if not field.is_blank() and not any(character.isdecimal() for character in field.data):
        raise ValidationError(form.error_message("phone"))


def require_email_address(form: Any, field: Any) -> None:
    """Validator: an address in the form that e-mail has; whether it exists is not looked up."""
    if field.is_blank():
        return
    try:
        validate_email(normalize_width(field.data).strip(), check_deliverability=False)
    except EmailNotValidError:
        raise ValidationError(form.error_message("email")) from None


FORMAT_VALIDATORS: Mapping[str, Callable[[Any, Any], None]] = {"phone": require_digit, "email": require_email_address}


def build_question_field(question: Question) -> Any:
    """The unbound field of a study's question; no question is required."""
    if question.kind == "whole_number":
        return WholeNumberField()
    return (ChoiceField if question.kind == "choice" else MultipleChoiceField)(question.options)


def build_contact_field(field: ContactField) -> Any:
    """The unbound field of a contact field."""
    validators: list[Callable[[Any, Any], None]] = []
    if field.required != "no":
        validators.append(RequireAnswer(field.missing_error, either=field.required == "either"))
    if field.format in FORMAT_VALIDATORS:
        validators.append(FORMAT_VALIDATORS[field.format])
    options = {"validators": validators, "required": field.required}
    if field.kind == "text":
        return TextField(field.max_characters, field.format, **options)
    if field.kind == "tick":
        return CheckboxField(**options)
    if field.kind == "choices":
        return MultipleChoiceField(field.codes, **options)
    return (DropdownField if field.is_dropdown else ChoiceField)(field.codes, **options)
