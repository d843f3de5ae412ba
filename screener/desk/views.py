"""The views of the queue and of the record.

Every change is a POST that names the version of the follow-up that the person saw. When a colleague was faster, or when
a field cannot be read, the page comes back with everything that was typed. Every page with content leaves its event in
the audit trail.
"""

import logging

import sqlalchemy as sa
from flask import Blueprint
from flask import request
from werkzeug.wrappers import Response

from screener import clock
from screener.auth.permissions import CONTENT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.db import reading
from screener.desk import actions
from screener.desk import forms
from screener.desk import record as records
from screener.desk.actions import Detail
from screener.desk.context import desk_context
from screener.desk.list_query import QueueQuery
from screener.desk.list_query import UnknownQueryError
from screener.desk.queue import list_follow_ups
from screener.desk.rendering import render_queue
from screener.desk.rendering import render_record
from screener.desk.rendering import render_refusal
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.not_real import propose_not_real
from screener.follow_up.service import ChangeRefused
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.follow_up.service import StateChange
from screener.mail import outbox
from screener.staff.directory import list_coordinators
from screener.submissions.reference import parse_reference

#: How often *claim next due* tries again when a colleague was faster.
CLAIM_TRIES = 5
record_views = Blueprint("desk", __name__)
log = logging.getLogger("screener.desk")


@record_views.get("/queue")
@permission_required(CONTENT, audit_action=None)
def queue() -> Response:
    """Render one list of follow-ups; it shows envelopes and follow-ups, and no content."""
    query = QueueQuery.from_request()
    return _render_list(query.show.data, after=query.after.data)


@record_views.post("/queue/claim")
@permission_required(CONTENT, audit_action="desk:submission:claimed")
def claim_next() -> Response:
    """Claim the next due follow-up and redirect to its record; those assigned to the person come first."""
    for _ in range(CLAIM_TRIES):
        try:
            reference = actions.claim_next_due()
        except StaleVersion:
            continue
        if reference:
            return actions.redirect_to_record(reference)
        return _render_list("due", message="Nothing is due. You are all caught up.")
    return _render_list("due", message="Someone else claimed these first. Please try again.")


@record_views.post("/find")
@permission_required(CONTENT, audit_action=None)
def find() -> Response:
    """Redirect to the record with the reference that was typed."""
    form = forms.FindForm()
    if not form.validate():
        return _render_list("due", find=form, status=422)
    reference = parse_reference(form.reference.data)
    try:
        with reading(desk_context().store) as connection:
            records.find_submission(connection, reference)
    except records.RecordNotFoundError as error:
        form.add_error(str(error), "reference")
        return _render_list("due", find=form, status=422)
    return actions.redirect_to_record(reference)


@record_views.get("/record/<reference>")
@permission_required(CONTENT, audit_action=records.RECORD_OPENED)
def record(reference: str) -> Response:
    """Render everything about one submission except the answers; a record has one address."""
    if reference != (canonical := _parse_reference(reference)):
        return actions.redirect_to_record(canonical)
    return render_record(canonical)


@record_views.post("/record/<reference>/answers")
@permission_required(CONTENT, audit_action=records.ANSWERS_SHOWN)
def answers(reference: str) -> Response:
    """Render the record with the answers, worded as the person saw them."""
    return render_record(_parse_reference(reference), answers=True)


@record_views.get(
    "/record/<reference>/<any(answers, claim, assign, attempt, note, move, propose, stop, undo, erase):verb>"
)
@permission_required(CONTENT, audit_action=None)
def back(reference: str, verb: str) -> Response:
    """Redirect to the record: the addresses that forms are posted to have no page of their own."""
    return actions.redirect_to_record(_parse_reference(reference))


@record_views.post("/record/<reference>/claim")
@permission_required(CONTENT, audit_action="desk:submission:claimed")
def claim(reference: str) -> Response:
    """Assign the follow-up to the person who presses the button."""

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        follow_up.claim(connection, edit)
        return {}

    return _save(reference, "claim", "desk:submission:claimed", forms.ClaimForm(), change)


@record_views.post("/record/<reference>/assign")
@permission_required(CONTENT, audit_action="desk:submission:assigned")
def assign(reference: str) -> Response:
    """Assign the follow-up to a colleague, or unassign it."""
    form = forms.AssignForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        if form.to.data and form.to.data not in {each.id for each in list_coordinators(connection)}:
            raise ChangeRefused("Choose a team member from the list.")
        follow_up.assign(connection, edit, form.to.data or None)
        return {"to": form.to.data or ""}

    return _save(reference, "assign", "desk:submission:assigned", form, change)


