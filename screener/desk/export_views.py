"""The export at the desk: what a file is for, the file, and who has exported before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from flask import Blueprint
from flask import Response
from flask import request

from screener import audit
from screener import clock
from screener.auth.permissions import EXPORT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.db import reading
from screener.desk.context import room
from screener.desk.local_time import SITE
from screener.desk.rendering import draw
from screener.errors import UserError
from screener.export.audit_events import FAILED_ACTIONS
from screener.export.audit_events import FINISHED_ACTIONS
from screener.export.audit_events import STARTED_ACTIONS
from screener.export.request import ExportRequest
from screener.export.source import load_export_source
from screener.export.to_zip import stream_zip
from screener.sealing.seal import COMPARTMENTS
from screener.submissions import queries

#: Exports that the page lists.
EARLIER = 20

exporting = Blueprint("exporting", __name__)


@dataclass(frozen=True)
class Earlier:
    """An export that somebody made, and what became of it."""

    at: datetime
    account: str
    purpose: str
    #: Submissions in the file; None when there is no whole file.
    rows: int | None
    outcome: Literal["whole", "cut", "open"]


@exporting.get("/export")
@permission_required(EXPORT, audit_action=None)
@requires_fresh_sign_in
def export_page() -> Response:
    """Ask what the file is for."""
    return _page()


@exporting.post("/export")
@permission_required(EXPORT, audit_action="desk:export:started")
@requires_fresh_sign_in
def send() -> Response:
    """Send every submission, opened, in one archive, while it is made."""
    now = clock.now().astimezone(SITE)
    name = f"interest-{now:%Y-%m-%d-%H%M}"
    try:
        export_request = ExportRequest(request.form.get("purpose", "").strip(), current_actor().email, channel="desk")
    except UserError as fault:
        return _page(str(fault), 422)
    try:
        source = load_export_source(room().settings, room().opens, room().store)
    except UserError as fault:
        return _page(str(fault), 503)
    disposition = f'attachment; filename="{name}.zip"'
    return Response(
        stream_zip(source, export_request, f"{name}.csv"),
        mimetype="application/zip",
        headers={"Content-Disposition": disposition},
    )


def _page(error: str = "", status: int = 200) -> Response:
    with reading(room().store) as connection:
        number, earlier = queries.count_submissions(connection), tuple(_earlier(connection))
    missing = [name for name in COMPARTMENTS if not room().opens.of(name)]
    return draw(
        "desk/export.html",
        status,
        number=number,
        earlier=earlier,
        missing=missing,
        purpose=request.form.get("purpose", ""),
        error=error,
    )


def _earlier(connection: sa.Connection) -> Iterator[Earlier]:
    """The last exports, the newest first, each with its end."""
    begun = audit.newest(connection, actions=list(STARTED_ACTIONS.values()), limit=EARLIER)
    ends = [*FINISHED_ACTIONS.values(), *FAILED_ACTIONS.values()]
    ended = {event.detail["started"]: event for event in audit.newest(connection, actions=ends, limit=2 * EARLIER)}
    for event in begun:
        end = ended.get(event.hash)
        whole = end is not None and end.action in FINISHED_ACTIONS.values()
        yield Earlier(
            at=event.at,
            account=event.actor,
            purpose=str(event.detail["purpose"]),
            rows=int(end.detail["rows"]) if end and whole else None,
            outcome="whole" if whole else "cut" if end else "open",
        )
