"""Lockout after ten failed attempts in a row, for 15 minutes: one counter for each known browser, one for all others.

A browser from which an account has signed in fully has a counter of its own, and so does the proof that is asked of a
person who is signed in: guesses from elsewhere lock out neither. All browsers that the account does not know share the
counter of the account; after *MAX_IN_A_ROW* it opens only with a new sign-in link.

An attempt is counted before anything is compared, by statements that lock its row, so that a thousand guesses sent at
once count like a thousand guesses one after the other. A correct password gives its own attempt back and no more: the
count starts anew only with a correct second factor, or else a known password would allow unlimited guesses at codes.
Source of the most failed attempts in a row: NIST SP 800-63B, 5.2.2.
"""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener.db import UtcDateTime
from screener.staff.models import Account
from screener.staff.models import AttemptCounter

MAX_FAILED_ATTEMPTS = 10
LOCKOUT = timedelta(minutes=15)
#: Failed attempts in a row, those during a lockout too, after which a browser that is not known needs a new link.
MAX_IN_A_ROW = 100
#: A known browser that was not used for this long is unknown again.
KNOWN_BROWSER_LIFETIME = timedelta(days=400)


@dataclass(frozen=True)
class Counter:
    """The row that counts the attempts of one browser, of all other browsers, or of fresh proofs."""

    table: type[Account] | type[AttemptCounter]
    criterion: sa.ColumnElement[bool]
    #: Whether *MAX_IN_A_ROW* closes it.
    closes: bool = False


def find_counter(connection: sa.Connection, key: bytes, email: str, account_id: str, browser_id: str) -> Counter:
    """The counter for sign-ins as *email* from *browser_id*; the same statements for an address that no account has."""
    key_hash = _hash_pair(key, "browser", account_id, browser_id)
    known = AttemptCounter.key_hash == key_hash
    if connection.scalar(sa.select(AttemptCounter.key_hash).where(known)) is not None:
        return Counter(AttemptCounter, known)
    return Counter(Account, Account.email == email, closes=True)


def add_known_browser(connection: sa.Connection, key: bytes, account_id: str, browser_id: str, *, at: datetime) -> None:
    """Note that *account_id* has signed in fully from *browser_id*; the store keeps a keyed hash of the two."""
    connection.execute(sa.delete(AttemptCounter).where(AttemptCounter.used_at < at - KNOWN_BROWSER_LIFETIME))
    _add_counter(connection, _hash_pair(key, "browser", account_id, browser_id), at=at)


def open_proof_counter(connection: sa.Connection, key: bytes, account_id: str, *, at: datetime) -> Counter:
    """The counter for the fresh proofs of *account_id*, who is signed in; begun where there is none."""
    return _add_counter(connection, _hash_pair(key, "proof", account_id, ""), at=at)


def _add_counter(connection: sa.Connection, key_hash: str, *, at: datetime) -> Counter:
    same = AttemptCounter.key_hash == key_hash
    used = connection.execute(sa.update(AttemptCounter).where(same).values(used_at=at))
    if not used.rowcount:
        row = {"key_hash": key_hash, "failures": 0, "failures_in_a_row": 0, "used_at": at}
        # Another request of this browser may add it at the same moment.
        with suppress(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sa.insert(AttemptCounter).values(row))
    return Counter(AttemptCounter, same)


def _hash_pair(key: bytes, kind: str, account_id: str, browser_id: str) -> str:
    return hmac.digest(key, f"{kind}\0{account_id}\0{browser_id}".encode(), "sha256").hex()


def register_attempt(connection: sa.Connection, counter: Counter, *, at: datetime) -> bool:
    """Count an attempt; False when the counter is locked, or when there is no such row."""
    table = counter.table
    connection.execute(sa.update(table).where(counter.criterion).values(failures_in_a_row=table.failures_in_a_row + 1))
    unlocked = sa.or_(table.failures < MAX_FAILED_ATTEMPTS, table.locked_until <= at)
    if counter.closes:
        unlocked = sa.and_(unlocked, table.failures_in_a_row <= MAX_IN_A_ROW)
    is_last = table.failures == MAX_FAILED_ATTEMPTS - 1
    counted = connection.execute(
        sa.update(table)
        .where(counter.criterion, unlocked)
        .values(
            failures=sa.case((table.failures >= MAX_FAILED_ATTEMPTS, 1), else_=table.failures + 1),
            locked_until=sa.case((is_last, sa.literal(at + LOCKOUT, UtcDateTime)), else_=sa.null()),
        )
    )
    return bool(counted.rowcount)


def release_attempt(connection: sa.Connection, counter: Counter) -> None:
    """Take back one counted attempt: the password was correct."""
    table = counter.table
    less = {
        name: sa.case((getattr(table, name) > 0, getattr(table, name) - 1), else_=0)
        for name in ("failures", "failures_in_a_row")
    }
    connection.execute(sa.update(table).where(counter.criterion).values(**less, locked_until=None))


def reset_attempts(connection: sa.Connection, counter: Counter) -> None:
    """Forget all failed attempts of *counter*: the sign-in or the proof is complete."""
    values = {"failures": 0, "failures_in_a_row": 0, "locked_until": None}
    connection.execute(sa.update(counter.table).where(counter.criterion).values(values))


def count_in_a_row(connection: sa.Connection, counter: Counter) -> int:
    """Failed attempts since the last complete sign-in or proof; 0 where there is no such row."""
    return connection.scalar(sa.select(counter.table.failures_in_a_row).where(counter.criterion)) or 0