@record_views.post("/record/<reference>/attempt")
@permission_required(CONTENT, audit_action="desk:attempt:logged")
def attempt(reference: str) -> Response:
    """Log a contact attempt: its outcome, the next action, the status and a note."""
    form = forms.AttemptForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        channel, _, outcome = form.happened.data.partition(":")
        box = actions.seal_optional_note(form.note.data, edit)
        moved = StateChange(form.state.data or "", form.next_action_at(edit.at))
        follow_up.log_attempt(connection, edit, channel=channel, outcome=outcome, change=moved, box=box)
        return {"channel": channel, "outcome": outcome, "state": moved.to, "note": int(box is not None)}

    return _save(reference, "attempt", "desk:attempt:logged", form, change)


@record_views.post("/record/<reference>/note")
@permission_required(CONTENT, audit_action="desk:note:written")
def note(reference: str) -> Response:
    """Store a note, sealed."""
    form = forms.NoteForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        if box := actions.seal_optional_note(form.note.data, edit):
            follow_up.write_note(connection, edit, box)
            return {}
        raise ChangeRefused("Enter a note.")

    return _save(reference, "note", "desk:note:written", form, change)


@record_views.post("/record/<reference>/move")
@permission_required(CONTENT, audit_action="desk:state:changed")
def move(reference: str) -> Response:
    """Change the status."""
    form = forms.MoveForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        other = form.other()
        moved = StateChange(form.state.data, form.next_action_at(edit.at), form.decided_by.data, other)
        follow_up.change_state(connection, edit, moved)
        return {"state": moved.to, "other": other}

    return _save(reference, "move", "desk:state:changed", form, change)


@record_views.post("/record/<reference>/propose")
@permission_required(CONTENT, audit_action="desk:not_real:proposed")
def propose(reference: str) -> Response:
    """Propose to close the form as not a real submission."""
    form = forms.ProposeForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        propose_not_real(connection, edit, form.reason.data)
        return {"reason": form.reason.data}

    return _save(reference, "propose", "desk:not_real:proposed", form, change)


@record_views.post("/record/<reference>/stop")
@permission_required(CONTENT, audit_action="desk:channel:stopped")
def stop(reference: str) -> Response:
    """Stop one way to contact the person."""
    form = forms.StopForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        follow_up.stop_channel(connection, edit, form.channel.data)
        return {"channel": form.channel.data}

    return _save(reference, "stop", "desk:channel:stopped", form, change)


@record_views.post("/record/<reference>/undo")
@permission_required(CONTENT, audit_action="desk:change:undone")
def undo(reference: str) -> Response:
    """Undo the last change, by a new one."""

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        follow_up.undo_last_change(connection, edit)
        return {"undoes": edit.version}

    return _save(reference, "undo", "desk:change:undone", forms.UndoForm(), change)


@record_views.post("/record/<reference>/erase")
@permission_required(CONTENT, audit_action="desk:submission:erased")
@requires_fresh_sign_in
def erase(reference: str) -> Response:
    """Erase everything the person sent, and the notes about them, permanently."""
    form = forms.EraseForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        erase_on_request(connection, edit)
        return {"reason": form.reason.data}

    answer = _save(reference, "erase", "desk:submission:erased", form, change)
    if answer.status_code == 303:
        actions.scrub_erased()
    return answer


@record_views.errorhandler(UnknownQueryError)
def _render_unknown_list(error: UnknownQueryError) -> Response:
    return render_refusal("List not found", str(error), 400)


@record_views.errorhandler(records.RecordNotFoundError)
def _render_not_found(error: records.RecordNotFoundError) -> Response:
    return render_refusal("Form not found", str(error), 404)


@record_views.errorhandler(UnavailableError)
def _render_unavailable(error: UnavailableError) -> Response:
    log.warning("service unavailable", extra={"endpoint": request.endpoint, "status": 503, "reason": str(error)})
    sentence = "The database is not available, and nothing was saved. Please go back and try again in a minute."
    return render_refusal("Not available right now", sentence, 503, typed=forms.NoteForm().note.data or "")


def _save(reference: str, name: str, action: str, form: forms.RecordForm, change: actions.Change) -> Response:
    return actions.save_change(_parse_reference(reference), name, action, form, change)


def _render_list(
    name: str, *, after: str = "", message: str = "", find: forms.FindForm | None = None, status: int = 200
) -> Response:
    now = clock.now()
    with reading(desk_context().store) as connection:
        page = list_follow_ups(connection, name, account=current_actor().id, now=now, after=after)
        mail = outbox.read_outbox_status(connection, now=now)
    find = find or forms.FindForm(formdata=None)
    return render_queue(page, name, mail, now=now, find=find, message=message, status=status)


def _parse_reference(text: str) -> str:
    """The reference in an address. Raises *RecordNotFoundError*."""
    try:
        return parse_reference(text)
    except UserError as error:
        raise records.RecordNotFoundError(str(error)) from None
