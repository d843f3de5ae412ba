"""The session of this request: begin it, prove it afresh, end it.

A session begins anew, under another id, when the password was correct, and once more when the second factor was.
Between the two it is pending, and opens nothing but the page that asks for the code. What is written here is written
in the caller's transaction, beside the audit event.
"""

from datetime import timedelta
from typing import cast

import sqlalchemy as sa
from flask import session
from flask_login import login_user

from screener import clock
from screener.auth.context import auth_context
from screener.auth.session_interface import StaffSession
from screener.auth.session_record import SessionRecord
from screener.auth.session_record import age_of
from screener.auth.session_record import insert_session
from screener.auth.session_record import update_session
from screener.db import writing
from screener.staff.models import Account
from screener.staff.sessions import end_account_sessions
from screener.staff.sessions import end_session

#: How long a password or a code counts as a fresh sign-in.
FRESH_SIGN_IN_AGE = timedelta(minutes=10)


def begin_pending_session(account: Account) -> None:
    """Begin the session between a correct password and the second factor. Raises *UnavailableError*."""
    with writing(auth_context().store) as connection:
        _begin(connection, account, second_factor=None)


def begin_session(connection: sa.Connection, account: Account, *, second: bool) -> None:
    """Sign *account* in; *second* says whether a second factor was checked."""
    _begin(connection, account, second_factor=second)
    login_user(account)


def load_pending_account() -> Account | None:
    """The account whose second factor is still to come in this session."""
    record = _session().record
    return record.account if record and not record.is_signed_in else None


def load_session_account() -> Account | None:
    """The account that is signed in with this session."""
    record = _session().record
    return record.account if record and record.is_signed_in else None


def current_session_hash() -> str:
    """The hash under which the store keeps this session; empty before the password."""
    record = _session().record
    return record.row["id_hash"] if record else ""


def is_fresh_sign_in() -> bool:
    """Whether a password or a code was checked within *FRESH_SIGN_IN_AGE*."""
    return age_of(_record().row["proven_at"]) <= FRESH_SIGN_IN_AGE


def mark_fresh_sign_in() -> None:
    """Note that a password or a code was checked just now. Raises *UnavailableError*."""
    with writing(auth_context().store) as connection:
        _update(connection, proven_at=clock.now())


def keep_new_totp_secret(secret: str) -> None:
    """Keep the encrypted TOTP secret that is being set up, until a code has proven it. Raises *UnavailableError*."""
    with writing(auth_context().store) as connection:
        _update(connection, new_totp=secret)


def load_new_totp_secret() -> str:
    """The encrypted TOTP secret that is being set up; empty when none is."""
    record = _session().record
    return (record.row["new_totp"] if record else None) or ""


def mark_second_factor(connection: sa.Connection) -> None:
    """Note that a new second factor was proven in this session, and forget its secret."""
    _update(connection, new_totp=None, second_factor=_record().is_signed_in)


def end_other_sessions(connection: sa.Connection) -> int:
    """End every session of this account but this one; returns how many."""
    return end_account_sessions(connection, _record().account.id, at=clock.now(), but=current_session_hash())


def end_current_session(connection: sa.Connection) -> None:
    """End this session: no copy of its cookie opens anything from here on."""
    _end_record(connection, _session().record)
    session.clear()


def _begin(connection: sa.Connection, account: Account, *, second_factor: bool | None) -> None:
    _end_record(connection, _session().record)
    _session().begin(insert_session(connection, account, second_factor=second_factor))


def _end_record(connection: sa.Connection, record: SessionRecord | None) -> None:
    if record is not None:
        end_session(connection, record.account.id, record.row["id_hash"], at=clock.now())


def _update(connection: sa.Connection, **changes: object) -> None:
    _session().replace(update_session(connection, _record(), **changes))


def _record() -> SessionRecord:
    """The record of this session. Raises *LookupError* when it has none: a view asks for a sign-in first."""
    record = _session().record
    if record is None:
        raise LookupError("this session has no record")
    return record


def _session() -> StaffSession:
    return cast(StaffSession, session._get_current_object())  # type: ignore[attr-defined]
