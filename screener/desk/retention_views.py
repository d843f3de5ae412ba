"""The list of forms that are to be erased by age, and the decision on those that wait for one.

It shows envelopes and follow-ups, and no content.
"""

from flask import Blueprint
from flask import redirect
from flask import url_for
from werkzeug.wrappers import Response

from screener import audit
from screener import clock
from screener.auth.permissions import CONTENT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.db import reading
from screener.db import writing
from screener.desk.context import desk_context
from screener.desk.forms import FindForm
from screener.desk.rendering import render_page
from screener.retention import schedule
from screener.submissions.reference import parse_reference

#: Rows of each of the two tables; `screener retention show --all` lists every form.
ROWS_SHOWN = 100
NOT_WAITING = "This form does not wait for a decision any more. The list below is up to date."

retention_views = Blueprint("retention", __name__)


@retention_views.get("/to-be-erased")
@permission_required(CONTENT, audit_action=None)
def list_erasures() -> Response:
    """Render what is announced: first what waits for a decision, then what is erased on its date."""
    return _render_list()


@retention_views.post("/to-be-erased")
@permission_required(CONTENT, audit_action="desk:retention:released")
@requires_fresh_sign_in
def decide_erasure() -> Response:
    """Record the decision that a form is erased on its date; 409 when it does not wait for one."""
    now = clock.now()
    form = FindForm()
    if not form.validate():
        return _render_list(message=NOT_WAITING, status=409)
    reference = parse_reference(form.reference.data)
    actor = current_actor()
    with writing(desk_context().store) as connection:
        is_released = schedule.release_erasure(connection, reference, by=actor.email, at=now)
        if is_released:
            audit.record(connection, actor=actor.email, action="desk:retention:released", subject=reference, at=now)
    if not is_released:
        return _render_list(message=NOT_WAITING, status=409)
    return redirect(url_for("retention.list_erasures"), code=303)


def _render_list(*, message: str = "", status: int = 200) -> Response:
    with reading(desk_context().store) as connection:
        planned = schedule.list_planned(connection, at=clock.now())
        unapproved = schedule.count_unapproved(connection)
    undecided = [one for one in planned if one.is_undecided]
    dated = [one for one in planned if not one.is_undecided]
    tables = (("Waiting for a decision", undecided), ("Erased on their date", dated))
    return render_page(
        "desk/erasures.html",
        status,
        tables=[(caption, rows[:ROWS_SHOWN], len(rows)) for caption, rows in tables if rows],
        unapproved=unapproved,
        message=message,
    )
