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
from screener.study.approvals import in_force
from screener.study.wording import Wording
from screener.study_checks.diff import Change
from screener.study_checks.diff import changes
from screener.submissions import queries


@dataclass(frozen=True)
class Standing:
    """How one wording stands with the IRB."""

    #: Whether there was a register to look into.
    known: bool = False
    in_force: Approval | None = None
    #: The approval of this locale that was recorded last, of whatever version.
    last: Approval | None = None
    #: What differs from the words that it was of.
    changed: tuple[Change, ...] = ()


def standing(settings: Settings, words: Wording, today: date) -> Standing:
    """How *words* stand today."""
    try:
        with reading(connect(settings.store, may="read")) as connection:
            recorded = [one for one in queries.list_approvals(connection) if one.locale == words.locale]
            kept = queries.list_wordings(connection, version=recorded[-1].wording_version) if recorded else []
    except UnavailableError:
        return Standing()
    return Standing(
        known=True,
        in_force=in_force(recorded, words.version, words.locale, today),
        last=recorded[-1] if recorded else None,
        changed=changes(kept[0].content, words.content) if kept else (),
    )
