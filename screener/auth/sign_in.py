"""Signing in and out: a password, then a code, and nothing else answers before both."""

from flask import Blueprint
from flask import Response
from flask import request
from flask import session
from flask_login import current_user
from flask_security.utils import logout_user
from werkzeug.exceptions import TooManyRequests

from screener import clock
from screener.auth import credentials as proving
from screener.auth import flask_security as library
from screener.auth import sessions
from screener.auth.context import office
from screener.auth.forms import CodeForm
from screener.auth.forms import NewPasswordForm
from screener.auth.forms import NewSecondFactorForm
from screener.auth.forms import ResumeForm
from screener.auth.forms import SignInForm
from screener.auth.permissions import SELF
from screener.auth.permissions import needs
from screener.auth.permissions import open_to_all
from screener.auth.rendering import draw
from screener.auth.rendering import go_on
from screener.auth.rendering import home
from screener.auth.rendering import lead
from screener.auth.totp_setup import WRONG_CODE
from screener.auth.totp_setup import new_secret
from screener.auth.totp_setup import picture
from screener.auth.totp_setup import recovery_codes_page
from screener.auth.totp_setup import set_up
from screener.auth.totp_setup import set_up_page
from screener.db import writing
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import By
from screener.staff.models import Account

WRONG = "The email address or password is not right. Check both, then try again."
TOO_LATE = "That took more than ten minutes. Please start again."

sign_in = Blueprint("sign_in", __name__)


@sign_in.get("/")
@needs(SELF, audits=None)
def front() -> Response:
    """Lead to the first page of whoever is signed in."""
    return lead(home())


@sign_in.get("/sign-in")
@open_to_all
def door() -> Response:
    """Ask for an address and a password."""
    return lead(home()) if current_user.is_authenticated else sign_in_page("")


@sign_in.post("/sign-in")
@open_to_all
def knock() -> Response:
    """Look at an address and a password, and go on to the second factor."""
    form = SignInForm()
    if not office().limit.allows(request.remote_addr):
        raise TooManyRequests
    if not form.validate():
        return _sign_in_page(form)
    found = proving.by_password(form.email.data, form.password.data)
    if found is None:
        form.add_error(WRONG, "email")
        return _sign_in_page(form)
    return _second(found, form.held.data or "")


@sign_in.post("/sign-in/code")
@open_to_all
def give_code() -> Response:
    """Look at the code, and let somebody in."""
    form, account = CodeForm(), sessions.half()
    if account is None or not account.tf_totp_secret:
        return sign_in_page(form.held.data or "", error=TOO_LATE)
    if not office().limit.allows(request.remote_addr):
        raise TooManyRequests
    if not form.validate():
        return _code_page(form)
    if not proving.by_code(account, form.code.data):
        form.add_error(WRONG_CODE, "code")
        return _code_page(form)
    _begin(account, second=True)
    return go_on(form.held.data or "")


@sign_in.post("/sign-in/second-factor")
@open_to_all
def first_second_factor() -> Response:
    """Set up the second factor that somebody still lacks, and let them in."""
    form, account = NewSecondFactorForm(), sessions.half()
    if account is None or account.tf_totp_secret:
        return sign_in_page(form.held.data or "", error=TOO_LATE)
    codes = set_up(account, form)
    if codes is None:
        return set_up_page(account, "/sign-in", form)
    _begin(account, second=True)
    return recovery_codes_page(codes, form.held.data or "")


@sign_in.get("/sign-in/second-factor.svg")
@open_to_all
def first_picture() -> Response:
    """The picture for the app of somebody who is setting up."""
    return picture(sessions.half())


@sign_in.post("/sign-in/on")
@needs(SELF, audits=None)
def on() -> Response:
    """Go on to what was wanted before the recovery codes were shown."""
    return go_on(ResumeForm().held.data or "")


@sign_in.post("/sign-out")
@needs(SELF, audits="desk:account:signed_out")
def sign_out() -> Response:
    """End every session of this account, this one and any copy of it."""
    now = clock.now()
    with writing(office().store) as connection:
        accounts.end_sessions(connection, current_user.id)
        By("desk", current_user.email).notes(connection, "signed_out", current_user.email, now)
    logout_user()
    session.clear()
    return lead("/sign-in")


@sign_in.get("/invitation/<code>")
@open_to_all
def invitation(code: str) -> Response:
    """Say whom the invitation is for, and ask for a password; opening it uses nothing up."""
    with writing(office().store) as connection:
        invited = invitations.open_invitation(connection, code, at=clock.now())
    if invited is None:
        return draw("staff/no_invitation.html", 404)
    return _invitation_page(invited, NewPasswordForm(email=invited.email, name=invited.name))


@sign_in.post("/invitation/<code>")
@open_to_all
def take_up(code: str) -> Response:
    """Take up the invitation with a password, which proves the address; then on to the second factor."""
    now = clock.now()
    if not office().limit.allows(request.remote_addr):
        raise TooManyRequests
    with writing(office().store) as connection:
        invited = invitations.open_invitation(connection, code, at=now)
    if invited is None:
        return draw("staff/no_invitation.html", 404)
    form = NewPasswordForm(email=invited.email, name=invited.name)
    if not form.validate():
        return _invitation_page(invited, form)
    kept = library.hashed_password(form.password.data)
    with writing(office().store) as connection:
        account = invitations.take_up(connection, code, kept, by="desk", at=now)
    return _second(account, "") if account else draw("staff/no_invitation.html", 404)


def sign_in_page(held: str, *, error: str = "", status: int = 200) -> Response:
    """The page that asks for address and password; *held* goes along with it."""
    form = SignInForm(formdata=None, data={"held": held})
    if error:
        form.add_error(error)
    return _sign_in_page(form, status)


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    return draw("staff/sign_in.html", 422 if form.errors else status, form=form)


def _code_page(form: CodeForm) -> Response:
    return draw("staff/code.html", 422 if form.errors else 200, form=form)


def _invitation_page(invited: invitations.Invited, form: NewPasswordForm) -> Response:
    return draw("staff/invitation.html", 422 if form.errors else 200, invited=invited, form=form, action=request.path)


def _second(account: Account, carried: str) -> Response:
    """The next step after a right password: a code, the setting up of one, or in development nothing."""
    sessions.begin_half(account)
    if account.tf_totp_secret:
        return _code_page(CodeForm(formdata=None, data={"held": carried}))
    if office().strict:
        new_secret()
        return set_up_page(account, "/sign-in", NewSecondFactorForm(formdata=None, data={"held": carried}))
    _begin(account, second=False)
    return go_on(carried)


def _begin(account: Account, *, second: bool) -> None:
    """Begin the session, and write down that it began."""
    sessions.begin(account, second=second)
    detail = {"second_factor": "given" if second else "none"}
    with writing(office().store) as connection:
        By("desk", account.email).notes(connection, "signed_in", account.email, clock.now(), detail)
