"""The export at the desk: its purpose, the download, and the exports before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from flask import Blueprint
from flask import Response

from screener import audit
from screener import clock
from screener.auth.permissions import EXPORT
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.db import reading
from screener.desk.context import desk_context
from screener.desk.forms import ExportForm
from screener.desk.local_time import SITE_TIME_ZONE
from screener.desk.rendering import render_page
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
EXPORTS_SHOWN = 20

export_views = Blueprint("export", __name__)


@dataclass(frozen=True)
class PreviousExport:
    """An export that was made before, and its outcome."""

    at: datetime
    account: str
    purpose: str
    #: Submissions in the file; None when the file is not complete.
    rows: int | None
    outcome: Literal["whole", "cut", "open"]


@export_views.get("/export")
@permission_required(EXPORT, audit_action=None)
@requires_fresh_sign_in
def show_export() -> Response:
    """Ask for the purpose of the file."""
    return _render_export_page(ExportForm(formdata=None))


@export_views.post("/export")
@permission_required(EXPORT, audit_action="desk:export:started")
@requires_fresh_sign_in
def download_export() -> Response:
    """Stream every submission, opened, as one ZIP file."""
    form = ExportForm()
    if not form.validate():
        return _render_export_page(form, 422)
    context = desk_context()
    try:
        source = load_export_source(context.settings, context.private_keys, context.store)
    except UserError as error:
        form.add_error(str(error))
        return _render_export_page(form, 503)
    name = f"interest-{clock.now().astimezone(SITE_TIME_ZONE):%Y-%m-%d-%H%M}"
    export_request = ExportRequest(form.purpose.data, current_actor().email, channel="desk")
    return Response(
        stream_zip(source, export_request, f"{name}.csv"),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}.zip"'},
    )


def _render_export_page(form: ExportForm, status: int = 200) -> Response:
    context = desk_context()
    with reading(context.store) as connection:
        number, previous = queries.count_submissions(connection), tuple(_list_exports(connection))
    missing = [name for name in COMPARTMENTS if not context.private_keys.of(name)]
    return render_page("desk/export.html", status, form=form, number=number, previous=previous, missing=missing)


def _list_exports(connection: sa.Connection) -> Iterator[PreviousExport]:
    """The last exports, the newest first, each with its outcome."""
    started = audit.newest(connection, actions=list(STARTED_ACTIONS.values()), limit=EXPORTS_SHOWN)
    ends = [*FINISHED_ACTIONS.values(), *FAILED_ACTIONS.values()]
    ended = {
        event.detail["started"]: event for event in audit.newest(connection, actions=ends, limit=2 * EXPORTS_SHOWN)
    }
    for event in started:
        end = ended.get(event.hash)
        whole = end is not None and end.action in FINISHED_ACTIONS.values()
        yield PreviousExport(
            at=event.at,
            account=event.actor,
            purpose=str(event.detail["purpose"]),
            rows=int(end.detail["rows"]) if end and whole else None,
            outcome="whole" if whole else "cut" if end else "open",
        )
