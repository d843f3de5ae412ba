"""The notices above every page of the desk: that erasing is stopped, and what changes of access there were lately."""

from typing import Any

from flask_login import current_user

from screener import clock
from screener.auth.access_changes import list_shown_changes
from screener.auth.context import auth_context
from screener.db import reading
from screener.errors import UnavailableError
from screener.retention.models import StopKind
from screener.retention.stops import STOP_SENTENCES
from screener.retention.stops import list_open_stops
from screener.staff.models import AccessChange
from screener.staff.models import AccessState


def notices_context() -> dict[str, Any]:
    """The template context of every page, read in one transaction; empty while the store is away."""
    if not current_user.is_authenticated:
        return {"erasure_stops": (), "access_notice": ""}
    try:
        with reading(auth_context().store) as connection:
            stops = list_open_stops(connection)
            changes = list_shown_changes(connection, current_user, at=clock.now())
    except UnavailableError:
        return {"erasure_stops": (), "access_notice": ""}
    sentences = [STOP_SENTENCES[StopKind(stop.kind)] for stop in stops]
    return {"erasure_stops": sentences, "access_notice": _summarize(changes, current_user.email)}


def _summarize(changes: list[AccessChange], email: str) -> str:
    if not changes:
        return ""
    waiting = sum(change.state == AccessState.WAITING for change in changes)
    own = sum(change.email == email for change in changes)
    count = f"{len(changes)} change{'' if len(changes) == 1 else 's'} of access to the desk in the last week"
    parts = [count, f"{waiting} waiting" if waiting else "", f"{own} for your own account" if own else ""]
    return f"{', '.join(part for part in parts if part)}."
