"""The kinds of field on our form, as WTForms fields that keep what was sent exactly.

A validator here may say that an answer cannot be read. None may say that an answer is the wrong one: what
it means is for the study team. Every message comes from the wording of the form's locale (``form.says``);
WTForms has messages of its own in few languages, and none in the voice of this form.
"""

import re
import unicodedata
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

#: The most characters of a text field that names no length of its own.
MOST_CHARACTERS = 200
BLANK = ""
TICKED = "1"
UNTICKED = "0"
MOST_DIGITS = 3
DIGITS = re.compile("[0-9]+")


def folded(text: str) -> str:
    """*text* with the wide letters and digits of East Asian keyboards as plain ones (Unicode's NFKC); never kept so."""
    return unicodedata.normalize("NFKC", text)


class Readable:
    """What holds for every field that takes one answer: it was sent once, and all of it is text."""

    #: The name of the component that shows the field.
    kind = ""
    short_name: str
    raw_data: Sequence[str] | None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def pre_validate(self, form: Any) -> None:
        if self.short_name in form.unreadable:
            raise StopValidation(form.says("characters"))
        if self.is_repeated(self.raw_data or ()):
            raise StopValidation(form.says("repeated"))

    def is_repeated(self, sent: Sequence[str]) -> bool:
        return len(sent) > 1


class Coded(Readable):
    """A field whose answer is one of its codes, or several of them."""

    data: Any

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__(choices=[SelectChoice(code, code) for code in codes], **options)
        self.codes = frozenset(codes)

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not self.codes.issuperset((self.data,) if isinstance(self.data, str) else self.data):
            raise StopValidation(form.says("choice"))


class Text(Readable, StringField):
    """A line of text, kept as it was typed; a letter counts once, however its accents were typed."""

    kind = "text"

    def __init__(self, most: int = MOST_CHARACTERS, **options: Any) -> None:
        super().__init__(default=BLANK, **options)
        self.most = most

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if len(unicodedata.normalize("NFC", self.data)) > self.most:
            raise StopValidation(form.says("long"))


class WholeNumber(Text):
    """A whole number as it was typed: one to three digits, or blank."""

    kind = "whole_number"

    def __init__(self, **options: Any) -> None:
        super().__init__(most=MOST_DIGITS, **options)

    def pre_validate(self, form: Any) -> None:
        Readable.pre_validate(self, form)
        if len(self.data) > self.most or (self.data.strip() and not DIGITS.fullmatch(folded(self.data))):
            raise StopValidation(form.says("age"))


class OneOf(Coded, RadioField):
    """One answer out of several, or blank: *Skip this question* is an answer with no value."""

    kind = "choice"

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__((*codes, BLANK), default=BLANK, **options)


class PickList(Coded, SelectField):
    """One answer out of a list that opens; it stands at blank."""

    kind = "select"

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__((*codes, BLANK), default=BLANK, **options)


class AnyOf(Coded, SelectMultipleField):
    """Any number of ticks, contradictory ones too, kept in the order of the study."""

    kind = "choices"

    def __init__(self, codes: Sequence[str], **options: Any) -> None:
        super().__init__(codes, default=(), **options)
        self.order = tuple(codes)

    def is_repeated(self, sent: Sequence[str]) -> bool:
        return len(set(sent)) < len(sent)

    def in_order(self) -> tuple[str, ...]:
        """The ticked codes, in the order in which they are asked."""
        ticked = set(self.data)
        return tuple(code for code in self.order if code in ticked)


class Tick(Coded, SelectField):
    """A box to tick; not ticking it sends nothing, which is its answer ``0``."""

    kind = "tick"

    def __init__(self, **options: Any) -> None:
        super().__init__((TICKED, UNTICKED), default=UNTICKED, **options)


def given(form: Any, field: Any) -> None:
    """A name to use is needed; any will do."""
    if not field.data.strip():
        raise StopValidation(form.says("name"))


def one_way_given(form: Any, field: Any) -> None:
    """One way to reach the person is needed: said beside both, and asked of neither alone."""
    if not form.phone.data.strip() and not form.email.data.strip():
        raise StopValidation(form.says("route"))


def looks_dialled(form: Any, field: Any) -> None:
    """A number of any country, with any words around it; only one without a single digit cannot be read."""
    if field.data.strip() and not any(character.isdecimal() for character in field.data):
        raise ValidationError(form.says("phone"))


def looks_addressed(form: Any, field: Any) -> None:
    """An address that mail could be sent to, by its form; nobody is asked whether it exists."""
    if not field.data.strip():
        return
    try:
        validate_email(folded(field.data).strip(), check_deliverability=False)
    except EmailNotValidError:
        raise ValidationError(form.says("email")) from None


def agreed(form: Any, field: Any) -> None:
    """Without this tick we may keep nothing."""
    if field.data != TICKED:
        raise ValidationError(form.says("permission"))
