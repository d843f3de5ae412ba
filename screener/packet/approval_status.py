"""The approval status of a wording, read from the store: the approval in force, the last one, and the changes since.

A packet is also made before the first approval, and on machines without a store; the status says so then.
"""

from dataclasses import dataclass
from datetime import date

from screener.db import connect
from screener.db import reading
from screener.errors import UnavailableError
from screener.settings import Settings
from screener.study.approvals import Approval
from screener.study.approvals import find_approval_in_force
from screener.study.wording import Wording
from screener.study_checks.diff import WordingChange
from screener.study_checks.diff import list_changes
from screener.submissions import queries


@dataclass(frozen=True)
class ApprovalStatus:
    """The IRB approvals of one wording, and what changed since the last of its locale."""

    #: Whether the store could be read.
    known: bool = False
    in_force: Approval | None = None
    #: The approval of this locale that was recorded last, of whatever version.
    last: Approval | None = None
    #: The changes since the wording of the last approval.
    changed: tuple[WordingChange, ...] = ()


def read_approval_status(settings: Settings, words: Wording, today: date) -> ApprovalStatus:
    """Read the approval status of *words* on *today*; an unknown one, when the store cannot be used."""
    try:
        with reading(connect(settings.store, may="read")) as connection:
            recorded = [one for one in queries.list_approvals(connection) if one.locale == words.locale]
            kept = queries.list_wordings(connection, version=recorded[-1].wording_version) if recorded else []
    except UnavailableError:
        return ApprovalStatus()
    return ApprovalStatus(
        known=True,
        in_force=find_approval_in_force(recorded, words.version, words.locale, today),
        last=recorded[-1] if recorded else None,
        changed=list_changes(kept[0].content, words.content) if kept else (),
    )
