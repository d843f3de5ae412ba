"""The desk's pages, each at its address, and what somebody does there.

Whatever changes something is a POST that names the version the person saw. If somebody was faster, or something
cannot be read, the page comes back with all that was typed. Every page with content leaves its event in the trail.
"""

import logging

import sqlalchemy as sa
from flask import Blueprint
from flask import Response
from flask import request

from screener import clock
from screener.auth.permissions import CONTENT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.db import reading
from screener.desk import forms
from screener.desk import queue as lists
from screener.desk import record as records
from screener.desk.actions import Detail
from screener.desk.actions import claim_first
from screener.desk.actions import done
from screener.desk.actions import empty_files
from screener.desk.actions import sealed
from screener.desk.actions import to
from screener.desk.context import room
from screener.desk.rendering import queue_page
from screener.desk.rendering import record_page
from screener.desk.rendering import refusal
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.service import ChangeRefused
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.follow_up.service import StateChange
from screener.mail import outbox
from screener.staff.directory import list_coordinators
from screener.submissions.reference import read_reference

#: How often "claim the next" tries again when somebody else was faster.
TRIES = 5
desk = Blueprint("desk", __name__)
log = logging.getLogger("screener.desk")


@desk.get("/queue")
@permission_required(CONTENT, audit_action=None)
def queue() -> Response:
    """Who is next, or another list; it shows envelopes and follow-ups, and no content."""
    asked = request.args
    if asked.keys() - {"show", "after"} or any(len(values) > 1 for _, values in asked.lists()):
        raise lists.Unknown("This address asks for a list that does not exist.")
    return _list(asked.get("show", "due"), after=asked.get("after", ""))


@desk.post("/queue/claim")
@permission_required(CONTENT, audit_action="desk:submission:claimed")
def claim_next() -> Response:
    """Take on whoever is next, and open the record; one's own that are due come first."""
    for _ in range(TRIES):
        try:
            reference = claim_first()
        except StaleVersion:
            continue
        return to(reference) if reference else _list("due", said="Nothing is due. You are all caught up.")
    return _list("due", said="Someone else claimed these first. Please try again.")


@desk.post("/find")
@permission_required(CONTENT, audit_action=None)
def find() -> Response:
    """Lead to the record that somebody typed or heard the reference of."""
    try:
        called = read_reference(request.form.get("reference", ""))
        with reading(room().store) as connection:
            records.find(connection, called)
    except (UserError, records.NotThere) as trouble:
        return _list("due", said=str(trouble), status=422)
    return to(called)


@desk.get("/record/<reference>")
@permission_required(CONTENT, audit_action=records.OPENED)
def record(reference: str) -> Response:
    """Everything about one submission but the answers."""
    return record_page(_called(reference))


@desk.post("/record/<reference>/answers")
@permission_required(CONTENT, audit_action=records.ANSWERS_SHOWN)
def answers(reference: str) -> Response:
    """The record with the answers, in the words that the person read."""
    return record_page(_called(reference), answers=True)


@desk.get("/record/<reference>/<any(answers, claim, assign, attempt, note, move, stop, undo, erase):verb>")
@permission_required(CONTENT, audit_action=None)
def back(reference: str, verb: str) -> Response:
    """Lead to the record: what is posted to these addresses has no page of its own."""
    return to(_called(reference))


@desk.post("/record/<reference>/claim")
@permission_required(CONTENT, audit_action="desk:submission:claimed")
def claim(reference: str) -> Response:
    """Take this one on."""

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        follow_up.claim(connection, edit)
        return {}

    return done(_called(reference), "claim", "desk:submission:claimed", forms.UndoForm(request.form), step)


@desk.post("/record/<reference>/assign")
@permission_required(CONTENT, audit_action="desk:submission:assigned")
def assign(reference: str) -> Response:
    """Give this one to a colleague, or back to nobody."""
    form = forms.AssignForm(request.form)

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        if form.to.data and form.to.data not in {each.id for each in list_coordinators(connection)}:
            raise ChangeRefused("Choose a team member from the list.")
        follow_up.assign(connection, edit, form.to.data or None)
        return {"to": form.to.data or ""}

    return done(_called(reference), "assign", "desk:submission:assigned", form, step)


