"""Which wording an IRB has approved, and whether that approval holds on a day.

Plain data and plain dates: the records are kept in the store and published on the board, and both sides
ask the same question here. An approval is of one version, so a sentence changed after it has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Approval:
    """That an IRB approved this very text, from a day to a day, both of them included."""

    wording_version: str
    locale: str
    irb_name: str
    irb_number: str
    approved_on: date
    expires_on: date
    #: Who reviewed the translation; empty for the source.
    reviewer: str

    def holds(self, today: date) -> bool:
        """Whether *today* is one of its days."""
        return self.approved_on <= today <= self.expires_on


def in_force(approvals: Iterable[Approval], version: str, locale: str, today: date) -> Approval | None:
    """The approval under which *version* may be served in *locale* today: the one that lasts longest, or none."""
    holding = (
        approval
        for approval in approvals
        if (approval.wording_version, approval.locale) == (version, locale) and approval.holds(today)
    )
    return max(holding, key=lambda approval: approval.expires_on, default=None)


def ended_last(approvals: Iterable[Approval], version: str, locale: str, today: date) -> Approval | None:
    """Of the approvals of *version* in *locale* that are over, the one that ended last; or none."""
    over = (
        approval
        for approval in approvals
        if (approval.wording_version, approval.locale) == (version, locale) and approval.expires_on < today
    )
    return max(over, key=lambda approval: approval.expires_on, default=None)


def days_left(approval: Approval, today: date) -> int:
    """How many days after *today* the approval still holds; 0 on its last day, negative when it is over."""
    return (approval.expires_on - today).days
