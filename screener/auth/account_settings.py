"""The views of a person's own account: second factor, recovery codes, password, and where they are signed in.

A change needs a fresh sign-in; ending a session does not, because it only takes something away.
"""

from typing import Any

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from screener import clock
from screener.auth import flask_security
from screener.auth import sessions
from screener.auth import totp_setup
from screener.auth.context import auth_context
from screener.auth.forms import FreshSignInForm
from screener.auth.forms import NewPasswordForm
from screener.auth.forms import NewSecondFactorForm
from screener.auth.forms import SessionForm
from screener.auth.permissions import SELF
from screener.auth.permissions import permission_required
from screener.auth.permissions import requires_fresh_sign_in
from screener.auth.permissions import validate_fresh_sign_in
from screener.auth.rendering import render_fresh_sign_in
from screener.auth.rendering import render_staff_page
from screener.auth.rendering import resume_request
from screener.db import reading
from screener.db import writing
from screener.staff import accounts
from screener.staff.accounts import AuditActor
from screener.staff.models import Account
from screener.staff.sessions import end_session
from screener.staff.sessions import list_open_sessions

account_views = Blueprint("account", __name__)


@account_views.get("/account")
@permission_required(SELF, audit_action=None)
def show_account() -> Response:
    """Render the account, and what can be changed in it."""
    return _render_account(_password_form(formdata=None))


@account_views.post("/prove")
@permission_required(SELF, audit_action=None)
def submit_fresh_sign_in() -> Response:
    """Check a password or a code, and resume the request that needed it."""
    form = FreshSignInForm()
    if not validate_fresh_sign_in(form):
        return render_fresh_sign_in(form)
    sessions.mark_fresh_sign_in()
    return resume_request(form.held.data or "")


@account_views.get("/account/second-factor")
@permission_required(SELF, audit_action=None)
@requires_fresh_sign_in
def second_factor_form() -> Response:
    """Render the QR code for an app, and the field for its first code."""
    return totp_setup.render_totp_setup(_current_account(), "/account", NewSecondFactorForm(formdata=None))


@account_views.get("/account/second-factor.svg")
@permission_required(SELF, audit_action=None)
@requires_fresh_sign_in
def second_factor_qr_code() -> Response:
    """The QR code of the secret that is being set up."""
    return totp_setup.render_qr_code(_current_account())


@account_views.post("/account/second-factor")
@permission_required(SELF, audit_action="desk:account:second_factor_set")
@requires_fresh_sign_in
def submit_second_factor() -> Response:
    """Save the new second factor, end all other sessions, and show the recovery codes."""
    form = NewSecondFactorForm()
    codes = totp_setup.complete_totp_setup(_current_account(), form)
    if codes is None:
        return totp_setup.render_totp_setup(_current_account(), "/account", form)
    return totp_setup.render_recovery_codes(codes, "")


@account_views.post("/account/recovery-codes")
@permission_required(SELF, audit_action="desk:account:recovery_codes_renewed")
@requires_fresh_sign_in
def renew_recovery_codes() -> Response:
    """Make new recovery codes; the old ones stop working."""
    account = _current_account()
    if not account.tf_totp_secret:
        form = _password_form(formdata=None)
        form.add_error("Set up a second factor first; its recovery codes come with it.")
        return _render_account(form)
    codes = auth_context().one_time_codes.new_recovery_codes()
    hashes = totp_setup.hash_recovery_codes(codes)
    with writing(auth_context().store) as connection:
        actor = AuditActor("desk", account.email)
        accounts.set_recovery_codes(connection, account, hashes, by=actor, at=clock.now())
    return totp_setup.render_recovery_codes(codes, "")


@account_views.post("/account/password")
@permission_required(SELF, audit_action="desk:account:password_changed")
@requires_fresh_sign_in
def change_password() -> Response:
    """Save a new password, and end all other sessions."""
    form, account = _password_form(), _current_account()
    if not form.validate():
        return _render_account(form)
    password_hash = flask_security.make_password_hash(form.password.data)
    with writing(auth_context().store) as connection:
        actor = AuditActor("desk", account.email)
        accounts.set_password(connection, account, password_hash, by=actor, at=clock.now())
        sessions.end_other_sessions(connection)
    return _render_account(_password_form(formdata=None), done="Password changed. You are signed out everywhere else.")


@account_views.post("/account/session")
@permission_required(SELF, audit_action="desk:account:session_ended")
def end_one_session() -> Response:
    """Sign the account out in one other browser."""
    account, now = _current_account(), clock.now()
    with writing(auth_context().store) as connection:
        ended = end_session(connection, account.id, str(SessionForm().session.data or ""), at=now)
        if ended:
            AuditActor("desk", account.email).record_event(connection, "session_ended", account.email, now)
    done = "Signed out there." if ended else "That browser was signed out already."
    return _render_account(_password_form(formdata=None), done=done)


@account_views.post("/account/other-sessions")
@permission_required(SELF, audit_action="desk:account:other_sessions_ended")
def end_all_other_sessions() -> Response:
    """Sign the account out everywhere but in this browser."""
    account, now = _current_account(), clock.now()
    with writing(auth_context().store) as connection:
        number = {"sessions": sessions.end_other_sessions(connection)}
        actor = AuditActor("desk", account.email)
        actor.record_event(connection, "other_sessions_ended", account.email, now, number)
    return _render_account(_password_form(formdata=None), done="You are signed out everywhere else.")


def _render_account(form: NewPasswordForm, *, done: str = "") -> Response:
    """Render the account, with *form* for a new password and its errors."""
    account = _current_account()
    with reading(auth_context().store) as connection:
        open_sessions = list_open_sessions(connection, account.id, at=clock.now())
    return render_staff_page(
        "staff/account.html",
        422 if form.errors else 200,
        form=form,
        me=account,
        open_sessions=open_sessions,
        this_session=sessions.current_session_hash(),
        codes_left=len(account.mf_recovery_codes or []),
        strict=auth_context().requires_second_factor,
        done=done,
    )


def _password_form(**options: Any) -> NewPasswordForm:
    account = _current_account()
    return NewPasswordForm(email=account.email, name=account.name, **options)


def _current_account() -> Account:
    account: Account = current_user._get_current_object()
    return account
