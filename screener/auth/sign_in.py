"""The views of signing in and out: a password, then a second factor; no other page answers before both."""

from flask import Blueprint
from flask import redirect
from flask import request
from flask_login import current_user
from flask_login import logout_user
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from screener import clock
from screener.auth import access_changes
from screener.auth import credentials
from screener.auth import forms
from screener.auth import sessions
from screener.auth import totp_setup
from screener.auth.context import auth_context
from screener.auth.known_browser import read_browser_id
from screener.auth.known_browser import remember_browser
from screener.auth.permissions import SELF
from screener.auth.permissions import allow_anonymous
from screener.auth.permissions import permission_required
from screener.auth.rendering import home_path
from screener.auth.rendering import render_staff_page
from screener.auth.rendering import resume_request
from screener.db import reading
from screener.db import writing
from screener.staff.accounts import AuditActor
from screener.staff.models import Account

WRONG_CREDENTIALS = "The email address or password is not right. Check both, then try again."
TOO_LATE = "That took more than ten minutes. Please start again."

sign_in_views = Blueprint("sign_in", __name__)


@sign_in_views.get("/")
@permission_required(SELF, audit_action=None)
def home() -> Response:
    """Redirect to the first page that the person may open."""
    return redirect(home_path(), 303)


@sign_in_views.get("/sign-in")
@allow_anonymous
def sign_in_form() -> Response:
    """Ask for an email address and a password."""
    return redirect(home_path(), 303) if current_user.is_authenticated else render_sign_in("")


@sign_in_views.post("/sign-in")
@allow_anonymous
def submit_password() -> Response:
    """Check an email address and a password, and continue with the second factor."""
    form = forms.SignInForm()
    check_rate_limit()
    if not form.validate():
        return _render_sign_in_form(form)
    _apply_due_changes()
    account = credentials.check_password(form.email.data, form.password.data)
    if account is None:
        form.add_error(WRONG_CREDENTIALS, "email")
        return _render_sign_in_form(form)
    return continue_with_second_factor(account, form.held.data or "")


@sign_in_views.post("/sign-in/code")
@allow_anonymous
def submit_code() -> Response:
    """Check a code, and sign the person in."""
    form, account = forms.CodeForm(), sessions.load_pending_account()
    if account is None or not account.tf_totp_secret:
        return render_sign_in(form.held.data or "", error=TOO_LATE)
    check_rate_limit()
    if not form.validate():
        return _render_code_form(form)
    if not credentials.check_code(account, form.code.data):
        form.add_error(totp_setup.WRONG_CODE, "code")
        return _render_code_form(form)
    _begin_audited_session(account, second=True)
    return resume_request(form.held.data or "")


@sign_in_views.post("/sign-in/second-factor")
@allow_anonymous
def submit_first_second_factor() -> Response:
    """Set up the first second factor of an account, and sign the person in."""
    form, account = forms.NewSecondFactorForm(), sessions.load_pending_account()
    if account is None or account.tf_totp_secret:
        return render_sign_in(form.held.data or "", error=TOO_LATE)
    codes = totp_setup.complete_totp_setup(account, form)
    if codes is None:
        return totp_setup.render_totp_setup(account, "/sign-in", form)
    _begin_audited_session(account, second=True)
    return totp_setup.render_recovery_codes(codes, form.held.data or "")


@sign_in_views.get("/sign-in/second-factor.svg")
@allow_anonymous
def first_qr_code() -> Response:
    """The QR code of the first second factor."""
    return totp_setup.render_qr_code(sessions.load_pending_account())


@sign_in_views.post("/sign-in/on")
@permission_required(SELF, audit_action=None)
def resume() -> Response:
    """Resume the request that was pending while the recovery codes were shown."""
    return resume_request(forms.ResumeForm().held.data or "")


@sign_in_views.post("/sign-out")
@permission_required(SELF, audit_action="desk:account:signed_out")
def sign_out() -> Response:
    """End this session; *Your account* lists the others."""
    with writing(auth_context().store) as connection:
        actor = AuditActor("desk", current_user.email)
        actor.record_event(connection, "signed_out", current_user.email, clock.now())
        sessions.end_current_session(connection)
    logout_user()
    return redirect("/sign-in", 303)


def render_sign_in(held: str, *, email: str = "", error: str = "", status: int = 0) -> Response:
    """Render the form for email address and password; *held* carries the pending request."""
    form = forms.SignInForm(formdata=None, data={"held": held, "email": email})
    if error:
        form.add_error(error)
    return _render_sign_in_form(form, status)


def _apply_due_changes() -> None:
    """Put into effect what waited long enough, before a sign-in that uses it."""
    store, now = auth_context().store, clock.now()
    with reading(store) as connection:
        if not access_changes.list_due_ids(connection, at=now):
            return
    with writing(store) as connection:
        access_changes.apply_due_changes(connection, at=now)


def check_rate_limit() -> None:
    """Raise *TooManyRequests* for a known browser, or a network, that sends passwords faster than a team does.

    A known browser does not count for its network: one person cannot lock out a whole clinic.
    """
    limit, browser_id = auth_context().rate_limit, read_browser_id()
    if not (limit.allows_key(browser_id) if browser_id else limit.allows_request(request.remote_addr)):
        raise TooManyRequests


def _render_sign_in_form(form: forms.SignInForm, status: int = 0) -> Response:
    return render_staff_page("staff/sign_in.html", status or (422 if form.errors else 200), form=form)


def _render_code_form(form: forms.CodeForm) -> Response:
    return render_staff_page("staff/code.html", 422 if form.errors else 200, form=form)


def continue_with_second_factor(account: Account, held: str) -> Response:
    """The step after a correct password: a code, the set-up of a second factor, or in development none."""
    sessions.begin_pending_session(account)
    carried = {"held": held}
    if account.tf_totp_secret:
        return _render_code_form(forms.CodeForm(formdata=None, data=carried))
    if auth_context().requires_second_factor:
        totp_setup.begin_totp_setup()
        form = forms.NewSecondFactorForm(formdata=None, data=carried)
        return totp_setup.render_totp_setup(account, "/sign-in", form)
    _begin_audited_session(account, second=False)
    return resume_request(held)


def _begin_audited_session(account: Account, *, second: bool) -> None:
    detail = {"second_factor": "given" if second else "none"}
    with writing(auth_context().store) as connection:
        remember_browser(connection, account.id)
        sessions.begin_session(connection, account, second=second)
        AuditActor("desk", account.email).record_event(connection, "signed_in", account.email, clock.now(), detail)
