"""Reading the store below the follow-ups: how many submissions there are, the wordings served, the approvals."""

import json
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.study.approvals import Approval
from screener.submissions.models import ApprovalRecord
from screener.submissions.models import Submission
from screener.submissions.models import WordingVersion

_APPROVAL = tuple(Approval.__dataclass_fields__)


@dataclass(frozen=True)
class StoredWording:
    """One version of a wording as it was saved: what its version is the hash of."""

    version: str
    locale: str
    content: dict[str, Any]


def count_submissions(connection: sa.Connection) -> int:
    """The number of submissions, erased ones included."""
    return connection.scalar(sa.select(sa.func.count()).select_from(Submission)) or 0


def find_first_receipt(connection: sa.Connection) -> datetime | None:
    """When the first submission was received; None when there is none."""
    return connection.scalar(sa.select(Submission.received_at).where(Submission.arrival == 1))


def count_received_since(connection: sa.Connection, moment: datetime) -> int:
    """The number of submissions received since *moment*, by bisection of the arrival numbers, which have no gaps.

    A scan would read every box. Submissions arrive in the order of receipt, a batch of the worker aside.
    """
    last = connection.scalar(sa.select(sa.func.max(Submission.arrival))) or 0
    query = sa.select(Submission.received_at).where(Submission.arrival == sa.bindparam("number"))

    def received_at(number: int) -> datetime:
        return connection.execute(query, {"number": number}).scalar_one()

    return last - bisect_left(range(1, last + 1), moment, key=received_at)


def list_wordings(connection: sa.Connection, *, version: str = "") -> list[StoredWording]:
    """The saved wordings whose version begins with *version*, the oldest first."""
    table = WordingVersion.__table__
    query = sa.select(table.c.version, table.c.locale, table.c.content).order_by(table.c.kept_at, table.c.version)
    rows = connection.execute(query.where(table.c.version.startswith(version, autoescape=True)))
    return [StoredWording(row.version, row.locale, json.loads(row.content)) for row in rows]


def list_approvals(connection: sa.Connection) -> list[Approval]:
    """Every approval that was ever recorded, in the order of recording."""
    table = ApprovalRecord.__table__
    query = sa.select(*(table.c[name] for name in _APPROVAL)).order_by(table.c.id)
    return [Approval(**row) for row in connection.execute(query).mappings()]
