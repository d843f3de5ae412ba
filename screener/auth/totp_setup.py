"""Set up a second factor: a new TOTP secret, its QR code, and a first code that proves that an app has it.

Until then the secret stands with the session only, encrypted; nothing changes for the account.
"""

from flask import Response
from flask import abort

from screener import clock
from screener.auth import sessions
from screener.auth import totp
from screener.auth.context import auth_context
from screener.auth.forms import NewSecondFactorForm
from screener.auth.forms import ResumeForm
from screener.auth.rendering import render_staff_page
from screener.db import writing
from screener.staff import accounts
from screener.staff.accounts import AuditActor
from screener.staff.models import Account
from screener.typed_text import normalize_code

WRONG_CODE = "That code is not right. Wait for the next one in your app, or use a recovery code."


def begin_totp_setup() -> None:
    """Keep a new secret with the session."""
    sessions.keep_new_totp_secret(auth_context().one_time_codes.generate_totp_secret())


def render_totp_setup(account: Account, base: str, form: NewSecondFactorForm) -> Response:
    """Render the QR code, the secret as text and the field for the first code; *base* begins the form's address."""
    if not sessions.load_new_totp_secret():
        begin_totp_setup()
    return render_staff_page(
        "staff/second_factor.html",
        422 if form.errors else 200,
        form=form,
        action=f"{base}/second-factor",
        picture=f"{base}/second-factor.svg",
        secret=auth_context().one_time_codes.get_totp_pretty_key(sessions.load_new_totp_secret()),
        changing=bool(account.tf_totp_secret),
    )


def render_qr_code(account: Account | None) -> Response:
    """The QR code (SVG) of the secret that is being set up; 404 when there is none."""
    secret = sessions.load_new_totp_secret()
    if account is None or not secret:
        abort(404)
    code = auth_context().one_time_codes.qr_code_svg(account, secret)
    return Response(code, mimetype="image/svg+xml")


def complete_totp_setup(account: Account, form: NewSecondFactorForm) -> list[str] | None:
    """Save the second factor whose first code *form* holds, and return the recovery codes, to be shown this once.

    All other sessions of the account end with it. None when the code is missing or wrong; *form* then has an error.
    """
    if not form.validate():
        return None
    secret = sessions.load_new_totp_secret()
    codes = auth_context().one_time_codes
    step = codes.find_step(secret, normalize_code(form.code.data)) if secret else None
    if step is None:
        form.add_error(WRONG_CODE, "code")
        return None
    recovery_codes = codes.new_recovery_codes()
    with writing(auth_context().store) as connection:
        factor = accounts.SecondFactor(secret, step, hash_recovery_codes(recovery_codes))
        actor = AuditActor("desk", account.email)
        accounts.set_second_factor(connection, account, factor, by=actor, at=clock.now())
        sessions.mark_second_factor(connection)
        sessions.end_other_sessions(connection)
    return recovery_codes


def render_recovery_codes(codes: list[str], held: str) -> Response:
    """Render new recovery codes, shown this once; *held* carries the pending request."""
    form = ResumeForm(formdata=None, data={"held": held})
    return render_staff_page("staff/recovery_codes.html", codes=codes, form=form)


def hash_recovery_codes(codes: list[str]) -> list[str]:
    """The keyed hashes of *codes*, as the store keeps them."""
    return [totp.hash_recovery_code(auth_context().keys.recovery, code) for code in codes]
