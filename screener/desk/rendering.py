"""Rendering the desk's pages: facts from the modules below, words from ``words`` and the templates."""

from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import Response
from flask import render_template
from flask import url_for

from screener import clock
from screener.auth.permissions import current_actor
from screener.desk import forms
from screener.desk import record
from screener.desk.contact_links import list_contact_links
from screener.desk.context import desk_context
from screener.desk.local_time import format_participant_time
from screener.desk.local_time import format_site_time
from screener.desk.queue import QueuePage
from screener.desk.saved_notice import clear_saved_notice
from screener.desk.saved_notice import load_saved_notice
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import STATES_BY_ASSIGNMENT
from screener.follow_up.transitions import list_next_states
from screener.mail.outbox import OutboxStatus
from screener.study import contact_fields
from screener.submissions.payload import FieldValue

#: An email that waited longer than this is late.
LATE = timedelta(hours=1)


def render_page(template: str, status: int = 200, **facts: object) -> Response:
    """Render *template* for the person who is signed in."""
    page = render_template(template, who=current_actor(), local=format_site_time, **facts)
    return Response(page, status, mimetype="text/html")


def render_refusal(heading: str, sentence: str, status: int, *, typed: str = "", to: str = "") -> Response:
    """Render why something was not done, with what was typed and a link onward (without *to*, to the queue)."""
    to = to or url_for("desk.queue")
    return render_page("desk/refused.html", status, heading=heading, sentence=sentence, typed=typed, to=to)


def render_queue(
    page: QueuePage,
    show: str,
    outbox: OutboxStatus,
    *,
    now: datetime,
    find: forms.FindForm,
    message: str = "",
    status: int = 200,
) -> Response:
    """Render a page of the list *show*: a message above it, and the state of the *outbox* below."""
    more = url_for("desk.queue", show=show, after=page.after) if page.after else ""
    late = outbox.oldest_unsent is not None and now - outbox.oldest_unsent > LATE
    facts = {"page": page, "show": show, "more": more, "now": now, "message": message, "outbox": outbox, "late": late}
    return render_page("desk/queue.html", status, find=find, **facts)


def render_record(
    reference: str,
    *,
    answers: bool = False,
    form: forms.RecordForm | None = None,
    stale: bool = False,
    status: int = 200,
) -> Response:
    """Render the record of *reference*; after a *form* that was not saved, with its errors and everything typed."""
    now = clock.now()
    shown = record.read_record(desk_context(), reference, current_actor(), now=now, answers=answers)
    if shown.erased_at is not None:
        return _render_erased(shown, form)
    contact = {**_blank_contact(), **shown.contact.values}
    seen = form.version.data if stale and form is not None else shown.version
    page = render_page(
        "desk/record.html",
        status,
        record=shown,
        contact=contact,
        contact_links=list_contact_links(contact, shown.stopped),
        participant_time=format_participant_time(str(contact["time_zone"]), now),
        forms=_forms_of(shown, form),
        posted=form,
        saved=load_saved_notice() if form is None else "",
        stale=stale,
        meanwhile=[entry for entry in shown.timeline if entry.version > seen],
        on_call=desk_context().study.site.on_call,
        now=now,
    )
    return clear_saved_notice(page)


def _render_erased(shown: record.SubmissionRecord, form: forms.RecordForm | None) -> Response:
    typed = form["note"].data if form is not None and "note" in form else ""
    errors = form.error_summary() if form is not None else []
    status = 200 if form is None else 409
    return render_page("desk/erased.html", status, record=shown, typed=typed or "", errors=errors)


def _blank_contact() -> dict[str, FieldValue]:
    """A contact compartment without answers: a field that a form did not have reads as left blank."""
    return {field.id: () if field.kind == "choices" else "" for field in contact_fields.CONTACT_FIELDS}


def _forms_of(shown: record.SubmissionRecord, posted: forms.RecordForm | None) -> dict[str, forms.RecordForm]:
    """The forms of the record by name: *posted* as it was filled in, the others as they are at first."""
    first_attempt: dict[str, object] = {
        "state": FollowUpState.TRYING_TO_REACH if shown.state in STATES_BY_ASSIGNMENT else ""
    }
    at_first: dict[str, tuple[type[forms.RecordForm], dict[str, object]]] = {
        "claim": (forms.ClaimForm, {}),
        "undo": (forms.UndoForm, {}),
        "attempt": (forms.AttemptForm, first_attempt),
        "note": (forms.NoteForm, {}),
        "move": (forms.MoveForm, {}),
        "propose": (forms.ProposeForm, {}),
        "assign": (forms.AssignForm, {"to": shown.assignee or ""}),
        "stop": (forms.StopForm, {}),
        "erase": (forms.EraseForm, {}),
    }
    made: dict[str, Any] = {
        name: posted if type(posted) is kind else kind(formdata=None, data=data)
        for name, (kind, data) in at_first.items()
    }
    next_states = list_next_states(shown.state)
    made["attempt"].offer(shown.state, next_states)
    made["move"].offer(next_states)
    made["assign"].offer(shown.colleagues)
    for form in made.values():
        form.show_version(shown.version)
    return made
