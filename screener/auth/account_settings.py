"""One's own account: the second factor, the recovery codes, the password. Each change wants a fresh proof."""

from typing import Any

from flask import Blueprint
from flask import Response
from flask_login import current_user

from screener import clock
from screener.auth import flask_security as library
from screener.auth import sessions
from screener.auth.context import office
from screener.auth.forms import FreshSignInForm
from screener.auth.forms import NewPasswordForm
from screener.auth.forms import NewSecondFactorForm
from screener.auth.permissions import SELF
from screener.auth.permissions import is_proven
from screener.auth.permissions import needs
from screener.auth.permissions import stepped_up
from screener.auth.rendering import draw
from screener.auth.rendering import go_on
from screener.auth.rendering import step_up_page
from screener.auth.totp_setup import hashes
from screener.auth.totp_setup import picture
from screener.auth.totp_setup import recovery_codes_page
from screener.auth.totp_setup import set_up
from screener.auth.totp_setup import set_up_page
from screener.db import writing
from screener.staff import accounts
from screener.staff.accounts import By
from screener.staff.models import Account

own = Blueprint("own", __name__)


@own.get("/account")
@needs(SELF, audits=None)
def account() -> Response:
    """What stands in one's own account, and what can be changed in it."""
    return account_page(_password_form(formdata=None))


@own.post("/prove")
@needs(SELF, audits=None)
def prove() -> Response:
    """Take a password or a code, and go on to the page that wanted it."""
    form = FreshSignInForm()
    if not is_proven(form):
        return step_up_page(form)
    sessions.freshen()
    return go_on(form.held.data or "")


@own.get("/account/second-factor")
@needs(SELF, audits=None)
@stepped_up
def second_factor() -> Response:
    """The picture for an app, and the field for its first code."""
    return set_up_page(_me(), "/account", NewSecondFactorForm(formdata=None))


@own.get("/account/second-factor.svg")
@needs(SELF, audits=None)
@stepped_up
def second_factor_picture() -> Response:
    """The picture of the secret that is being set up."""
    return picture(_me())


@own.post("/account/second-factor")
@needs(SELF, audits="desk:account:second_factor_set")
@stepped_up
def set_second_factor() -> Response:
    """Keep the new second factor, end all other sessions, and show the recovery codes."""
    form = NewSecondFactorForm()
    codes = set_up(_me(), form)
    if codes is None:
        return set_up_page(_me(), "/account", form)
    _end_the_others(second=True)
    return recovery_codes_page(codes, "")


@own.post("/account/recovery-codes")
@needs(SELF, audits="desk:account:recovery_codes_renewed")
@stepped_up
def recovery_codes() -> Response:
    """Make new recovery codes; the old ones work no more."""
    if not _me().tf_totp_secret:
        form = _password_form(formdata=None)
        form.add_error("Set up a second factor first; its recovery codes come with it.")
        return account_page(form)
    codes = office().codes.recovery_codes()
    with writing(office().store) as connection:
        accounts.set_recovery_codes(connection, _me(), hashes(codes), by=By("desk", _me().email), at=clock.now())
    return recovery_codes_page(codes, "")


@own.post("/account/password")
@needs(SELF, audits="desk:account:password_changed")
@stepped_up
def password() -> Response:
    """Keep a new password, and end all other sessions."""
    form = _password_form()
    if not form.validate():
        return account_page(form)
    kept = library.hashed_password(form.password.data)
    with writing(office().store) as connection:
        accounts.set_password(connection, _me(), kept, by=By("desk", _me().email), at=clock.now())
    _end_the_others()
    return account_page(_password_form(formdata=None), done="Password changed. You are signed out everywhere else.")


def account_page(form: NewPasswordForm, *, done: str = "") -> Response:
    """One's own account, with *form* for a new password and its errors."""
    me = _me()
    return draw(
        "staff/account.html",
        422 if form.errors else 200,
        form=form,
        me=me,
        codes_left=len(me.mf_recovery_codes or []),
        strict=office().strict,
        done=done,
    )


def _password_form(**options: Any) -> NewPasswordForm:
    return NewPasswordForm(email=_me().email, name=_me().name, **options)


def _end_the_others(*, second: bool | None = None) -> None:
    with writing(office().store) as connection:
        uniquifier = accounts.end_sessions(connection, _me().id)
    sessions.carry_on(uniquifier, second=second)


def _me() -> Account:
    found: Account = current_user._get_current_object()
    return found
