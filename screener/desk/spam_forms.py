"""The forms of the suspected-spam page: which follow-ups, in which version, and why."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField
from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.validators import ValidationError

from screener.desk import words
from screener.errors import UserError
from screener.follow_up.not_real import NotRealCandidate
from screener.submissions.reference import parse_reference
from screener.web.forms import AccessibleForm
from screener.web.forms import CheckboxesField

#: Follow-ups of one bulk change, and rows of each list.
MOST_AT_ONCE = 50


class SelectionForm(AccessibleForm):
    """Some follow-ups, each as ``reference:version``; *confirmed* once the page with their number was read."""

    action = ""
    done_words = ""

    chosen = CheckboxesField("Forms", choices=[], validate_choice=False)
    confirmed = HiddenField()

    def offer(self, candidates: Sequence[NotRealCandidate]) -> None:
        """Set the follow-ups to choose from."""
        self.chosen.choices = [SelectChoice(f"{each.reference}:{each.version}", each.reference) for each in candidates]

    def validate_chosen(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose at least one form.")
        if len(field.data) > MOST_AT_ONCE:
            raise ValidationError(f"Choose at most {MOST_AT_ONCE} forms at once.")
        try:
            self.selection()
        except (UserError, ValueError):
            raise ValidationError("Choose forms from the list.") from None

    def selection(self) -> list[tuple[str, int]]:
        """The reference and the version of each chosen follow-up. Raises *UserError* or *ValueError*."""
        pairs = [text.partition(":") for text in dict.fromkeys(self.chosen.data)]
        return [(parse_reference(reference), _parse_version(version)) for reference, _, version in pairs]


class ProposalForm(SelectionForm):
    """Propose to close as not a real submission."""

    id_prefix = "propose-"
    action = "desk:not_real:proposed"
    done_words = "proposed. A colleague closes them below"

    reason = RadioField(
        "Reason",
        choices=[SelectChoice(code, label) for code, label in words.NOT_REAL_REASONS.items()],
        validators=[InputRequired("Choose a reason.")],
    )


class ClosingForm(SelectionForm):
    """Close what was proposed."""

    id_prefix = "close-"
    action = "desk:not_real:closed"
    done_words = "closed as not a real submission"


def _parse_version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError
    return int(text)
