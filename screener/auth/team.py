"""The views of the team: every account, and every change to one. They show accounts and never submissions."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint
from flask import abort
from flask import redirect
from werkzeug.wrappers import Response

from screener import clock
from screener.auth import access_requests
from screener.auth.context import auth_context
from screener.auth.forms import DisableForm
from screener.auth.forms import InviteForm
from screener.auth.forms import RightsForm
from screener.auth.permissions import TEAM
from screener.auth.permissions import current_actor
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.auth.rendering import render_invitation_link
from screener.auth.rendering import render_staff_page
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.follow_up.queries import count_open_follow_ups
from screener.staff import accounts
from screener.staff.accounts import AuditActor
from screener.staff.directory import list_coordinators
from screener.staff.models import Account
from screener.web.forms import AccessibleForm

team_views = Blueprint("team", __name__)
ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")

#: A change of an account in the caller's transaction: False when it waits for a second person. Raises *UserError*.
AccountChange = Callable[[sa.Connection, Account, AuditActor], bool]


@team_views.get("/team")
@permission_required(TEAM, audit_action=None)
def list_team() -> Response:
    """Render all accounts, disabled ones too, and the form that invites."""
    return _render_team(InviteForm(formdata=None))


@team_views.post("/team")
@permission_required(TEAM, audit_action="desk:account:invited")
@requires_fresh_sign_in
def invite_member() -> Response:
    """Ask for an account, and show its invitation link once where no second person is needed."""
    form = InviteForm()
    if not form.validate():
        return _render_team(form)
    name, email = accounts.parse_name(form.name.data), accounts.parse_email(form.email.data)
    try:
        with writing(auth_context().store) as connection:
            code = access_requests.request_invitation(
                connection, name, email, form.rights(), by=_audit_actor(), at=clock.now()
            )
    except UserError as error:
        form.add_error(str(error), "email")
        return _render_team(form)
    return _render_link(name, email, code)


@team_views.get("/team/<account_id>")
@permission_required(TEAM, audit_action=None)
def show_member(account_id: str) -> Response:
    """Render one account, and what can be changed in it."""
    return _render_member(account_id)


@team_views.post("/team/<account_id>/rights")
@permission_required(TEAM, audit_action="desk:account:changed")
@requires_fresh_sign_in
def change_member_rights(account_id: str) -> Response:
    """Change the languages of an account and take roles away; a role that is added waits for a second person."""
    form = RightsForm()

    def change(connection: sa.Connection, account: Account, actor: AuditActor) -> bool:
        return access_requests.request_rights(connection, account, form.rights(), by=actor, at=clock.now())

    return _apply_change(account_id, form, change)


@team_views.post("/team/<account_id>/link")
@permission_required(TEAM, audit_action="desk:account:invited_again")
@requires_fresh_sign_in
def renew_member_link(account_id: str) -> Response:
    """Ask for a new link, for an invitation that expired or a forgotten password."""
    try:
        with writing(auth_context().store) as connection:
            account = _get_account(connection, account_id)
            code = access_requests.request_link(connection, account, by=_audit_actor(), at=clock.now())
    except UserError as error:
        form = AccessibleForm()
        form.add_error(str(error))
        return _render_member(account_id, form)
    return _render_link(account.name, account.email, code)


@team_views.post("/team/<account_id>/second-factor")
@permission_required(TEAM, audit_action="desk:account:second_factor_reset")
@requires_fresh_sign_in
def reset_member_second_factor(account_id: str) -> Response:
    """Ask for a reset of the second factor of an account; after it, the next sign-in sets up a new one."""

    def change(connection: sa.Connection, account: Account, actor: AuditActor) -> bool:
        return access_requests.request_second_factor_reset(connection, account, by=actor, at=clock.now())

    return _apply_change(account_id, AccessibleForm(), change)


@team_views.post("/team/<account_id>/disable")
@permission_required(TEAM, audit_action="desk:account:disabled")
@requires_fresh_sign_in
def disable_member(account_id: str) -> Response:
    """Disable an account and hand over its open follow-ups, in one transaction."""
    form = DisableForm()
    with reading(auth_context().store) as connection:
        _set_heirs(connection, form, _get_account(connection, account_id).id)

    def change(connection: sa.Connection, account: Account, actor: AuditActor) -> bool:
        accounts.disable_account(connection, account, heir=form.heir.data or None, by=actor, at=clock.now())
        return True

    return _apply_change(account_id, form, change)


def _render_team(form: InviteForm) -> Response:
    with reading(auth_context().store) as connection:
        people = accounts.list_accounts(connection)
    return render_staff_page("staff/team.html", 422 if form.errors else 200, people=people, form=form)


def _render_member(account_id: str, posted: AccessibleForm | None = None) -> Response:
    """Render one account and the forms that change it; the one that was *posted* comes back with its errors."""
    with reading(auth_context().store) as connection:
        account = _get_account(connection, account_id)
        current = {"role": account.role_names.split(","), "languages": account.languages.replace(",", " ")}
        rights = posted if isinstance(posted, RightsForm) else RightsForm(formdata=None, data=current)
        leaving = posted if isinstance(posted, DisableForm) else DisableForm(formdata=None)
        _set_heirs(connection, leaving, account_id)
    form = posted or rights
    status = 422 if form.errors else 200
    return render_staff_page("staff/member.html", status, member=account, form=form, rights=rights, leaving=leaving)


def _set_heirs(connection: sa.Connection, form: DisableForm, account_id: str) -> None:
    heirs = [(each.id, each.name) for each in list_coordinators(connection) if each.id != account_id]
    form.set_heirs(heirs, count_open_follow_ups(connection, account_id))


def _apply_change(account_id: str, form: AccessibleForm, change: AccountChange) -> Response:
    if not form.validate():
        return _render_member(account_id, form)
    try:
        with writing(auth_context().store) as connection:
            is_done = change(connection, _get_account(connection, account_id), _audit_actor())
    except UserError as error:
        form.add_error(str(error))
        return _render_member(account_id, form)
    if not is_done:
        return redirect("/access", 303)
    return redirect(f"/team/{account_id}" if account_id != current_actor().id else "/", 303)


def _get_account(connection: sa.Connection, account_id: str) -> Account:
    is_id = ACCOUNT_ID.fullmatch(account_id)
    account = accounts.find_account(connection, Account.id == account_id) if is_id else None
    return abort(404) if account is None else account


def _audit_actor() -> AuditActor:
    return AuditActor("desk", current_actor().email)


def _render_link(name: str, email: str, code: str) -> Response:
    """Show a link once, or what waits for a second person."""
    return render_invitation_link(name, email, code) if code else redirect("/access", 303)
