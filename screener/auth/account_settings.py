"""One's own account: the second factor, the recovery codes, the password. Each change wants a fresh proof."""

from flask import Blueprint
from flask import Response
from flask import request
from flask_login import current_user

from screener import clock
from screener.auth import flask_security as library
from screener.auth import sessions
from screener.auth.context import office
from screener.auth.credentials import prove_again
from screener.auth.permissions import SELF
from screener.auth.permissions import needs
from screener.auth.permissions import stepped_up
from screener.auth.rendering import draw
from screener.auth.rendering import go_on
from screener.auth.rendering import step_up_page
from screener.auth.sign_in import WRONG_CODE
from screener.auth.totp_setup import hashes
from screener.auth.totp_setup import picture
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
    return account_page()


@own.post("/prove")
@needs(SELF, audits=None)
def prove() -> Response:
    """Take a password or a code, and go on to the page that wanted it."""
    if not prove_again(_me(), request.form.get("proof", "")):
        return step_up_page(wrong=True)
    sessions.freshen()
    return go_on(request.form.get("held", ""))


@own.get("/account/second-factor")
@needs(SELF, audits=None)
@stepped_up
def second_factor() -> Response:
    """The picture for an app, and the field for its first code."""
    return set_up_page(_me(), "/account", "")


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
    codes = set_up(_me(), request.form.get("code", ""))
    if codes is None:
        return set_up_page(_me(), "/account", "", error=WRONG_CODE)
    _end_the_others(second=True)
    return draw("staff/recovery_codes.html", codes=codes, held="", on="/sign-in/on")


@own.post("/account/recovery-codes")
@needs(SELF, audits="desk:account:recovery_codes_renewed")
@stepped_up
def recovery_codes() -> Response:
    """Make new recovery codes; the old ones work no more."""
    if not _me().tf_totp_secret:
        return account_page("Set up a second factor first; its recovery codes come with it.", 422)
    codes = office().codes.recovery_codes()
    with writing(office().store) as connection:
        accounts.set_recovery_codes(connection, _me(), hashes(codes), by=By("desk", _me().email), at=clock.now())
    return draw("staff/recovery_codes.html", codes=codes, held="", on="/sign-in/on")


@own.post("/account/password")
@needs(SELF, audits="desk:account:password_changed")
@stepped_up
def password() -> Response:
    """Keep a new password, and end all other sessions."""
    new = request.form.get("password", "")
    if fault := library.fault_of_password(new, email=_me().email, name=_me().name):
        return account_page(fault, 422)
    kept = library.hashed_password(new)
    with writing(office().store) as connection:
        accounts.set_password(connection, _me(), kept, by=By("desk", _me().email), at=clock.now())
    _end_the_others()
    return account_page(done="The password is changed, and you are signed out everywhere else.")


def account_page(error: str = "", status: int = 200, *, done: str = "") -> Response:
    """One's own account, with a sentence above it."""
    me = _me()
    return draw(
        "staff/account.html",
        status,
        me=me,
        codes_left=len(me.mf_recovery_codes or []),
        strict=office().strict,
        error=error,
        done=done,
    )


def _end_the_others(*, second: bool | None = None) -> None:
    with writing(office().store) as connection:
        uniquifier = accounts.end_sessions(connection, _me().id)
    sessions.carry_on(uniquifier, second=second)


def _me() -> Account:
    found: Account = current_user._get_current_object()
    return found
