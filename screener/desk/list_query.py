"""The query strings of the desk's lists, read by typed fields."""

from typing import Any
from typing import Self

from flask import request
from wtforms import Form
from wtforms import StringField
from wtforms import ValidationError
from wtforms.validators import Optional

from screener.errors import UserError
from screener.submissions.reference import parse_reference
from screener.typed_text import strip_line
from screener.web.forms import validated_by

LONGEST_ADDRESS = 200


def strip_address(text: str | None) -> str:
    """A filter: an address to search for, in the form in which an event can hold it."""
    return strip_line(text)[:LONGEST_ADDRESS]


class UnknownQueryError(UserError):
    """An address that asks for a list, or for a page of one, that does not exist."""


class ListQuery(Form):
    """The query string of a list. A key that no field has, or that is given twice, is an error and not ignored."""

    @classmethod
    def from_request(cls) -> Self:
        """Read the query string of this request. Raises *UnknownQueryError*."""
        query = cls(request.args)
        repeated = any(len(values) > 1 for _, values in request.args.lists())
        if repeated or request.args.keys() - query.data.keys() or not query.validate():
            raise UnknownQueryError("This address asks for a list that does not exist.")
        return query


class QueueQuery(ListQuery):
    """Which list of follow-ups to show, and after which row."""

    show = StringField(default="due")
    after = StringField(default="")


class AuditQuery(ListQuery):
    """Which events to show: on one submission, of one person, and before which number."""

    #: No trail is longer, and PostgreSQL counts no further.
    LAST_EVENT = 2**31 - 1

    reference = StringField(default="", validators=[Optional(), validated_by(parse_reference)])
    person = StringField(default="", filters=[strip_address])
    before = StringField()

    def validate_before(self, field: Any) -> None:
        text = field.data
        if text is None:
            return
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= self.LAST_EVENT):
            raise ValidationError("Events are numbered from 1.")

    def event_number(self) -> int | None:
        """The number of the event before which to begin; None for the newest."""
        return int(self.before.data) if self.before.data else None
