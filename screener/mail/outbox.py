"""A transactional outbox: messages are enqueued with the change that they report, and leased to be sent.

A message is enqueued in the transaction that makes it true: there is none without a submission and no submission
without one. It is marked as sent after the transport took it: a worker that dies in between sends it again, with the
same Message-ID. A kind with *spacing* is coalesced: many forms must not become many emails.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.db import reading
from screener.db import serialize_transactions
from screener.db import writing
from screener.mail.kinds import MESSAGE_KINDS
from screener.mail.kinds import parse_message
from screener.mail.message import Message
from screener.mail.message import Recipient
from screener.mail.models import QueuedMessage
from screener.staff import directory
from screener.staff.models import Account

ACTOR = "worker"
#: How long a sender has a message to itself; longer than any server is waited for.
LEASE = timedelta(minutes=3)
#: Before the second attempt; doubled each time, up to the longest, with jitter so that many do not come at once.
FIRST_RETRY_DELAY = timedelta(minutes=1)
LONGEST_RETRY_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
#: Faults of messages that are no longer wanted: the recipient left, or there is a new approval. The desk shows neither.
WITHDRAWN = "account disabled"
RENEWED = "approval renewed"
#: How long an undelivered message stands at the desk, and how many of them do.
SHOWN_FOR = timedelta(days=7)
MOST_SHOWN = 5


@dataclass(frozen=True)
class LeasedMessage:
    """A message that this worker is to send now, and the address that it goes to."""

    id: str
    to: str
    kind: str
    facts: dict[str, Any]
    created_at: datetime
    #: This one included.
    attempts: int


@dataclass(frozen=True)
class UndeliveredMessage:
    """A message that was given up: the recipient's name, when, and the kind of the last fault."""

    to: str
    at: datetime
    fault: str


@dataclass(frozen=True)
class OutboxStatus:
    """The state of the outbox, for the desk."""

    #: The last ones of *SHOWN_FOR*, the newest first.
    undelivered: tuple[UndeliveredMessage, ...]
    #: When the oldest message was created that is neither sent nor given up.
    oldest_unsent: datetime | None


def enqueue(connection: sa.Connection, message: Message, recipient_id: str | bytes, *, at: datetime) -> bool:
    """Put *message* into the outbox in the caller's transaction; False when its dedupe key is there already.

    A message of a kind with *spacing* joins one to the same recipient that waits and was never tried.
    """
    serialize_transactions(connection, "outbox")
    key = message.dedupe_key(recipient_id)
    if key is not None and find_dedupe_keys(connection, [key]):
        return False
    column = message.recipient.value
    message = _with_audit_head(connection, message, recipient_id)
    if message.spacing is not None and _coalesce(connection, message, recipient_id):
        return True
    row = {column: recipient_id, "kind": message.kind, "dedupe_key": key, "facts": message.facts(), "created_at": at}
    due_at = _earliest_due(connection, message, recipient_id, at)
    connection.execute(sa.insert(QueuedMessage).values({**row, "due_at": due_at}))
    return True


def _with_audit_head(connection: sa.Connection, message: Message, recipient_id: str | bytes) -> Message:
    """*message* with the head of the audit trail, for a study lead: so that it leaves the store by itself."""
    if not isinstance(recipient_id, str) or not directory.is_study_lead(connection, recipient_id):
        return message
    return message.model_copy(update={"audit_head": audit.read_head(connection)})


def _coalesce(connection: sa.Connection, message: Message, recipient_id: str | bytes) -> bool:
    """Let a message that waits, untried, take up *message*; False when there is none, or its facts are damaged."""
    values = {"recipient_id": recipient_id, "kind": message.kind}
    row = connection.execute(_UNTRIED[message.recipient], values).first()
    if row is None:
        return False
    try:
        merged = parse_message(message.kind, row.facts).merge(message)
        merged = merged.model_copy(update={"audit_head": message.audit_head})
    except ValueError:
        return False
    connection.execute(_SET_FACTS, {"message_id": row.id, "facts": merged.facts()})
    return True


def _earliest_due(connection: sa.Connection, message: Message, recipient_id: str | bytes, at: datetime) -> datetime:
    """*at*, or the kind's *spacing* after the last message of the kind to this recipient."""
    if message.spacing is None:
        return at
    query = sa.select(sa.func.max(QueuedMessage.due_at)).where(_is_alike(message.recipient))
    last = connection.scalar(query, {"recipient_id": recipient_id, "kind": message.kind})
    return max(at, last + message.spacing) if last else at


def find_dedupe_keys(connection: sa.Connection, keys: Sequence[str | None]) -> set[str]:
    """Those of *keys* that are in the outbox."""
    query = sa.select(QueuedMessage.dedupe_key).where(QueuedMessage.dedupe_key.in_(keys))
    return {key for key in connection.scalars(query) if key}


def withdraw_from_disabled_accounts(engine: sa.Engine, *, at: datetime) -> int:
    """Give up what waits for disabled accounts; returns how many messages that were.

    What they reported was handed over to another coordinator when the account was disabled.
    """
    gone = sa.and_(is_waiting(), QueuedMessage.account_id.in_(sa.select(Account.id).where(~Account.active)))
    with reading(engine) as connection:
        if connection.scalar(sa.select(QueuedMessage.id).where(gone).limit(1)) is None:
            return 0
    with writing(engine) as connection:
        change = sa.update(QueuedMessage).where(gone)
        return connection.execute(change.values(given_up_at=at, fault=WITHDRAWN)).rowcount


