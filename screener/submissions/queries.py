"""Reading the store: submissions in order of arrival, by reference, and the wordings that were served."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.study.approvals import Approval
from screener.submissions.envelope import Envelope
from screener.submissions.store import FollowUp
from screener.submissions.store import KeptApproval
from screener.submissions.store import KeptWording
from screener.submissions.store import Submission

_ENVELOPE = tuple(Envelope.__dataclass_fields__)
_APPROVAL = tuple(Approval.__dataclass_fields__)


@dataclass(frozen=True)
class Kept:
    """A submission as the store has it; its boxes are None once it was erased."""

    arrival: int
    reference: str
    envelope: Envelope
    state: str
    contact_box: bytes | None
    answers_box: bytes | None
    erased_at: datetime | None


def in_arrival_order(connection: sa.Connection, *, after: int = 0, batch: int = 500) -> Iterator[Kept]:
    """Every submission that arrived after number *after*, a *batch* in memory at a time."""
    while True:
        query = _query().where(Submission.arrival > after).order_by(Submission.arrival).limit(batch)
        rows = connection.execute(query).all()
        for row in rows:
            yield _kept(row)
        if len(rows) < batch:
            return
        after = rows[-1].arrival


def by_reference(connection: sa.Connection, reference: str) -> list[Kept]:
    """The submissions that are called *reference*: one, none, or by a rare accident two."""
    return [_kept(row) for row in connection.execute(_query().where(Submission.reference == reference))]


def how_many(connection: sa.Connection) -> int:
    """The number of submissions, erased ones included."""
    return connection.scalar(sa.select(sa.func.count()).select_from(Submission)) or 0


def kept_wordings(connection: sa.Connection) -> list[dict[str, Any]]:
    """The content of every wording that was ever kept, the oldest first."""
    return [
        json.loads(content)
        for content in connection.scalars(sa.select(KeptWording.content).order_by(KeptWording.kept_at))
    ]


@dataclass(frozen=True)
class KeptWords:
    """One version of a wording as it was kept: what its version is the hash of."""

    version: str
    locale: str
    content: dict[str, Any]


def wordings_called(connection: sa.Connection, beginning: str) -> list[KeptWords]:
    """The kept wordings whose version begins with *beginning*, the oldest first."""
    table = KeptWording.__table__
    query = sa.select(table.c.version, table.c.locale, table.c.content).order_by(table.c.kept_at, table.c.version)
    found = connection.execute(query.where(table.c.version.startswith(beginning, autoescape=True)))
    return [KeptWords(row.version, row.locale, json.loads(row.content)) for row in found]


def approvals(connection: sa.Connection) -> list[Approval]:
    """Every approval that was ever recorded, in the order of the recording."""
    table = KeptApproval.__table__
    query = sa.select(*(table.c[name] for name in _APPROVAL)).order_by(table.c.id)
    return [Approval(**row) for row in connection.execute(query).mappings()]


def _query() -> sa.Select[Any]:
    table = Submission.__table__
    return sa.select(*table.c, FollowUp.state).join(FollowUp, FollowUp.submission_id == Submission.id)


def _kept(row: Any) -> Kept:
    envelope = Envelope(**{name: getattr(row, name) for name in _ENVELOPE})
    return Kept(
        arrival=row.arrival,
        reference=row.reference,
        envelope=envelope,
        state=row.state,
        contact_box=row.contact_box,
        answers_box=row.answers_box,
        erased_at=row.erased_at,
    )