@desk.post("/record/<reference>/attempt")
@permission_required(CONTENT, audit_action="desk:attempt:logged")
def attempt(reference: str) -> Response:
    """Log what was tried, what came of it, and when to try again."""
    form = forms.AttemptForm(request.form)

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        channel, _, outcome = form.happened.data.partition(":")
        box = sealed(form.note.data, edit)
        change = StateChange(form.state.data or "", form.next_action_at(edit.at))
        follow_up.log_attempt(connection, edit, channel=channel, outcome=outcome, change=change, box=box)
        return {"channel": channel, "outcome": outcome, "state": change.to, "note": int(box is not None)}

    return done(_called(reference), "attempt", "desk:attempt:logged", form, step)


@desk.post("/record/<reference>/note")
@permission_required(CONTENT, audit_action="desk:note:written")
def note(reference: str) -> Response:
    """Keep a note, sealed."""
    form = forms.NoteForm(request.form)

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        if box := sealed(form.note.data, edit):
            follow_up.write_note(connection, edit, box)
            return {}
        raise ChangeRefused("Enter a note.")

    return done(_called(reference), "note", "desk:note:written", form, step)


@desk.post("/record/<reference>/move")
@permission_required(CONTENT, audit_action="desk:state:changed")
def move(reference: str) -> Response:
    """Take the next step."""
    form = forms.MoveForm(request.form)

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        other = form.other()
        moved = StateChange(form.state.data, form.next_action_at(edit.at), form.decided_by.data, other)
        follow_up.change_state(connection, edit, moved)
        return {"state": moved.to, "other": other}

    return done(_called(reference), "move", "desk:state:changed", form, step)


@desk.post("/record/<reference>/stop")
@permission_required(CONTENT, audit_action="desk:channel:stopped")
def stop(reference: str) -> Response:
    """From now on nobody reaches the person on this channel."""
    form = forms.StopForm(request.form)

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        follow_up.stop_channel(connection, edit, form.channel.data)
        return {"channel": form.channel.data}

    return done(_called(reference), "stop", "desk:channel:stopped", form, step)


@desk.post("/record/<reference>/undo")
@permission_required(CONTENT, audit_action="desk:change:undone")
def undo(reference: str) -> Response:
    """Take the last change back, by a new one."""

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        follow_up.undo_last_change(connection, edit)
        return {"undoes": edit.version}

    return done(_called(reference), "undo", "desk:change:undone", forms.UndoForm(request.form), step)


@desk.post("/record/<reference>/erase")
@permission_required(CONTENT, audit_action="desk:submission:erased")
@requires_fresh_sign_in
def erase(reference: str) -> Response:
    """Erase what the person sent, and the notes about them, for good."""
    form = forms.EraseForm(request.form)

    def step(connection: sa.Connection, edit: Edit) -> Detail:
        erase_on_request(connection, edit)
        return {"reason": form.reason.data}

    answer = done(_called(reference), "erase", "desk:submission:erased", form, step)
    if answer.status_code == 303:
        empty_files()
    return answer


@desk.errorhandler(lists.Unknown)
def _unknown(error: lists.Unknown) -> Response:
    return refusal("List not found", str(error), 400)


@desk.errorhandler(records.NotThere)
def _not_there(error: records.NotThere) -> Response:
    return refusal("Form not found", str(error), 404)


@desk.errorhandler(UnavailableError)
def _unavailable(error: UnavailableError) -> Response:
    log.warning("service unavailable", extra={"endpoint": request.endpoint, "status": 503, "reason": str(error)})
    sentence = "The database is not available, and nothing was saved. Please go back and try again in a minute."
    return refusal("Not available right now", sentence, 503, typed=request.form.get("note", ""))


def _list(show: str, *, after: str = "", said: str = "", status: int = 200) -> Response:
    now = clock.now()
    with reading(room().store) as connection:
        sheet = lists.page(connection, show, account=current_actor().id, now=now, after=after)
        post = outbox.standing(connection, now=now)
    return queue_page(sheet, show, post, now=now, said=said, status=status)


def _called(reference: str) -> str:
    """The reference in an address. Raises *NotThere*."""
    try:
        return read_reference(reference)
    except UserError as trouble:
        raise records.NotThere(str(trouble)) from None
