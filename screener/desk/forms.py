"""The forms of the desk, with the error message for each field that cannot be read.

No option is chosen for the person, except the status that a first attempt usually means; that one is visible and can be
changed.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from itertools import islice
from typing import Any

from wtforms import DateField
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
from wtforms.widgets import HiddenInput

from screener import clock
from screener.desk import words
from screener.desk.list_query import strip_address
from screener.desk.local_time import SITE_TIME_ZONE
from screener.desk.local_time import morning_in_days
from screener.desk.local_time import site_time_to_utc
from screener.desk.timeline import LONGEST_NOTE
from screener.desk.timeline import NOTE_TOO_LONG
from screener.export.request import ExportRequest
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.submissions.reference import parse_reference
from screener.typed_text import strip_line
from screener.typed_text import strip_lines
from screener.web.forms import AccessibleForm
from screener.web.forms import validated_by

#: How far ahead a next action may be.
FURTHEST_NEXT_ACTION = timedelta(days=730)
UNTOUCHED = {"autocomplete": "off"}
REFERENCE = {**UNTOUCHED, "autocapitalize": "characters", "spellcheck": "false"}


def labelled_choices(labels: Mapping[str, str]) -> list[SelectChoice]:
    """The choices of codes and their labels."""
    return [SelectChoice(code, label) for code, label in labels.items()]


class RecordForm(AccessibleForm):
    """A form on a record; it carries the version of the follow-up that the person saw."""

    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired("This page is incomplete. Open the record again.")]
    )
    #: The field beside which an error of the follow-up itself is shown; none for a form that is only a button.
    main_field = ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; an error of the hidden version is one of the form as a whole."""
        valid = super().validate(extra_validators)
        self.form_errors.extend(self.version.errors)
        self.version.errors = ()
        return bool(valid)

    def show_version(self, version: int) -> None:
        """Carry *version* from now on: what the page shows is what the next press is about."""
        self.version.data, self.version.raw_data = version, None


class NextActionForm(RecordForm):
    """A form that sets the next action: a number of days, or a date with a time."""

    days = RadioField("Next action", choices=labelled_choices(words.DAYS), default="", validate_choice=False)
    day = DateField("Or on this date", validators=[Optional()], render_kw=UNTOUCHED)
    hour = TimeField("at (Pacific time)", validators=[Optional()], render_kw=UNTOUCHED)

    def validate_days(self, field: Any) -> None:
        if field.data is not None and field.data not in words.DAYS:
            raise ValidationError("Choose a next action date from the list, or enter a date.")

    def validate_day(self, field: Any) -> None:
        today = clock.now().astimezone(SITE_TIME_ZONE).date()
        if field.data and not today <= field.data <= today + FURTHEST_NEXT_ACTION:
            raise ValidationError("Enter a date from today to two years from now.")

    def validate_hour(self, field: Any) -> None:
        if field.data and not any(self.day.raw_data or ()):
            raise ValidationError("Enter the date too.")

    def next_action_at(self, now: datetime) -> datetime | None:
        """The next action; a date that was typed counts more than a number of days that was pressed before."""
        if self.day.data:
            return site_time_to_utc(self.day.data, self.hour.data)
        return morning_in_days(int(self.days.data), now) if self.days.data else None


def note_field(*validators: Any) -> TextAreaField:
    """A note, which is sealed before it is stored."""
    return TextAreaField(
        "Note",
        filters=[strip_lines],
        validators=[*validators, Length(max=LONGEST_NOTE, message=NOTE_TOO_LONG)],
        description=f"Stored encrypted. Up to {LONGEST_NOTE} characters. No diagnosis, and nothing about whether they "
        "can join the study.",
        render_kw={"rows": 3},
    )


class AttemptForm(NextActionForm):
    """A contact attempt: its outcome, the next action and the status."""

    id_prefix = "attempt-"
    main_field = "state"

    happened = RadioField(
        "Outcome",
        choices=[
            SelectChoice(f"{channel}:{outcome}", words.outcome_option(channel, outcome))
            for channel, outcomes in OUTCOMES_BY_CHANNEL.items()
            for outcome in outcomes
        ],
        validators=[InputRequired("Choose an outcome.")],
    )
    state = SelectField("Status", choices=[], validate_choice=False)
    note = note_field()

    def outcomes_by_channel(self) -> Iterator[tuple[str, str, list[Any]]]:
        """Each channel with its label and its options, in the order of the table."""
        options = iter(self.happened)
        for channel, outcomes in OUTCOMES_BY_CHANNEL.items():
            yield channel, words.CHANNELS[channel], list(islice(options, len(outcomes)))

    def offer(self, state: str, states: Sequence[str]) -> None:
        """Set the statuses to choose from: the present *state*, or one of *states*."""
        stays = SelectChoice("", f"No change ({words.STATES[state]})")
        self.state.choices = [stays, *(SelectChoice(code, words.STATES[code]) for code in states)]


