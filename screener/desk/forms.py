"""What somebody at the desk fills in, and the sentence for each thing that cannot be read.

Nothing is chosen for anybody but the step that a first attempt usually means, and that is there to be seen and changed.
"""

import re
from datetime import datetime
from datetime import timedelta
from typing import Any

from wtforms import DateField
from wtforms import Form
from wtforms import IntegerField
from wtforms import RadioField
from wtforms import SelectField
from wtforms import StringField
from wtforms import TextAreaField
from wtforms import TimeField
from wtforms import ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.validators import Length
from wtforms.validators import Optional

from screener import clock
from screener.desk.local_time import SITE
from screener.desk.local_time import in_days
from screener.desk.local_time import on
from screener.desk.timeline import LONGEST_NOTE
from screener.desk.timeline import TOO_LONG
from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.submissions.reference import read_reference

#: Days until a next date that can be chosen with one press.
DAYS = ("1", "2", "7", "14")
#: Why a form may be erased.
REASONS = ("on_request", "under_18")
#: How far ahead a next date may lie.
FURTHEST = timedelta(days=730)
#: Characters of Unicode's category Cc that are no part of a text, tab and line feed aside.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
HAPPENED = tuple(f"{channel}:{outcome}" for channel, outcomes in OUTCOMES_BY_CHANNEL.items() for outcome in outcomes)


def _choices(codes: tuple[str, ...]) -> list[SelectChoice]:
    return [SelectChoice(code, code) for code in codes]


def _one_line(text: str | None) -> str:
    """A line without what no keyboard types; PostgreSQL takes no NUL."""
    return "".join(character for character in " ".join((text or "").split()) if character.isprintable())


def _lines(text: str | None) -> str:
    """What was typed into several lines, their ends as one character, as whoever typed them counts."""
    return CONTROL.sub("", (text or "").replace("\r\n", "\n"))


class _Dated(Form):
    """A form with a next date: a number of days, or a day with a time."""

    days = RadioField("Next date", choices=_choices(("", *DAYS)), default="", validate_choice=False)
    day = DateField("Day", validators=[Optional()])
    hour = TimeField("Time", validators=[Optional()])

    def validate_days(self, field: Any) -> None:
        if field.data not in ("", None, *DAYS):
            raise ValidationError("Choose a next action date from the list, or enter a date.")

    def validate_day(self, field: Any) -> None:
        today = clock.now().astimezone(SITE).date()
        if field.data and not today <= field.data <= today + FURTHEST:
            raise ValidationError("Enter a date from today to two years from now.")

    def validate_hour(self, field: Any) -> None:
        if field.data and not any(self.day.raw_data or ()):
            raise ValidationError("Enter the date too.")

    def next_action_at(self, now: datetime) -> datetime | None:
        """The next date; a day that was typed counts more than a number of days that was pressed before."""
        if self.day.data:
            return on(self.day.data, self.hour.data)
        return in_days(int(self.days.data), now) if self.days.data else None


class _Seen(Form):
    """A form on the record, which says which version of it the person saw."""

    version = IntegerField(validators=[InputRequired("This page is incomplete. Open the record again.")])


class AttemptForm(_Seen, _Dated):
    """What was tried, what came of it, when to try again."""

    happened = RadioField("What happened", choices=_choices(HAPPENED), validators=[InputRequired("Choose an outcome.")])
    state = SelectField("Then", choices=[], validate_choice=False)
    note = TextAreaField("Note", filters=[_lines], validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)])


class NoteForm(_Seen):
    """Something to remember about this person."""

    note = TextAreaField(
        "Note",
        filters=[_lines],
        validators=[InputRequired("Enter a note."), Length(max=LONGEST_NOTE, message=TOO_LONG)],
    )


class MoveForm(_Seen, _Dated):
    """The next step, with what it asks for."""

    state = SelectField(
        "Next step", choices=[], validate_choice=False, validators=[InputRequired("Choose the new status.")]
    )
    decided_by = StringField(
        "Decided by", filters=[_one_line], validators=[Length(max=80, message="Enter a name of at most 80 characters.")]
    )
    other_reference = StringField("Reference of the other form", filters=[_one_line])

    def other(self) -> str:
        """The reference that was typed. Raises *UserError*."""
        return read_reference(self.other_reference.data) if self.other_reference.data else ""


class AssignForm(_Seen):
    """Whose it is from now on; nobody's, if nobody is named."""

    to = SelectField("Give to", choices=[], validate_choice=False)


class StopForm(_Seen):
    """On which channel nobody reaches the person from now on."""

    channel = RadioField(
        "Stop", choices=_choices(OUTGOING_CHANNELS), validators=[InputRequired("Choose what to stop.")]
    )


class UndoForm(_Seen):
    """That the last change was a mistake."""


class EraseForm(_Seen):
    """Why the form is erased."""

    reason = RadioField("Why", choices=_choices(REASONS), validators=[InputRequired("Choose a reason.")])
