"""What the store knows of approvals: the one that holds, the last one, and the words that it was of.

A packet is made before the first approval, too, and on machines that have no store: then it says so.
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
    """How one wording stands with the IRB."""

    #: Whether there was a register to look into.
    known: bool = False
    in_force: Approval | None = None
    #: The approval of this locale that was recorded last, of whatever version.
    last: Approval | None = None
    #: What differs from the words that it was of.
    changed: tuple[WordingChange, ...] = ()


def read_approval_status(settings: Settings, words: Wording, today: date) -> ApprovalStatus:
    """How *words* stand today."""
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