def lease(engine: sa.Engine, *, at: datetime, limit: int) -> list[LeasedMessage]:
    """Lease up to *limit* messages to accounts that are due, the oldest first; no other worker gets them meanwhile."""
    names = (name for name in LeasedMessage.__dataclass_fields__ if name != "to")
    due = (
        sa.select(Account.email.label("to"), *(getattr(QueuedMessage, name) for name in names))
        .join(Account, Account.id == QueuedMessage.account_id)
        .where(is_waiting(), is_unleased(at), QueuedMessage.due_at <= at)
        .where(Account.active, QueuedMessage.kind.in_(MESSAGE_KINDS))
        .order_by(QueuedMessage.due_at, QueuedMessage.kind, QueuedMessage.id)
        .limit(limit)
    )
    with reading(engine) as connection:
        if connection.execute(due.with_only_columns(QueuedMessage.id).limit(1)).first() is None:
            return []
    with writing(engine) as connection:
        found = connection.execute(due.with_for_update(skip_locked=True, of=QueuedMessage)).all()
        leased = sa.update(QueuedMessage).where(QueuedMessage.id.in_([row.id for row in found]))
        connection.execute(leased.values(leased_until=at + LEASE, attempts=QueuedMessage.attempts + 1))
    return [LeasedMessage(**{**row._mapping, "attempts": row.attempts + 1}) for row in found]


def is_waiting() -> sa.ColumnElement[bool]:
    """Whether a message is neither sent nor given up."""
    return sa.and_(QueuedMessage.sent_at.is_(None), QueuedMessage.given_up_at.is_(None))


def _is_alike(recipient: Recipient) -> sa.ColumnElement[bool]:
    """Whether a message goes to the parameter *recipient_id* and is of the parameter *kind*."""
    same_recipient = getattr(QueuedMessage, recipient.value) == sa.bindparam("recipient_id")
    return sa.and_(same_recipient, QueuedMessage.kind == sa.bindparam("kind"))


def is_unleased(at: datetime) -> sa.ColumnElement[bool]:
    """Whether no worker is sending a message at *at*."""
    return sa.or_(QueuedMessage.leased_until.is_(None), QueuedMessage.leased_until <= at)


def mark_sent(engine: sa.Engine, leased: LeasedMessage, *, at: datetime) -> None:
    """Note that the transport took *leased*."""
    with writing(engine) as connection:
        _update(connection, leased, sent_at=at, leased_until=None, fault="")
        _record_event(connection, "worker:letter:sent", leased, at=at)


def mark_failed(engine: sa.Engine, leased: LeasedMessage, fault: str, *, at: datetime, permanent: bool) -> None:
    """Note a failed attempt: *leased* is retried later, or given up when *permanent* or after *GIVE_UP_AFTER*."""
    with writing(engine) as connection:
        if permanent or at - leased.created_at >= GIVE_UP_AFTER:
            _update(connection, leased, given_up_at=at, leased_until=None, fault=fault)
            _record_event(connection, "worker:letter:given_up", leased, at=at, fault=fault)
            return
        _update(connection, leased, due_at=at + retry_delay(leased.attempts), leased_until=None, fault=fault)


def retry_delay(attempts: int) -> timedelta:
    """The delay after so many attempts: exponential back-off with jitter, between half and all of it."""
    longest: timedelta = min(FIRST_RETRY_DELAY * 2 ** min(attempts - 1, 10), LONGEST_RETRY_DELAY)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - it only spreads the attempts


def read_outbox_status(connection: sa.Connection, *, now: datetime) -> OutboxStatus:
    """What was given up lately, and since when the oldest of the other messages waits."""
    lately = QueuedMessage.given_up_at >= now - SHOWN_FOR, QueuedMessage.fault.not_in((WITHDRAWN, RENEWED))
    query = (
        sa.select(Account.name, QueuedMessage.given_up_at, QueuedMessage.fault)
        .join(Account, Account.id == QueuedMessage.account_id)
        .where(QueuedMessage.sent_at.is_(None), *lately)
        .order_by(QueuedMessage.given_up_at.desc())
        .limit(MOST_SHOWN)
    )
    rows = connection.execute(query)
    undelivered = tuple(UndeliveredMessage(row.name, row.given_up_at, row.fault) for row in rows if row.given_up_at)
    oldest = sa.select(sa.func.min(QueuedMessage.created_at)).where(is_waiting())
    return OutboxStatus(undelivered, connection.scalar(oldest))


def _update(connection: sa.Connection, leased: LeasedMessage, **changes: object) -> None:
    connection.execute(sa.update(QueuedMessage).where(QueuedMessage.id == leased.id).values(changes))


def _record_event(connection: sa.Connection, action: str, leased: LeasedMessage, *, at: datetime, **more: str) -> None:
    detail: dict[str, str | int] = {
        "to": leased.to,
        "kind": leased.kind,
        "number": int(leased.facts.get("number", 1)),
        "attempts": leased.attempts,
        **more,
    }
    audit.record(connection, actor=ACTOR, action=action, subject=leased.id, detail=detail, at=at)


#: Built once: every new submission runs them.
_UNTRIED = {
    recipient: sa.select(QueuedMessage.id, QueuedMessage.facts)
    .where(is_waiting(), _is_alike(recipient), QueuedMessage.attempts == 0)
    .limit(1)
    .with_for_update()
    for recipient in Recipient
}
_SET_FACTS = (
    sa.update(QueuedMessage).where(QueuedMessage.id == sa.bindparam("message_id")).values(facts=sa.bindparam("facts"))
)
