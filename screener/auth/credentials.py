"""Authenticate an account by its password and by its second factor, and record each result in the audit trail.

An unknown email address takes the same steps as a known one: the same statements, the same password hashing, the same
answer. The network address of a sign-in is neither read nor kept here.
"""

from screener import clock
from screener.auth import flask_security
from screener.auth import lockout
from screener.auth import totp
from screener.auth.context import auth_context
from screener.db import writing
from screener.staff.accounts import AuditActor
from screener.staff.accounts import find_account
from screener.staff.models import Account
from screener.typed_text import normalize_code
from screener.typed_text import normalize_email

#: The actor of a refused sign-in with an address that no account has.
UNKNOWN_ACCOUNT = "somebody"


def check_password(email: str, password: str) -> Account | None:
    """The account that *email* and *password* belong to; None for everything else, a locked account too."""
    now, address = clock.now(), normalize_email(email)
    with writing(auth_context().store) as connection:
        allowed = lockout.register_attempt(connection, Account.email == address, at=now)
        account = find_account(connection, Account.email == address)
    expected = account.password if account and account.password else auth_context().unmatched_hash
    correct = flask_security.is_password_correct(password, expected)
    if not (correct and allowed and account and account.password and account.active and account.confirmed_at):
        account_email = account.email if account else ""
        with writing(auth_context().store) as connection:
            AuditActor("desk", account_email or UNKNOWN_ACCOUNT).record_event(
                connection, "refused", account_email, now, {"step": "password"}
            )
        return None
    with writing(auth_context().store) as connection:
        lockout.release_attempt(connection, account.id)
    return account


def check_code(account: Account, typed: str) -> bool:
    """Whether *typed* is an unused code of the app or an unused recovery code of *account*; it is used up by this."""
    code = normalize_code(typed)
    with writing(auth_context().store) as connection:
        allowed = lockout.register_attempt(connection, Account.id == account.id, at=clock.now())
    if allowed and totp.TOTP_CODE.fullmatch(code):
        correct, detail = auth_context().one_time_codes.verify_once(account, code), {"with": "code"}
    else:
        correct, detail = False, {"with": "recovery code"}
    with writing(auth_context().store) as connection:
        if allowed and not totp.TOTP_CODE.fullmatch(code):
            left = totp.use_recovery_code(connection, account.id, auth_context().keys.recovery, code)
            correct, detail = left is not None, {**detail, "left": str(left)}
        if correct:
            lockout.reset_attempts(connection, account.id)
        else:
            detail = {"step": "code"}
        verb = "second_factor_given" if correct else "refused"
        AuditActor("desk", account.email).record_event(connection, verb, account.email, clock.now(), detail)
    return correct


def check_fresh_proof(account: Account, typed: str) -> bool:
    """Whether *typed* is the password or a code of *account*, which is signed in already."""
    if account.tf_totp_secret and totp.TOTP_CODE.fullmatch(normalize_code(typed)):
        return check_code(account, typed)
    return check_password(account.email, typed) is not None
