"""Authenticate an account by its password and by its second factor, and record each result in the audit trail.

An unknown email address takes the same steps as a known one: the same statements, the same password hashing, the same
answer. The network address of a sign-in is neither read nor kept here.
"""

import sqlalchemy as sa

from screener import clock
from screener.auth import flask_security
from screener.auth import lockout
from screener.auth import totp
from screener.auth.context import auth_context
from screener.auth.known_browser import read_browser_id
from screener.auth.lockout import Counter
from screener.db import writing
from screener.mail.account_warnings import warn_of_failed_attempts
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
        account = find_account(connection, Account.email == address)
        counter = _find_counter(connection, address, account)
        allowed = lockout.register_attempt(connection, counter, at=now)
    return _compare_password(account, password, counter, allowed=allowed)


def check_code(account: Account, typed: str) -> bool:
    """Whether *typed* is an unused code of the app or an unused recovery code of *account*; it is used up by this."""
    with writing(auth_context().store) as connection:
        counter = _find_counter(connection, account.email, account)
        allowed = lockout.register_attempt(connection, counter, at=clock.now())
    return _compare_code(account, typed, counter, allowed=allowed)


def check_fresh_proof(account: Account, typed: str) -> bool:
    """Whether *typed* is the password or a code of *account*, which is signed in; its attempts are counted apart."""
    now = clock.now()
    with writing(auth_context().store) as connection:
        counter = lockout.open_proof_counter(connection, auth_context().keys.browser, account.id, at=now)
        allowed = lockout.register_attempt(connection, counter, at=now)
    if account.tf_totp_secret and totp.TOTP_CODE.fullmatch(normalize_code(typed)):
        return _compare_code(account, typed, counter, allowed=allowed)
    return _compare_password(account, typed, counter, allowed=allowed) is not None


def _find_counter(connection: sa.Connection, email: str, account: Account | None) -> Counter:
    key, account_id = auth_context().keys.browser, account.id if account else ""
    return lockout.find_counter(connection, key, email, account_id, read_browser_id())


def _compare_password(account: Account | None, password: str, counter: Counter, *, allowed: bool) -> Account | None:
    expected = account.password if account and account.password else auth_context().unmatched_hash
    correct = flask_security.is_password_correct(password, expected)
    with writing(auth_context().store) as connection:
        if not (correct and allowed and account and account.password and account.active and account.confirmed_at):
            _record_refusal(connection, account, counter, step="password")
            return None
        lockout.release_attempt(connection, counter)
    return account


def _compare_code(account: Account, typed: str, counter: Counter, *, allowed: bool) -> bool:
    code = normalize_code(typed)
    if allowed and totp.TOTP_CODE.fullmatch(code):
        correct, detail = auth_context().one_time_codes.verify_once(account, code), {"with": "code"}
    else:
        correct, detail = False, {"with": "recovery code"}
    with writing(auth_context().store) as connection:
        if allowed and not totp.TOTP_CODE.fullmatch(code):
            left = totp.use_recovery_code(connection, account.id, auth_context().keys.recovery, code)
            correct, detail = left is not None, {**detail, "left": str(left)}
        if not correct:
            _record_refusal(connection, account, counter, step="code")
            return False
        lockout.reset_attempts(connection, counter)
        actor = AuditActor("desk", account.email)
        actor.record_event(connection, "second_factor_given", account.email, clock.now(), detail)
    return True


def _record_refusal(connection: sa.Connection, account: Account | None, counter: Counter, *, step: str) -> None:
    email, now = account.email if account else "", clock.now()
    AuditActor("desk", email or UNKNOWN_ACCOUNT).record_event(connection, "refused", email, now, {"step": step})
    in_a_row = lockout.count_in_a_row(connection, counter)
    if account and in_a_row:
        warn_of_failed_attempts(connection, account, in_a_row, at=now)
