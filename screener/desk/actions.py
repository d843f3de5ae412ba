"""Saving a change at the desk: the follow-up's change and its audit event in one transaction.

A person who was slower, or whom a rule refuses, gets the record back with everything that they typed.
"""

import logging
from collections.abc import Callable
from collections.abc import Mapping

import sqlalchemy as sa
from flask import redirect
from flask import url_for
from werkzeug.wrappers import Response

from screener import audit
from screener import clock
from screener.auth.permissions import current_actor
from screener.db import scrub
from screener.db import writing
from screener.desk import queue
from screener.desk.context import desk_context
from screener.desk.forms import RecordForm
from screener.desk.record import find_submission
from screener.desk.rendering import render_record
from screener.desk.saved_notice import set_saved_notice
from screener.desk.timeline import seal_note
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.models import Note
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.submissions.models import Submission

#: The detail of an audit event: codes and account ids, and nothing that was typed.
Detail = Mapping[str, str | int]
Change = Callable[[sa.Connection, Edit], Detail]

log = logging.getLogger("screener.desk")


def save_change(reference: str, name: str, action: str, form: RecordForm, change: Change) -> Response:
    """Make *change* and record *action*, both or neither; then redirect to the record.

    *name* is that of the form. Renders the record with the form's errors (422), or with what a colleague changed in the
    meantime (409); nothing is saved then.
    """
    if not form.validate():
        return render_record(reference, form=form, status=422)
    now = clock.now()
    try:
        with writing(desk_context().store) as connection:
            found = find_submission(connection, reference)
            detail = change(connection, Edit(found.id, form.version.data, current_actor().id, now))
            audit.record(
                connection, actor=current_actor().email, action=action, subject=reference, detail=detail, at=now
            )
    except StaleVersion:
        return render_record(reference, form=form, stale=True, status=409)
    except UserError as error:
        form.add_error(str(error), form.main_field)
        return render_record(reference, form=form, status=422)
    return set_saved_notice(redirect_to_record(reference), name)


def claim_next_due() -> str:
    """Claim the next due follow-up and return its reference; empty when nothing is due.

    Raises *StaleVersion* when a colleague claimed it first.
    """
    now = clock.now()
    with writing(desk_context().store) as connection:
        found = queue.find_next_due(connection, current_actor().id, now)
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


def seal_optional_note(text: str | None, edit: Edit) -> bytes | None:
    """Seal a note; None when nothing was written."""
    if not text or not text.strip():
        return None
    context = desk_context()
    return seal_note(text, context, edit)


def scrub_erased() -> None:
    """Overwrite erased rows in the files too; they are erased already, so a busy store is only logged."""
    try:
        for table in (Submission, Note):
            scrub(desk_context().store, table.__tablename__)
    except UnavailableError as error:
        log.warning("erased, and the files are still to be emptied", extra={"reason": str(error)})


def redirect_to_record(reference: str) -> Response:
    """Redirect to the record of *reference*."""
    return redirect(url_for("desk.record", reference=reference), code=303)
