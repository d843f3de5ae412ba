"""The views of suspected spam: propose to close forms as not a real submission, and close what a colleague proposed.

The lists show envelopes and follow-ups, no content, and nothing is chosen for the person. Each change goes through a
page that names how many forms it is about.
"""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint
from flask import redirect
from flask import url_for
from werkzeug.wrappers import Response

from screener import audit
from screener import clock
from screener.auth.permissions import CONTENT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.db import reading
from screener.db import writing
from screener.desk.actions import Detail
from screener.desk.context import desk_context
from screener.desk.record import RecordNotFoundError
from screener.desk.record import find_submission
from screener.desk.rendering import render_page
from screener.desk.spam_forms import MOST_AT_ONCE
from screener.desk.spam_forms import ClosingForm
from screener.desk.spam_forms import ProposalForm
from screener.desk.spam_forms import SelectionForm
from screener.errors import UserError
from screener.follow_up import not_real
from screener.follow_up.service import ChangeRefused
from screener.follow_up.service import Edit
from screener.follow_up.service import StaleVersion
from screener.mail.lead_notices import enqueue_in_transaction
from screener.mail.messages.closed_alone import ClosedAlone
from screener.retention.bulk import require_in_proportion
from screener.staff import directory

PROPOSED = "desk:not_real:proposed"
CLOSED = "desk:not_real:closed"
spam_views = Blueprint("spam", __name__)

Change = Callable[[sa.Connection, Edit], Detail]


@spam_views.get("/spam")
@permission_required(CONTENT, audit_action=None)
def list_spam() -> Response:
    """Render what is suspected, and what is proposed to be closed."""
    return _render_lists(ProposalForm(formdata=None), ClosingForm(formdata=None))


@spam_views.post("/spam/propose")
@permission_required(CONTENT, audit_action=PROPOSED)
def propose_forms() -> Response:
    """Propose to close the forms that were ticked; asks first, naming their number."""
    form = ProposalForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        not_real.propose_not_real(connection, edit, form.reason.data)
        return {"reason": form.reason.data}

    if not form.validate():
        return _render_lists(form, ClosingForm(formdata=None), status=422)
    return _confirm_or_apply(form, change)


@spam_views.post("/spam/close")
@permission_required(CONTENT, audit_action=CLOSED)
def close() -> Response:
    """Close the proposed forms that were ticked as not a real submission; asks first, naming their number."""
    form = ClosingForm()

    def change(connection: sa.Connection, edit: Edit) -> Detail:
        is_alone = not directory.has_other_worker(connection, edit.by)
        return {"alone": int(not_real.close_not_real(connection, edit, is_alone=is_alone))}

    if not form.validate():
        return _render_lists(ProposalForm(formdata=None), form, status=422)
    if form.confirmed.data and (refusal := _find_disproportion(form)):
        return _render_lists(ProposalForm(formdata=None), ClosingForm(formdata=None), messages=(refusal,), status=409)
    return _confirm_or_apply(form, change)


def _find_disproportion(form: SelectionForm) -> str:
    """Why this many forms are not closed at once; empty when they may be. A refusal is stored as a stop."""
    number, actor = len(form.selection()), current_actor().email
    store = desk_context().store
    try:
        require_in_proportion(store, number, actions=(CLOSED,), source="desk", actor=actor, at=clock.now())
    except UserError as refusal:
        return str(refusal)
    return ""


@spam_views.get("/spam/<any(propose, close):verb>")
@permission_required(CONTENT, audit_action=None)
def return_to_spam(verb: str) -> Response:
    """Redirect to the lists: the addresses that forms are posted to have no page of their own."""
    return redirect(url_for("spam.list_spam"), code=303)


def _confirm_or_apply(form: SelectionForm, change: Change) -> Response:
    if form.confirmed.data:
        return _apply(form, change)
    return render_page("desk/spam_confirm.html", form=form, closes=isinstance(form, ClosingForm))


def _apply(form: SelectionForm, change: Change) -> Response:
    """Change each chosen follow-up, with an audit event each; one that changed meanwhile or is refused is left."""
    now, done, alone, refused = clock.now(), 0, 0, set[str]()
    with writing(desk_context().store) as connection:
        for reference, version in form.selection():
            try:
                found = find_submission(connection, reference)
                detail = change(connection, Edit(found.id, version, current_actor().id, now))
            except (StaleVersion, RecordNotFoundError):
                refused.add("Some forms were changed by a colleague meanwhile. Look at them again.")
            except ChangeRefused as fault:
                refused.add(str(fault))
            else:
                actor = current_actor().email
                audit.record(connection, actor=actor, action=form.action, subject=reference, detail=detail, at=now)
                done, alone = done + 1, alone + int(detail.get("alone", 0))
        if alone:
            enqueue_in_transaction(connection, ClosedAlone(number=alone), at=now)
    message = f"{done} of {len(form.selection())} forms {form.done_words}."
    return _render_lists(ProposalForm(formdata=None), ClosingForm(formdata=None), messages=(message, *sorted(refused)))


def _render_lists(
    proposing: ProposalForm, closing: ClosingForm, *, messages: tuple[str, ...] = (), status: int = 200
) -> Response:
    with reading(desk_context().store) as connection:
        suspected = not_real.list_suspected(connection, limit=MOST_AT_ONCE)
        proposed = not_real.list_proposed(connection, limit=MOST_AT_ONCE)
        names = directory.list_account_names(connection)
    proposing.offer(suspected)
    closing.offer(proposed)
    lists = {"suspected": suspected, "proposed": proposed, "most": MOST_AT_ONCE}
    people = {"names": names, "me": current_actor().id}
    shown = {"proposing": proposing, "closing": closing, "messages": messages, **lists, **people}
    return render_page("desk/spam.html", status, **shown)
