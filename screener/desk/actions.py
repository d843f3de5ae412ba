"""How something is saved at the desk: the step and its event in the trail, both or neither.

Somebody who was slower, or whom a rule stops, gets the record back with all that they typed.
"""

import logging
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Response
from flask import session
from flask import url_for

from screener import audit
from screener import clock
from screener.auth.permissions import current_actor
from screener.db import scrub
from screener.db import writing
from screener.desk import queue as lists
from screener.desk import record as records
from screener.desk.context import room
from screener.desk.rendering import SAVED
from screener.desk.rendering import record_page
from screener.desk.timeline import seal_note
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.models import Note
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.submissions.store import Submission

#: What a step writes into the trail besides its name: codes and account ids, and nothing that anybody typed.
Detail = Mapping[str, str | int]
Step = Callable[[sa.Connection, Edit], Detail]

STALE = "Someone else updated this follow-up while you were working on it. Your changes are not saved yet."

log = logging.getLogger("screener.desk")


def done(called: str, verb: str, action: str, form: Any, step: Step) -> Response:
    """Do *step* and write *action* into the trail, both or neither; then show the record as it is now."""
    if not form.validate():
        return record_page(called, verb=verb, form=form, said=_first_error(form), status=422)
    now = clock.now()
    try:
        with writing(room().store) as connection:
            found = records.find(connection, called)
            detail = step(connection, Edit(found.id, form.version.data, current_actor().id, now))
            audit.record(connection, actor=current_actor().email, action=action, subject=called, detail=detail, at=now)
    except StaleVersion:
        return record_page(called, verb=verb, form=form, said=STALE, stale=True, status=409)
    except UserError as refused:
        return record_page(called, verb=verb, form=form, said=str(refused), status=422)
    session[SAVED] = verb
    return to(called)


def _first_error(form: Any) -> str:
    return next(str(message) for messages in form.errors.values() for message in messages)


def claim_first() -> str:
    """Claim, and give the reference; empty when nobody waits. Raises *StaleVersion* when somebody was faster."""
    now = clock.now()
    with writing(room().store) as connection:
        found = lists.next_for(connection, current_actor().id, now)
        if found is None:
            return ""
        if found.account_id is None:
            follow_up.claim(connection, Edit(found.submission_id, found.version, current_actor().id, now))
            audit.record(
                connection,
                actor=current_actor().email,
                action="desk:submission:claimed",
                subject=found.reference,
                at=now,
            )
        return str(found.reference)


def sealed(text: str | None, edit: Edit) -> bytes | None:
    """A note in its box; None when nothing was written."""
    if not text or not text.strip():
        return None
    return seal_note(text, room().shuts, study=room().study.id, submission=edit.submission_id)


def empty_files() -> None:
    """Take what was erased out of the files too; it is erased already, so a busy store is only logged."""
    try:
        for table in (Submission, Note):
            scrub(room().store, table.__tablename__)
    except UnavailableError as trouble:
        log.warning("erased, and the files are still to be emptied", extra={"reason": str(trouble)})


def to(reference: str) -> Response:
    """Lead to the record."""
    return Response(status=303, headers={"Location": url_for("desk.record", reference=reference)})
