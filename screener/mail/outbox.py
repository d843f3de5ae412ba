"""The letters that are owed, and what becomes of them: a transactional outbox.

A letter about a form is owed in the transaction that makes it true: there is none without a submission and no
submission without one. It is marked as sent after the post took it: a worker that dies in between sends it again, with
the same Message-ID. One letter a person in ten minutes, however many submissions it tells of: a flood must not become
a flood of mail. A warning that an approval ends is a letter of its own, and ``expiry`` owes it.
"""

import random
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener import audit
from screener.db import reading
from screener.db import serialize_transactions
from screener.db import writing
from screener.mail.models import ARRIVED
from screener.mail.models import Letter
from screener.staff.models import Account

ACTOR = "worker"
#: Between two letters to one person.
APART = timedelta(minutes=10)
#: How long a sender has a letter to itself; longer than any server is waited for.
LEASE = timedelta(minutes=3)
#: Before the second try; doubled each time, up to the longest, and moved by chance so that many do not come at once.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
#: After this a letter is given up, and stands at the desk.
GIVEN_UP_AFTER = timedelta(hours=24)
#: What stands for a fault at a letter that nobody should get any more: the person left, or there is a new approval.
WITHDRAWN = "account disabled"
RENEWED = "approval renewed"
#: How long a letter that was given up stands at the desk, and how many of them do.
SHOWN_FOR = timedelta(days=7)
MOST_SHOWN = 5

_OPEN = sa.and_(Letter.sent_at.is_(None), Letter.dead_at.is_(None))


@dataclass(frozen=True)
class Owed:
    """A letter that is to be sent now, and to whom."""

    id: str
    to: str
    reference: str
    number: int
    owed_at: datetime
    #: This one included.
    attempts: int
    kind: str = ARRIVED
    #: Of a warning: the approval that ends.
    locale: str | None = None
    wording_version: str | None = None
    last_day: date | None = None


_OWED = tuple(name for name in Owed.__dataclass_fields__ if name != "to")


@dataclass(frozen=True)
class Dead:
    """A letter that was given up: whose it was, when, and the kind of the last fault."""

    to: str
    at: datetime
    fault: str


@dataclass(frozen=True)
class Standing:
    """How the post stands, for the desk."""

    #: The last ones of *SHOWN_FOR*, the newest first.
    dead: tuple[Dead, ...]
    #: When the oldest letter was owed that is neither sent nor dead.
    oldest_unsent: datetime | None


def owe(connection: sa.Connection, account_id: str, reference: str, *, at: datetime) -> None:
    """Owe *account_id* a letter about *reference*; it joins one about forms that waits and was never tried."""
    serialize_transactions(connection, "letter")
    theirs = sa.and_(Letter.account_id == account_id, Letter.kind == ARRIVED)
    joins = sa.and_(_OPEN, theirs, Letter.attempts == 0)
    if connection.execute(sa.update(Letter).where(joins).values(number=Letter.number + 1, reference="")).rowcount:
        return
    last = connection.scalar(sa.select(sa.func.max(Letter.due_at)).where(theirs))
    connection.execute(
        sa.insert(Letter).values(
            account_id=account_id,
            reference=reference,
            number=1,
            owed_at=at,
            due_at=max(at, last + APART) if last else at,
        )
    )


def withdraw(engine: sa.Engine, *, at: datetime) -> int:
    """Give up what is owed to people who do not work here any more; returns how many letters that were.

    What the letters told of went to somebody else when the account was disabled.
    """
    gone = sa.and_(_OPEN, Letter.account_id.in_(sa.select(Account.id).where(~Account.active)))
    with reading(engine) as connection:
        if connection.scalar(sa.select(Letter.id).where(gone).limit(1)) is None:
            return 0
    with writing(engine) as connection:
        return connection.execute(sa.update(Letter).where(gone).values(dead_at=at, fault=WITHDRAWN)).rowcount


def lease(engine: sa.Engine, *, at: datetime, limit: int) -> list[Owed]:
    """Up to *limit* letters that are due, the oldest first; nobody else gets them for a while."""
    due = (
        sa.select(Account.email.label("to"), *(getattr(Letter, name) for name in _OWED))
        .join(Account, Account.id == Letter.account_id)
        .where(
            _OPEN, Account.active, Letter.due_at <= at, sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= at)
        )
        .order_by(Letter.due_at, Letter.id)
        .limit(limit)
    )
    with reading(engine) as connection:
        if connection.execute(due.with_only_columns(Letter.id).limit(1)).first() is None:
            return []
    with writing(engine) as connection:
        found = connection.execute(due.with_for_update(skip_locked=True, of=Letter)).all()
        ids = [row.id for row in found]
        connection.execute(
            sa.update(Letter).where(Letter.id.in_(ids)).values(leased_until=at + LEASE, attempts=Letter.attempts + 1)
        )
    return [Owed(**{**row._mapping, "attempts": row.attempts + 1}) for row in found]


def mark_sent(engine: sa.Engine, letter: Owed, *, at: datetime) -> None:
    """The post took *letter*."""
    with writing(engine) as connection:
        _mark(connection, letter, sent_at=at, leased_until=None, fault="")
        _tell(connection, "worker:letter:sent", letter, at=at)


def mark_failed(engine: sa.Engine, letter: Owed, fault: str, *, at: datetime, for_good: bool) -> None:
    """The post did not take *letter*: it is tried later, or it is dead *for_good* or after a day."""
    with writing(engine) as connection:
        if for_good or at - letter.owed_at >= GIVEN_UP_AFTER:
            _mark(connection, letter, dead_at=at, leased_until=None, fault=fault)
            _tell(connection, "worker:letter:given_up", letter, at=at, fault=fault)
            return
        _mark(connection, letter, due_at=at + wait_after(letter.attempts), leased_until=None, fault=fault)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, and between half and all of it."""
    longest: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - it only spreads the tries


def standing(connection: sa.Connection, *, now: datetime) -> Standing:
    """Letters that were given up lately, and since when the oldest of the others waits."""
    lately = Letter.sent_at.is_(None), Letter.dead_at >= now - SHOWN_FOR, Letter.fault.not_in((WITHDRAWN, RENEWED))
    query = (
        sa.select(Account.name, Letter.dead_at, Letter.fault)
        .join(Account, Account.id == Letter.account_id)
        .where(*lately)
        .order_by(Letter.dead_at.desc())
        .limit(MOST_SHOWN)
    )
    dead = tuple(Dead(row.name, row.dead_at, row.fault) for row in connection.execute(query) if row.dead_at)
    return Standing(dead, connection.scalar(sa.select(sa.func.min(Letter.owed_at)).where(_OPEN)))


def unsent(engine: sa.Engine) -> int:
    """How many letters are neither sent nor dead."""
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Letter).where(_OPEN)) or 0


def _mark(connection: sa.Connection, letter: Owed, **changes: object) -> None:
    connection.execute(sa.update(Letter).where(Letter.id == letter.id).values(changes))


def _tell(connection: sa.Connection, action: str, letter: Owed, *, at: datetime, **more: str) -> None:
    told = {name: getattr(letter, name) for name in ("to", "kind", "number", "attempts")}
    detail: dict[str, str | int] = {**told, **more}
    audit.record(connection, actor=ACTOR, action=action, subject=letter.id, detail=detail, at=at)
