"""Sessions of the desk in the store: insert, look up, list, end and remove their rows.

A row is found by the hash of an id that stands in the cookie and nowhere else. Ending one empties its seal, so that
writing to the store does not revive it.
"""

import hashlib
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from screener.staff.models import Account
from screener.staff.models import DeskSession

#: A session ends after this long without a request, and after its lifetime in any case.
IDLE_TIMEOUT = timedelta(hours=1)
SESSION_LIFETIME = timedelta(hours=12)
#: How long the row of a session stays, counted from its beginning.
KEPT_FOR = 2 * SESSION_LIFETIME

_TABLE: Any = DeskSession.__table__


def hash_session_id(session_id: str) -> str:
    """The hash (SHA-256) under which the store keeps a session; the id is random, so it needs no key."""
    return hashlib.sha256(b"screener session\0" + session_id.encode()).hexdigest()


def find_session(connection: sa.Connection, id_hash: str) -> tuple[DeskSession, Account] | None:
    """The session that did not end and its account, both detached; None when there is none. One read, by two keys."""
    query = (
        sa.select(DeskSession, Account)
        .join(Account, Account.id == DeskSession.account_id)
        .where(DeskSession.id_hash == id_hash, DeskSession.ended_at.is_(None))
    )
    with orm.Session(connection, expire_on_commit=False) as reader:
        row = reader.execute(query).first()
        reader.expunge_all()
        return (row[0], row[1]) if row else None


def list_open_sessions(connection: sa.Connection, account_id: str, *, at: datetime) -> list[sa.Row[Any]]:
    """The sessions in which *account_id* is signed in at the time *at*, the newest first."""
    return list(
        connection.execute(
            sa.select(_TABLE)
            .where(
                _TABLE.c.account_id == account_id,
                _TABLE.c.ended_at.is_(None),
                _TABLE.c.proven_at.is_not(None),
                _TABLE.c.begun_at > at - SESSION_LIFETIME,
                _TABLE.c.seen_at > at - IDLE_TIMEOUT,
            )
            .order_by(_TABLE.c.begun_at.desc(), _TABLE.c.id_hash)
        )
    )


def end_session(connection: sa.Connection, account_id: str, id_hash: str, *, at: datetime) -> int:
    """End one session of an account; 0 when it has no such session, or it ended already."""
    return _end(connection, sa.and_(_TABLE.c.account_id == account_id, _TABLE.c.id_hash == id_hash), at)


def end_account_sessions(connection: sa.Connection, account_id: str, *, at: datetime, but: str = "") -> int:
    """End every session of an account, except the one under the hash *but*; returns how many."""
    return _end(connection, sa.and_(_TABLE.c.account_id == account_id, _TABLE.c.id_hash != but), at)


def end_all_sessions(connection: sa.Connection, *, at: datetime) -> int:
    """End the sessions of all accounts, as after a restore; returns how many."""
    return _end(connection, sa.true(), at)


def remove_old_sessions(connection: sa.Connection, *, at: datetime) -> int:
    """Remove the rows of sessions that began longer than *KEPT_FOR* ago; returns how many."""
    return connection.execute(sa.delete(_TABLE).where(_TABLE.c.begun_at < at - KEPT_FOR)).rowcount


def _end(connection: sa.Connection, which: sa.ColumnElement[bool], at: datetime) -> int:
    ended = {"ended_at": at, "seal": "", "new_totp": None}
    return connection.execute(sa.update(_TABLE).where(which, _TABLE.c.ended_at.is_(None)).values(ended)).rowcount
