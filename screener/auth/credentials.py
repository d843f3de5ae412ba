"""Whether somebody is who they say: what is compared, in which order, and what is written down of it.

A name that nobody has takes the same steps as a known one: the same statements, the same stretching of the password,
the same sentence. Where somebody signs in from is never asked and never kept.
"""

from screener import clock
from screener.auth import flask_security as library
from screener.auth import lockout as tries
from screener.auth import totp as second_factor
from screener.auth.context import office
from screener.auth.totp import FROM_APP
from screener.auth.totp import use_recovery_code
from screener.db import writing
from screener.staff.accounts import By
from screener.staff.accounts import find
from screener.staff.models import Account

NOBODY = "somebody"


def by_password(email: str, password: str) -> Account | None:
    """The account that *email* and *password* open the first door of; every other answer is None."""
    # PostgreSQL keeps no zero byte: an address with one is nobody's.
    now, called = clock.now(), email.strip().lower().replace("\0", "\N{REPLACEMENT CHARACTER}")
    with writing(office().store) as connection:
        may = tries.take(connection, Account.email == called, at=now)
        found = find(connection, Account.email == called)
    kept = found.password if found and found.password else office().nobody
    right = library.fits(password, kept)
    let_in = found if right and may and found and found.password and found.active and found.confirmed_at else None
    with writing(office().store) as connection:
        if let_in:
            tries.give_back(connection, let_in.id)
        else:
            known = found.email if found else NOBODY
            By("desk", known).notes(connection, "refused", found.email if found else "", now, {"step": "password"})
    return let_in


def by_code(account: Account, typed: str) -> bool:
    """Whether *typed* is a code of the app that was not used yet, or a recovery code; one is used up by this."""
    code = second_factor.typed(typed)
    with writing(office().store) as connection:
        may = tries.take(connection, Account.id == account.id, at=clock.now())
    if may and FROM_APP.fullmatch(code):
        good, detail = office().codes.takes(account, code), {"with": "code"}
    else:
        good, detail = False, {"with": "recovery code"}
    with writing(office().store) as connection:
        if may and not FROM_APP.fullmatch(code):
            left = use_recovery_code(connection, account.id, office().keys.recovery, code)
            good, detail = left is not None, {**detail, "left": str(left)}
        if good:
            tries.forgive(connection, account.id)
        else:
            detail = {"step": "code"}
        verb = "second_factor_given" if good else "refused"
        By("desk", account.email).notes(connection, verb, account.email, clock.now(), detail)
    return good


def prove_again(account: Account, typed: str) -> bool:
    """Whether somebody who is signed in proves it once more, with their password or a code."""
    if account.tf_totp_secret and FROM_APP.fullmatch(second_factor.typed(typed)):
        return by_code(account, typed)
    return by_password(account.email, typed) is not None
