"""The session of a person who is signed in: a signed cookie that ends when the account says so.

A session begins anew, with nothing of what was before, when the password was correct, and once more when the second
factor was. Between the two it is pending, and opens nothing but the page that asks for the code. It carries the
account's current uniquifier; signing out, disabling and resetting change that in the store, and with it every copy of
the cookie is worthless.
"""

from datetime import timedelta
from typing import Any

from flask import current_app
from flask import session
from flask_security import UserDatastore
from flask_security.utils import login_user

from screener import clock
from screener.auth.context import auth_context
from screener.staff.models import Account

#: A session ends after this long without a request, and after its lifetime in any case.
IDLE_TIMEOUT = timedelta(hours=1)
SESSION_LIFETIME = timedelta(hours=12)
#: How long after the password the second factor may come.
SECOND_FACTOR_TIMEOUT = timedelta(minutes=10)
#: How long a password or a code counts as a fresh sign-in.
FRESH_SIGN_IN_AGE = timedelta(minutes=10)
#: The cookie is written again at most this often.
ACTIVITY_INTERVAL = timedelta(minutes=1)


def _now() -> float:
    return clock.now().timestamp()


def _age(name: str) -> timedelta:
    """How long ago the session noted *name*; endless when it did not."""
    noted = session.get(name)
    if not isinstance(noted, int | float):
        return timedelta.max
    return abs(timedelta(seconds=_now() - noted))


def begin_pending_session(account: Account) -> None:
    """Begin the session between a correct password and the second factor."""
    session.clear()
    session.update(half=account.fs_uniquifier, half_at=_now())


def load_pending_account() -> Account | None:
    """The account whose second factor is still to come in this session."""
    uniquifier = session.get("half")
    if not uniquifier or _age("half_at") > SECOND_FACTOR_TIMEOUT:
        return None
    datastore: UserDatastore = current_app.extensions["security"].datastore
    found = datastore.find_user(fs_uniquifier=uniquifier)
    return found if isinstance(found, Account) and found.active else None


def begin_session(account: Account, *, second: bool) -> None:
    """Sign *account* in; *second* says whether a second factor was checked."""
    session.clear()
    login_user(account, remember=False)
    session.update(second=second, began=_now(), seen=_now(), fs_paa=_now())


def load_session_account(uniquifier: str, datastore: Any) -> Account | None:
    """The account of this session; None when the session is too old, or began without a factor that is required now."""
    if _age("began") > SESSION_LIFETIME or _age("seen") > IDLE_TIMEOUT:
        return None
    if auth_context().requires_second_factor and not session.get("second"):
        return None
    found = datastore.find_user(fs_uniquifier=str(uniquifier))
    if found is None or not found.active:
        return None
    if _age("seen") > ACTIVITY_INTERVAL:
        session["seen"] = _now()
    return found if isinstance(found, Account) else None


def is_fresh_sign_in() -> bool:
    """Whether a password or a code was checked within *FRESH_SIGN_IN_AGE*."""
    return _age("fs_paa") <= FRESH_SIGN_IN_AGE


def mark_fresh_sign_in() -> None:
    """Note that a password or a code was checked just now."""
    session["fs_paa"] = _now()


def continue_session(uniquifier: str, *, second: bool | None = None) -> None:
    """Keep this session after all sessions of the account were ended; *second* if it proved a second factor now."""
    session["_user_id"] = uniquifier
    if second is not None:
        session["second"] = second
