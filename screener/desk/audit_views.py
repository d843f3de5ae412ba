"""The audit page: the events on one submission, those of one person, or all, the newest first.

Reading the trail is an event too. Events name references, accounts and codes, and never content.
"""

from flask import Blueprint
from flask import redirect
from flask import url_for
from werkzeug.wrappers import Response

from screener import audit
from screener import clock
from screener.auth.permissions import AUDIT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.db import reading
from screener.db import writing
from screener.desk.context import desk_context
from screener.desk.forms import AuditSearchForm
from screener.desk.list_query import AuditQuery
from screener.desk.list_query import UnknownQueryError
from screener.desk.rendering import render_page
from screener.desk.rendering import render_refusal
from screener.staff import directory
from screener.submissions.reference import parse_reference

TRAIL_OPENED = "desk:trail:opened"
EVENTS_PER_PAGE = 100

audit_views = Blueprint("audit", __name__)


@audit_views.get("/audit")
@permission_required(AUDIT, audit_action=TRAIL_OPENED)
def list_events() -> Response:
    """Render the events that the query asks for, and record that they were read."""
    query = AuditQuery.from_request()
    person, before = query.person.data, query.event_number()
    reference = parse_reference(query.reference.data) if query.reference.data.strip() else ""
    with reading(desk_context().store) as connection:
        found = audit.newest(connection, actor=person, subject=reference, before=before, limit=EVENTS_PER_PAGE + 1)
        names = directory.list_account_names(connection)
    _record_reading(person, reference)
    page = found[:EVENTS_PER_PAGE]
    more = _events_url(person, reference, page[-1].seq) if len(found) > EVENTS_PER_PAGE else ""
    form = AuditSearchForm(formdata=None, data={"reference": query.reference.data.strip(), "person": person})
    return render_page("desk/trail.html", form=form, events=page, names=names, more=more)


@audit_views.post("/audit")
@permission_required(AUDIT, audit_action=None)
def search_events() -> Response:
    """Redirect to the events on the reference that was typed, or of that person."""
    form = AuditSearchForm()
    if not form.validate():
        return render_page("desk/trail.html", 422, form=form, events=(), names={}, more="")
    reference = (form.reference.data or "").strip()
    return redirect(_events_url(form.person.data, parse_reference(reference) if reference else ""), code=303)


@audit_views.errorhandler(UnknownQueryError)
def _render_unknown_events(error: UnknownQueryError) -> Response:
    return render_refusal("Events not found", str(error), 400, to=url_for("audit.list_events"))


def _events_url(person: str, reference: str, before: int | None = None) -> str:
    return url_for("audit.list_events", person=person or None, reference=reference or None, before=before)


def _record_reading(person: str, reference: str) -> None:
    detail = {"person": person} if person else {}
    with writing(desk_context().store) as connection:
        audit.record(
            connection,
            actor=current_actor().email,
            action=TRAIL_OPENED,
            subject=reference,
            detail=detail,
            at=clock.now(),
        )
