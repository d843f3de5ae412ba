"""The event that each change of a follow-up leaves, whoever makes the change: people, the rules, an administrator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.submissions.store import FollowUpEvent

#: What an event says of a follow-up before and after.
TOLD = ("state", "assignee", "next_action_at")


@dataclass(frozen=True)
class Change:
    """One change of one follow-up: which version it made, who made it, when, and of what kind it is."""

    submission_id: bytes
    version: int
    at: datetime
    #: An account, or "worker" or "cli" where no account of the desk acted.
    by: str
    kind: str


def leave(connection: sa.Connection, change: Change, before: Any, after: Mapping[str, Any], **facts: Any) -> None:
    """Write the event of *change*: from what the row *before* was to what *after* makes of it."""
    told = {f"from_{name}": getattr(before, name) for name in TOLD}
    told |= {f"to_{name}": after.get(name, getattr(before, name)) for name in TOLD}
    event = {"decided_by": "", "other_reference": "", **facts, **told, **vars(change)}
    connection.execute(sa.insert(FollowUpEvent).values(event))
