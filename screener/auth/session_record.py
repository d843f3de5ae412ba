"""The stored record of a session: begun, looked up with its account, changed and ended, each time under its seal.

The cookie holds a random id, the store its hash and a seal: an HMAC over the row under the id and a key of the desk.
So neither a stolen store nor a stolen key makes a session, and a row that was written or changed past the desk is
refused, ended, and named in the audit trail.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from screener import clock
from screener.auth.context import auth_context
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.staff.accounts import AuditActor
from screener.staff.models import Account
from screener.staff.models import DeskSession
from screener.staff.sessions import IDLE_TIMEOUT
from screener.staff.sessions import SESSION_LIFETIME
from screener.staff.sessions import end_session
from screener.staff.sessions import find_session
from screener.staff.sessions import hash_session_id

#: How long after the password the second factor may come.
SECOND_FACTOR_TIMEOUT = timedelta(minutes=10)
#: *seen* is written at most this often.
ACTIVITY_INTERVAL = timedelta(minutes=1)
#: The columns under the seal, in its order.
SEALED_COLUMNS = ("id_hash", "account_id", "begun_at", "seen_at", "proven_at", "second_factor", "new_totp")
_TABLE: Any = DeskSession.__table__


@dataclass(frozen=True)
class SessionRecord:
    """A session of which this request has the id: its row, as it was read or written last, and its account."""

    session_id: str = field(repr=False)
    row: Mapping[str, Any]
    account: Account

    @property
    def is_signed_in(self) -> bool:
        """Whether the sign-in is complete; before that, the second factor is still to come."""
        return self.row["proven_at"] is not None


def load_session_record(session_id: str) -> SessionRecord | None:
    """The session of *session_id* with its account: one read. None unless it may still be used.

    That is: not ended, idle or too old, its account active, its second factor given where one is required, its seal
    right. Raises *UnavailableError*.
    """
    with reading(auth_context().store) as connection:
        found = find_session(connection, hash_session_id(session_id))
    if found is None:
        return None
    row, account = _sealed_values(found[0]), found[1]
    if not hmac.compare_digest(found[0].seal, _compute_seal(session_id, row)):
        _refuse_changed_session(row, account)
        return None
    record = SessionRecord(session_id, row, account)
    return _note_activity(record) if _may_be_used(record) else None


def _may_be_used(record: SessionRecord) -> bool:
    row = record.row
    if not record.account.active or age_of(row["begun_at"]) > SESSION_LIFETIME or age_of(row["seen_at"]) > IDLE_TIMEOUT:
        return False
    if not record.is_signed_in:
        return age_of(row["begun_at"]) <= SECOND_FACTOR_TIMEOUT
    return bool(row["second_factor"]) or not auth_context().requires_second_factor


def age_of(moment: datetime | None) -> timedelta:
    """How far *moment* is from now, either way, so that a clock that was put back opens nothing; endless for None."""
    return timedelta.max if moment is None else abs(clock.now() - moment)


def insert_session(connection: sa.Connection, account: Account, *, second_factor: bool | None) -> SessionRecord:
    """Begin a session of *account* under a new id; *second_factor* is None while the sign-in is not complete."""
    session_id, now = secrets.token_urlsafe(32), clock.now()
    row = {
        "id_hash": hash_session_id(session_id),
        "account_id": account.id,
        "begun_at": now,
        "seen_at": now,
        "proven_at": None if second_factor is None else now,
        "second_factor": bool(second_factor),
        "new_totp": None,
    }
    connection.execute(sa.insert(_TABLE).values(**row, seal=_compute_seal(session_id, row)))
    return SessionRecord(session_id, row, account)


def update_session(connection: sa.Connection, record: SessionRecord, **changes: Any) -> SessionRecord:
    """Change columns of a session, under a new seal; one that ended meanwhile stays as it is.

    The row is read again and locked, because two requests of one session may change it at once.
    """
    query = sa.select(_TABLE).where(_TABLE.c.id_hash == record.row["id_hash"], _TABLE.c.ended_at.is_(None))
    found = connection.execute(query.with_for_update()).first()
    if found is None:
        return record
    row = _sealed_values(found)
    if not hmac.compare_digest(found.seal, _compute_seal(record.session_id, row)):
        return record
    row |= changes
    seal = _compute_seal(record.session_id, row)
    connection.execute(sa.update(_TABLE).where(_TABLE.c.id_hash == row["id_hash"]).values(**changes, seal=seal))
    return SessionRecord(record.session_id, row, record.account)


def _note_activity(record: SessionRecord) -> SessionRecord:
    """Write when the session was seen, at most once in *ACTIVITY_INTERVAL*."""
    if age_of(record.row["seen_at"]) <= ACTIVITY_INTERVAL:
        return record
    try:
        with writing(auth_context().store) as connection:
            return update_session(connection, record, seen_at=clock.now())
    except UnavailableError:
        # A store that can only be read is still read; the session just becomes idle sooner.
        return record


def _refuse_changed_session(row: Mapping[str, Any], account: Account) -> None:
    """End a session whose row does not fit its seal; the audit event says so once."""
    with writing(auth_context().store) as connection:
        if end_session(connection, account.id, row["id_hash"], at=clock.now()):
            actor = AuditActor("desk", account.email)
            actor.record_event(connection, "session_refused", account.email, clock.now())


def _sealed_values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SEALED_COLUMNS}


def _compute_seal(session_id: str, row: Mapping[str, Any]) -> str:
    values = [row[name] for name in SEALED_COLUMNS]
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values])
    return hmac.digest(auth_context().keys.session_row, f"{session_id}\0{text}".encode(), "sha256").hex()
