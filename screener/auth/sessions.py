"""What a browser holds while somebody works: a signed cookie that dies when the account says so.

A session begins anew, with nothing of what was before, when the password was right, and once more when the second
factor was. Between the two it is *half* a session, which opens nothing but the page that asks for the code. It carries
the account's current uniquifier; signing out, disabling and resetting change that in the store, and with it every copy
of the cookie is worthless.
"""

from datetime import timedelta
from typing import Any

from flask import current_app
from flask import session
from flask_security import UserDatastore
from flask_security.utils import login_user

from screener import clock
from screener.auth.context import office
from screener.staff.models import Account

#: A session ends after so much quiet, and after so much time in any case.
QUIET = timedelta(hours=1)
LONGEST = timedelta(hours=12)
#: How long the second factor may take.
HALF = timedelta(minutes=10)
#: How long a password or code that was just given stands for what wants a fresh one.
FRESH = timedelta(minutes=10)
#: The cookie is written again at most this often.
SEEN_EVERY = timedelta(minutes=1)


def _now() -> float:
    return clock.now().timestamp()


def _since(name: str) -> timedelta:
    """How long ago the session noted *name*; for ever, if it did not."""
    noted = session.get(name)
    if not isinstance(noted, int | float):
        return timedelta.max
    return abs(timedelta(seconds=_now() - noted))


def begin_half(account: Account) -> None:
    """The password was right."""
    session.clear()
    session.update(half=account.fs_uniquifier, half_at=_now())


def half() -> Account | None:
    """Who owes the second factor in this session."""
    uniquifier = session.get("half")
    if not uniquifier or _since("half_at") > HALF:
        return None
    datastore: UserDatastore = current_app.extensions["security"].datastore
    found = datastore.find_user(fs_uniquifier=uniquifier)
    return found if isinstance(found, Account) and found.active else None


def begin(account: Account, *, second: bool) -> None:
    """Somebody is in: *second* says whether a second factor was given."""
    session.clear()
    login_user(account, remember=False)
    session.update(second=second, began=_now(), seen=_now(), fs_paa=_now())


def known(uniquifier: str, datastore: Any) -> Account | None:
    """Whose session this is; nobody's when it is too old, or when the deployment wants more than it was begun with."""
    if _since("began") > LONGEST or _since("seen") > QUIET:
        return None
    if office().strict and not session.get("second"):
        return None
    found = datastore.find_user(fs_uniquifier=str(uniquifier))
    if found is None or not found.active:
        return None
    if _since("seen") > SEEN_EVERY:
        session["seen"] = _now()
    return found if isinstance(found, Account) else None


def is_fresh() -> bool:
    """Whether a password or a code was given a short while ago."""
    return _since("fs_paa") <= FRESH


def freshen() -> None:
    """A password or a code was given just now."""
    session["fs_paa"] = _now()


def carry_on(uniquifier: str, *, second: bool | None = None) -> None:
    """This session goes on while all others of the account have just been ended; *second* if it proved one now."""
    session["_user_id"] = uniquifier
    if second is not None:
        session["second"] = second
