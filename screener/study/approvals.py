"""IRB approvals of wording versions, and whether one is in force on a day.

Plain data and plain dates: approvals are recorded in the store and published on the board, and both sides use the
functions here. An approval is of one version, so a sentence that is changed later has none.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

#: People are warned so many days before the last day of an approval, and once it is over.
WARNING_DAYS = (30, 14, 7)
APPROVAL_ENDED = 0


@dataclass(frozen=True)
class Approval:
    """An IRB's approval of one wording version, from its first day to its last, both included (UTC)."""

    wording_version: str
    locale: str
    irb_name: str
    irb_number: str
    approved_on: date
    expires_on: date
    #: The reviewer of the translation; empty for the source.
    reviewer: str

    def is_in_force_on(self, today: date) -> bool:
        """Whether the approval is in force on *today*."""
        return self.approved_on <= today <= self.expires_on


def find_approval_in_force(approvals: Iterable[Approval], version: str, locale: str, today: date) -> Approval | None:
    """The approval under which *version* may be served in *locale* today: the one that lasts longest, or none."""
    holding = (
        approval
        for approval in approvals
        if (approval.wording_version, approval.locale) == (version, locale) and approval.is_in_force_on(today)
    )
    return max(holding, key=lambda approval: approval.expires_on, default=None)


def find_last_ended_approval(approvals: Iterable[Approval], version: str, locale: str, today: date) -> Approval | None:
    """Of the approvals of *version* in *locale* that are over, the one that ended last; or none."""
    over = (
        approval
        for approval in approvals
        if (approval.wording_version, approval.locale) == (version, locale) and approval.expires_on < today
    )
    return max(over, key=lambda approval: approval.expires_on, default=None)


def count_days_left(approval: Approval, today: date) -> int:
    """How many days after *today* the approval still holds; 0 on its last day, negative when it is over."""
    return (approval.expires_on - today).days


def due_warning(approval: Approval, today: date) -> int | None:
    """Which warning is due: the nearest of *WARNED_AT*, *OVER* after the last day, or none yet."""
    left = count_days_left(approval, today)
    return APPROVAL_ENDED if left < 0 else min((days for days in WARNING_DAYS if left <= days), default=None)


def list_unrenewed_approvals(recorded: Sequence[Approval]) -> list[Approval]:
    """Of approvals in the order of their recording: those that no later one of the same locale outlasts or equals."""
    return [
        approval
        for place, approval in enumerate(recorded, 1)
        if not any(
            later.locale == approval.locale and later.expires_on >= approval.expires_on for later in recorded[place:]
        )
    ]
