"""Close follow-ups as not a real submission: one person proposes it with a reason, and a second person closes it.

Nobody is closed on one person's word, and never by what is inside a box. A proposal holds until the next change of its
follow-up, whatever that is: a form that is worked on is not spam. Where there is no second person, the one who
proposed may close after *LONE_WAIT*, and study leads and administrators are notified.
"""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from screener.follow_up import service
from screener.follow_up.models import ClosingProposal
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.service import ChangeRefused
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.follow_up.states import NotRealReason
from screener.follow_up.transitions import STATES_BY_ASSIGNMENT
from screener.submissions.models import Submission

LONE_WAIT = timedelta(hours=24)


@dataclass(frozen=True)
class NotRealCandidate:
    """An open follow-up that may be closed as not real: its reference, version and envelope, and what was proposed."""

    reference: str
    version: int
    received_at: datetime
    attempts: int
    suspected_spam: bool
    #: The account that proposed it, when and why; None and empty where nobody did.
    proposed_by: str | None
    proposed_at: datetime | None
    reason: str


def propose_not_real(connection: sa.Connection, edit: Edit, reason: str) -> None:
    """Propose to close a follow-up as not a real submission. Raises *ChangeRefused*, *StaleVersion*."""
    if reason not in set(NotRealReason):
        raise ChangeRefused("Choose a reason from the list.")
    if _is_ended(connection, edit):
        raise ChangeRefused("This follow-up is closed already.")
    service.apply(connection, edit, kind=EventKind.PROPOSED)
    connection.execute(sa.insert(ClosingProposal).values(**edit.event_key, reason=reason))


def close_not_real(connection: sa.Connection, edit: Edit, *, is_alone: bool) -> bool:
    """Close a proposed follow-up as not a real submission; True when the one who proposed it closed it.

    *is_alone* says that no other account may work on submissions. Raises *ChangeRefused*, *StaleVersion*.
    """
    proposal = connection.execute(_proposed().where(FollowUp.submission_id == edit.submission_id)).first()
    if proposal is None or proposal.version != edit.version:
        raise StaleVersion("Nobody proposes this any more; look at it again.")
    is_own = bool(proposal.proposed_by == edit.by)
    if is_own and not (is_alone and edit.at - proposal.proposed_at >= LONE_WAIT):
        raise ChangeRefused("You proposed this yourself. A colleague closes it; without one, you can a day later.")
    state = FollowUpState.NOT_A_REAL_SUBMISSION
    service.apply(connection, edit, kind=EventKind.MOVED, state=state, next_action_at=None)
    return is_own


def list_suspected(connection: sa.Connection, *, limit: int) -> list[NotRealCandidate]:
    """Follow-ups with the spam note of their envelope without any work on them, in order of arrival."""
    query = _candidates(outer=True).where(Submission.suspected_spam, ClosingProposal.version.is_(None))
    untouched = FollowUp.ended_at.is_(None), FollowUp.state.in_(STATES_BY_ASSIGNMENT)
    return _load(connection, query.where(*untouched), limit)


def list_proposed(connection: sa.Connection, *, limit: int) -> list[NotRealCandidate]:
    """Follow-ups that are proposed to be closed as not real, in order of arrival."""
    return _load(connection, _proposed(), limit)


def _is_ended(connection: sa.Connection, edit: Edit) -> bool:
    query = sa.select(FollowUp.ended_at).where(FollowUp.submission_id == edit.submission_id)
    return connection.scalar(query) is not None


def _proposed() -> sa.Select[Any]:
    return _candidates(outer=False).where(FollowUp.ended_at.is_(None))


def _candidates(*, outer: bool) -> sa.Select[Any]:
    """Follow-ups with the proposal that made their present version."""
    proposal, event = ClosingProposal, FollowUpEvent
    of_version = proposal.submission_id == FollowUp.submission_id, proposal.version == FollowUp.version
    made_by = event.submission_id == proposal.submission_id, event.version == proposal.version
    columns: tuple[Any, ...] = (
        Submission.reference,
        Submission.received_at,
        Submission.suspected_spam,
        FollowUp.version,
        FollowUp.attempts,
        event.by.label("proposed_by"),
        event.at.label("proposed_at"),
        sa.func.coalesce(proposal.reason, "").label("reason"),
    )
    return (
        sa.select(*columns)
        .join_from(FollowUp, Submission, Submission.id == FollowUp.submission_id)
        .join(proposal, sa.and_(*of_version), isouter=outer)
        .join(event, sa.and_(*made_by), isouter=outer)
        .order_by(FollowUp.arrival)
    )


def _load(connection: sa.Connection, query: sa.Select[Any], limit: int) -> list[NotRealCandidate]:
    return [NotRealCandidate(**row) for row in connection.execute(query.limit(limit)).mappings()]