class NoteForm(RecordForm):
    """A note about the person."""

    id_prefix = "note-"
    main_field = "note"

    note = note_field(InputRequired("Enter a note."))


class MoveForm(NextActionForm):
    """A new status, with what it asks for."""

    id_prefix = "move-"
    main_field = "state"

    state = SelectField(
        "New status", choices=[], validate_choice=False, validators=[InputRequired("Choose the new status.")]
    )
    decided_by = StringField(
        f"Decided by (only for “{words.STATES[FollowUpState.STUDY_TEAM_NOT_CONTINUING]}”)",
        filters=[strip_line],
        validators=[Length(max=80, message="Enter a name of at most 80 characters.")],
        render_kw=UNTOUCHED,
    )
    other_reference = StringField(
        f"Reference of the other form (only for “{words.STATES[FollowUpState.DUPLICATE_OF]}”)",
        filters=[strip_line],
        validators=[Optional(), validated_by(parse_reference)],
        render_kw=REFERENCE,
    )

    def other(self) -> str:
        """The reference that was typed, as it is stored; empty when there is none."""
        return parse_reference(self.other_reference.data) if self.other_reference.data else ""

    def offer(self, states: Sequence[str]) -> None:
        """Set the statuses to choose from."""
        self.state.choices = [SelectChoice("", "Choose"), *(SelectChoice(code, words.STATES[code]) for code in states)]


class AssignForm(RecordForm):
    """The coordinator to assign the follow-up to; none to unassign it."""

    id_prefix = "assign-"
    main_field = "to"

    to = SelectField("Assign to", choices=[], validate_choice=False)

    def offer(self, colleagues: Sequence[Any]) -> None:
        """Set the coordinators to choose from."""
        self.to.choices = [SelectChoice("", "Unassigned"), *(SelectChoice(each.id, each.name) for each in colleagues)]


class ProposeForm(RecordForm):
    """Why the form is proposed to be closed as not a real submission."""

    id_prefix = "propose-"
    main_field = "reason"

    reason = RadioField(
        "Reason",
        choices=labelled_choices(words.NOT_REAL_REASONS),
        validators=[InputRequired("Choose a reason.")],
        description="A colleague closes it, under Suspected spam. Any other change takes the proposal back.",
    )


class StopForm(RecordForm):
    """A way to contact the person that is not used any more."""

    id_prefix = "stop-"
    main_field = "channel"

    channel = RadioField(
        "Do not use any more",
        choices=[SelectChoice(code, words.CONTACT_METHODS[code]) for code in OUTGOING_CHANNELS],
        validators=[InputRequired("Choose what to stop.")],
    )


class ClaimForm(RecordForm):
    """The button that assigns the follow-up to the person who presses it."""


class UndoForm(RecordForm):
    """The button that undoes the last change."""


class EraseForm(RecordForm):
    """Why the form is erased."""

    id_prefix = "erase-"
    main_field = "reason"

    reason = RadioField(
        "Reason",
        choices=labelled_choices(words.ERASE_REASONS),
        validators=[InputRequired("Choose a reason.")],
        description="Everything the person sent and all notes are permanently erased. This cannot be undone.",
    )


class FindForm(AccessibleForm):
    """The reference of a record to open."""

    reference = StringField(
        "Reference", validators=[validated_by(parse_reference)], render_kw={**REFERENCE, "size": 16}
    )


class AuditSearchForm(AccessibleForm):
    """Which events of the audit trail to show: those on one submission, those of one person, or all."""

    reference = StringField(
        "Reference", validators=[Optional(), validated_by(parse_reference)], render_kw={**REFERENCE, "size": 18}
    )
    person = StringField(
        "Person (email address)",
        filters=[strip_address],
        render_kw={**UNTOUCHED, "autocapitalize": "none", "spellcheck": "false", "size": 30},
    )


class ExportForm(AccessibleForm):
    """What an export is for."""

    purpose = StringField(
        "Purpose of the file",
        filters=[lambda text: (text or "").strip()],
        validators=[validated_by(lambda text: ExportRequest(text, "", channel="desk"))],
        description="This line stays in the audit trail permanently. Do not name anyone who filled in a form.",
        render_kw={**UNTOUCHED, "maxlength": 500, "required": True},
    )
