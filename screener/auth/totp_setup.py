"""Setting up a second factor: a new secret, its picture, and a code that proves that an app has it.

Until it is proven the secret stands in the session only, encrypted; nothing changes for the account.
"""

from flask import Response
from flask import abort
from flask import session

from screener import clock
from screener.auth import totp as second_factor
from screener.auth.context import office
from screener.auth.forms import NewSecondFactorForm
from screener.auth.forms import ResumeForm
from screener.auth.rendering import draw
from screener.db import writing
from screener.staff import accounts
from screener.staff.accounts import By
from screener.staff.models import Account

NEW = "new_totp"
WRONG_CODE = "That code is not right. Wait for the next one in your app, or use a recovery code."


def new_secret() -> None:
    """Begin: the session carries a new secret."""
    session[NEW] = office().codes.generate_totp_secret()


def set_up_page(account: Account, base: str, form: NewSecondFactorForm) -> Response:
    """The picture, the secret in letters, and the field for the first code; *base* is where it is posted."""
    if NEW not in session:
        new_secret()
    return draw(
        "staff/second_factor.html",
        422 if form.errors else 200,
        form=form,
        action=f"{base}/second-factor",
        picture=f"{base}/second-factor.svg",
        secret=office().codes.get_totp_pretty_key(session[NEW]),
        changing=bool(account.tf_totp_secret),
    )


def picture(account: Account | None) -> Response:
    """The picture of the secret that is being set up."""
    if account is None or NEW not in session:
        abort(404)
    return Response(office().codes.drawn(account, session[NEW]), mimetype="image/svg+xml")


def set_up(account: Account, form: NewSecondFactorForm) -> list[str] | None:
    """Keep the new second factor if the code in *form* proves it; gives the recovery codes, to be shown this once."""
    if not form.validate():
        return None
    secret: str = session.get(NEW, "")
    step = office().codes.step_of(secret, second_factor.typed(form.code.data)) if secret else None
    if step is None:
        form.add_error(WRONG_CODE, "code")
        return None
    codes = office().codes.recovery_codes()
    with writing(office().store) as connection:
        factor = accounts.SecondFactor(secret, step, hashes(codes))
        accounts.set_second_factor(connection, account, factor, by=By("desk", account.email), at=clock.now())
    session.pop(NEW)
    return codes


def recovery_codes_page(codes: list[str], held: str) -> Response:
    """The new recovery codes, shown once; *held* is what to go on with after them."""
    form = ResumeForm(formdata=None, data={"held": held})
    return draw("staff/recovery_codes.html", codes=codes, form=form)


def hashes(codes: list[str]) -> list[str]:
    """What the store keeps of *codes*."""
    return [second_factor.hashed(office().keys.recovery, code) for code in codes]
