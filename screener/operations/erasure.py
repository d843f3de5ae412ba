"""Erase a submission on the participant's request: both boxes are removed, a tombstone stays.

The bytes are removed from the database files too (``screener.db.scrub``). Backups keep the boxes until they are
deleted; the privacy page says so.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.db import scrub
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import find_submissions
from screener.follow_up.service import Edit
from screener.retention.bulk import require_in_proportion
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions.models import Submission
from screener.submissions.reference import parse_reference
from screener.typed_text import is_single_line
from screener.worker.context import open_job_context
from screener.worker.move import move_submissions

LONGEST_REASON = 200
ERASED = "cli:submission:erased"


def require_erasable(settings: Settings, references: Sequence[str], *, actor: str) -> None:
    """Refuse to erase several submissions out of proportion, or while the clock is in doubt; one always goes through.

    Raises *UserError*, also for a reference that is none, so that nothing is erased before a typing error.
    """
    for reference in references:
        parse_reference(reference)
    store = connect(settings.store, may="write")
    require_in_proportion(store, len(set(references)), actions=(ERASED,), source="cli", actor=actor, at=clock.now())


def erase_by_reference(settings: Settings, reference: str, *, reason: str, actor: str) -> bool:
    """Erase the submission that people call *reference*, wherever it is on its way.

    False when it is gone from the store, and its sealed bytes are not yet gone from the files, because a reader holds
    them; the worker takes them out within the hour. Raises *UserError* when there is no such submission, when it was
    erased before, or when two share the reference.
    """
    if not is_single_line(reason, LONGEST_REASON):
        raise UserError(f"Give a reason of one line and at most {LONGEST_REASON} characters, without health details.")
    called = parse_reference(reference)
    store = connect(settings.store, may="write")
    _move_from_inbox(settings, store, called)
    with writing(store) as connection:
        found = _require_one(find_submissions(connection, called), called)
        now = clock.now()
        erase_on_request(connection, Edit(found.envelope.id, found.version, "cli", now))
        audit.record(
            connection,
            actor=actor,
            action=ERASED,
            subject=called,
            detail={"arrival": found.arrival, "reason": reason},
            at=now,
        )
    return _scrub_all(settings, store)


def _scrub_all(settings: Settings, store: sa.Engine) -> bool:
    """Empty the files of the inbox too, through which it came."""
    try:
        scrub(store, Submission.__tablename__)
        scrub(connect(settings.inbox, may="write"), inbox.INBOX.name)
    except UnavailableError:
        return False
    return True


def _move_from_inbox(settings: Settings, store: sa.Engine, reference: str) -> None:
    """A submission that still waits in the inbox is moved before it is erased, so that its id leaves a tombstone."""
    with reading(store) as connection:
        if find_submissions(connection, reference):
            return
    try:
        move_submissions(open_job_context(settings))
    except UnavailableError:
        raise UserError(f"No submission is called {reference} yet, and the inbox cannot be seen from here.") from None


def _require_one(found: list[StoredSubmission], reference: str) -> StoredSubmission:
    if not found:
        raise UserError(f"No submission is called {reference}; ask for the reference again.")
    if len(found) > 1:
        raise UserError(
            f"Two submissions are called {reference}; nothing was erased. Ask the administrator of Screener."
        )
    if found[0].erased_at is not None:
        raise UserError(f"{reference} was erased on {found[0].erased_at:%Y-%m-%d}; there is nothing left to erase.")
    return found[0]
