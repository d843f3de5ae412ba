"""The views of changes of access: who asked for what, and the buttons that confirm it, refuse it or make its link."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint
from flask import abort
from flask import redirect
from flask_login import current_user
from werkzeug.wrappers import Response

from screener import clock
from screener.auth import access_changes
from screener.auth import access_rules
from screener.auth.context import auth_context
from screener.auth.permissions import CONFIRM
from screener.auth.permissions import SELF
from screener.auth.permissions import TEAM
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.auth.rendering import render_invitation_link
from screener.auth.rendering import render_staff_page
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.staff.accounts import AuditActor
from screener.staff.labels import access_progress
from screener.staff.labels import access_title
from screener.staff.models import AccessChange
from screener.staff.models import AccessState
from screener.web.forms import AccessibleForm

access_views = Blueprint("access", __name__)
CHANGE_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class ShownChange:
    """One change as the page shows it to the current person."""

    change: AccessChange
    title: str
    progress: str
    can_confirm: bool
    #: Why the person cannot confirm it now; empty when they can, or when that is not theirs to do.
    why_not: str
    can_refuse: bool
    can_make_link: bool


@access_views.get("/access")
@permission_required(SELF, audit_action=None)
def list_access() -> Response:
    """Render the changes of access that wait or were made in the last week."""
    return _render_access()


@access_views.post("/access/<change_id>/confirm")
@permission_required(CONFIRM, audit_action="desk:account:access_confirmed")
@requires_fresh_sign_in
def confirm_access(change_id: str) -> Response:
    """Confirm a change as its second person."""
    return _decide(change_id, access_changes.confirm_change)


@access_views.post("/access/<change_id>/refuse")
@permission_required(SELF, audit_action="desk:account:access_refused")
@requires_fresh_sign_in
def refuse_access(change_id: str) -> Response:
    """Refuse a change: as a study lead, as an administrator, or as the person whose account it is about."""
    with reading(auth_context().store) as connection:
        if not _can_refuse(_get_change(connection, change_id)):
            abort(403)
    return _decide(change_id, access_changes.refuse_change)


@access_views.post("/access/<change_id>/link")
@permission_required(TEAM, audit_action="desk:account:invited")
@requires_fresh_sign_in
def make_access_link(change_id: str) -> Response:
    """Make the link of a confirmed change, and show it once."""
    try:
        with writing(auth_context().store) as connection:
            _get_change(connection, change_id)
            change, code = access_changes.make_link(connection, change_id, by=_audit_actor(), at=clock.now())
    except UserError as error:
        return _render_access(str(error))
    return render_invitation_link(change.name, change.email, code)


def _decide(change_id: str, decide: Callable[..., AccessChange]) -> Response:
    try:
        with writing(auth_context().store) as connection:
            _get_change(connection, change_id)
            decide(connection, change_id, by=_audit_actor(), at=clock.now())
    except UserError as error:
        return _render_access(str(error))
    return redirect("/access", 303)


def _render_access(error: str = "") -> Response:
    form = AccessibleForm()
    if error:
        form.add_error(error)
    now = clock.now()
    with reading(auth_context().store) as connection:
        changes = access_changes.list_shown_changes(connection, current_user, at=now)
        shown = [_show(connection, change, now) for change in changes]
    return render_staff_page("staff/access.html", 422 if form.errors else 200, form=form, changes=shown)


def _show(connection: sa.Connection, change: AccessChange, now: datetime) -> ShownChange:
    can_confirm, why_not = False, ""
    if change.state == AccessState.WAITING and CONFIRM in current_actor().permissions:
        decision, why_not = access_rules.judge_confirmation(connection, change, by=_audit_actor(), at=now)
        can_confirm = decision is not None
    return ShownChange(
        change=change,
        title=access_title(change),
        progress=access_progress(change),
        can_confirm=can_confirm,
        why_not=why_not,
        can_refuse=change.state in (AccessState.WAITING, AccessState.CONFIRMED) and _can_refuse(change),
        can_make_link=access_changes.can_make_link(change, by=_audit_actor(), at=now),
    )


def _can_refuse(change: AccessChange) -> bool:
    return CONFIRM in current_actor().permissions or change.email == current_actor().email


def _get_change(connection: sa.Connection, change_id: str) -> AccessChange:
    if not CHANGE_ID.fullmatch(change_id):
        abort(404)
    try:
        return access_changes.get_change(connection, change_id)
    except UserError:
        abort(404)


def _audit_actor() -> AuditActor:
    return AuditActor("desk", current_actor().email)
