"""What happened, who did it and when: an append-only trail in the store, chained by hashes.

Triggers refuse to change or delete an event. An edit that bypasses them is found by the chain: each event's hash
covers its own content and the hash before it, so ``verify`` names the first event that was edited, removed or
moved. A chain can be rebuilt whole by someone with every right, and its tail can be cut; against both stands an
*anchor*, a number and a hash that were noted somewhere else.

An event records what was done to what: never an answer, a name, or a contact.
Source of the rule: 21 CFR 11.10(e).
"""

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener import clock
from screener import db

METADATA = sa.MetaData(naming_convention=db.NAMING_CONVENTION)
#: What stands before the first event.
START = "0" * 64

EVENTS = sa.Table(
    "audit_event",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", db.UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    #: source:subject:verb, as in ``worker:submission:received``.
    sa.Column("action", sa.String(80), nullable=False),
    #: A reference, a file's hash, a key's id; empty where the action says it all.
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_audit_event_subject_action", "subject", "action"),
    sa.Index("ix_audit_event_actor_seq", "actor", "seq"),
    sa.Index("ix_audit_event_action_seq", "action", "seq"),
    sa.CheckConstraint("seq >= 1", name="events_are_numbered_from_one"),
    sa.CheckConstraint("length(hash) = 64 AND length(previous_hash) = 64", name="hashes_are_sha256"),
)


@dataclass(frozen=True)
class Verdict:
    """What ``verify`` found: whole, or the number of the first bad event and why it is bad."""

    whole: bool
    events: int
    #: The hash of the last event that was sound.
    head: str
    first_bad: int | None
    why: str


def record(
    connection: sa.Connection,
    *,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, str | int] | None = None,
    at: datetime | None = None,
) -> str:
    """Add an event to the caller's transaction and give its hash; one transaction at a time does this."""
    db.serialize_transactions(connection, "audit")
    last = connection.execute(sa.select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, START)
    event: dict[str, object] = {
        "seq": seq,
        "at": at or clock.now(),
        "actor": actor[:200],
        "action": action,
        "subject": subject,
        "detail": _as_text(detail or {}),
        "previous_hash": previous,
    }
    event["hash"] = hash_event(event)
    connection.execute(sa.insert(EVENTS).values(event))
    return str(event["hash"])


def _as_text(detail: Mapping[str, str | int]) -> str:
    """Canonical JSON; half a character in a file's name becomes a question mark, because no database keeps it."""
    return json.dumps(dict(detail), sort_keys=True, ensure_ascii=False).encode("utf-8", "replace").decode()


def verify(connection: sa.Connection, *, anchor: tuple[int, str] | None = None) -> Verdict:
    """Walk the chain from its beginning; with *anchor* also ask that this event is still there."""
    if anchor and anchor[0] == 0 and anchor[1] != START:
        return Verdict(False, 0, START, 0, "the anchor of an empty trail is 64 zeros")
    try:
        return _walk(connection, anchor, batch=1000)
    except _UNREADABLE:
        return _walk(connection, anchor, batch=1, names_unreadable=True)


#: What a value raises that was written past our code.
_UNREADABLE = (ValueError, TypeError, sa.exc.DBAPIError)


def _walk(
    connection: sa.Connection, anchor: tuple[int, str] | None, *, batch: int, names_unreadable: bool = False
) -> Verdict:
    expected, head = 1, START
    query = sa.select(EVENTS).order_by(EVENTS.c.seq)
    try:
        with closing(connection.execute(query, execution_options={"yield_per": batch})) as rows:
            for row in rows.mappings():
                if why := _fault(row, expected, head):
                    return Verdict(False, expected - 1, head, expected, why)
                if anchor and anchor[0] == expected and anchor[1] != row["hash"]:
                    return Verdict(False, expected - 1, head, expected, "it is not the event that the anchor names")
                expected, head = expected + 1, str(row["hash"])
    except _UNREADABLE:
        if not names_unreadable:
            raise
        return Verdict(False, expected - 1, head, expected, "it holds something that cannot be read")
    if anchor and anchor[0] >= expected:
        return Verdict(False, expected - 1, head, expected, "the trail ends before the anchor: events were cut off")
    return Verdict(True, expected - 1, head, None, "")


def last_recorded(connection: sa.Connection, *actions: str) -> datetime | None:
    """When an event with one of *actions* was recorded last; None when there is none."""
    query = sa.select(EVENTS.c.at).where(EVENTS.c.action.in_(actions)).order_by(EVENTS.c.seq.desc()).limit(1)
    return connection.scalar(query)


def has_event(connection: sa.Connection, *, action: str, subject: str) -> bool:
    """Whether the trail holds an event with this *action* on this *subject*."""
    query = sa.select(EVENTS.c.seq).where(EVENTS.c.action == action, EVENTS.c.subject == subject).limit(1)
    return connection.scalar(query) is not None


@dataclass(frozen=True)
class Event:
    """One event as it is shown to a person."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str | int]
    hash: str


def newest(
    connection: sa.Connection,
    *,
    actor: str = "",
    subject: str = "",
    actions: Sequence[str] = (),
    before: int | None = None,
    limit: int,
) -> list[Event]:
    """Up to *limit* events, the newest first: those of one actor, on one subject, or of some kinds, or all."""
    asked = [EVENTS.c.actor == actor] if actor else []
    asked += [EVENTS.c.subject == subject] if subject else []
    asked += [EVENTS.c.action.in_(actions)] if actions else []
    asked += [EVENTS.c.seq < before] if before is not None else []
    query = sa.select(EVENTS).where(*asked).order_by(EVENTS.c.seq.desc()).limit(limit)
    names = Event.__dataclass_fields__
    return [
        Event(**{**{name: row[name] for name in names}, "detail": json.loads(row["detail"])})
        for row in connection.execute(query).mappings()
    ]


def _fault(row: sa.RowMapping, expected: int, previous: str) -> str:
    if row["seq"] != expected:
        return f"event {expected} is missing"
    if row["previous_hash"] != previous:
        return "it does not follow the event before it: one of them was changed, removed or moved"
    if row["hash"] != hash_event(row):
        return "its content was changed"
    return ""


def hash_event(event: Mapping[str, object] | sa.RowMapping) -> str:
    """The hash of *event*, which covers its content and the hash before it."""
    at: Any = event["at"]
    said = {
        "seq": event["seq"],
        "at": at.isoformat(timespec="microseconds"),
        **{name: event[name] for name in ("actor", "action", "subject", "detail", "previous_hash")},
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
