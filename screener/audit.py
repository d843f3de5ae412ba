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
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from json.encoder import encode_basestring_ascii
from typing import Any

import sqlalchemy as sa

from screener import clock
from screener import db
from screener.os_user import read_os_user

METADATA = sa.MetaData(naming_convention=db.NAMING_CONVENTION)
#: What stands before the first event.
START = "0" * 64
#: How far an event may be dated before the one that it follows: two machines' clocks, and a wait for the writer's turn.
CLOCK_SKEW = timedelta(minutes=1)
#: Faults that are named; beyond them they are counted.
MOST_NAMED = 20
#: Events between two reports of progress.
PROGRESS_STEP = 1000
#: A number and a hash that were noted elsewhere; without the number, the hash may be anywhere in the trail.
Anchor = tuple[int | None, str]

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
    #: Events that are dated before the one they follow, the first *MOST_NAMED*: their clock was set back.
    backwards: tuple[int, ...] = ()


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
    if action.startswith("cli:"):
        # Whoever is named as the actor: that name was typed.
        detail = {**(detail or {}), "os_user": read_os_user()}
    event: dict[str, object] = {
        "seq": seq,
        "at": at or clock.now(),
        "actor": actor[:200],
        "action": action,
        "subject": subject,
        "detail": _as_text(detail or {}),
        "previous_hash": previous,
    }
    event["hash"] = hash_event(list(event.values()))
    connection.execute(sa.insert(EVENTS).values(event))
    return str(event["hash"])


def _as_text(detail: Mapping[str, str | int]) -> str:
    """Canonical JSON; half a character in a file's name becomes a question mark, because no database keeps it."""
    return json.dumps(dict(detail), sort_keys=True, ensure_ascii=False).encode("utf-8", "replace").decode()


def verify(
    connection: sa.Connection, *, anchor: Anchor | None = None, progress: Callable[[int], object] = lambda number: None
) -> Verdict:
    """Walk the chain from its beginning; with *anchor* also ask that this event is still there.

    *progress* hears the number of events that went by since it was called last.
    """
    if anchor and anchor[0] == 0 and anchor[1] != START:
        return Verdict(False, 0, START, 0, "the anchor of an empty trail is 64 zeros")
    try:
        return _walk(connection, anchor, progress, batch=PROGRESS_STEP)
    except _UNREADABLE:
        return _walk(connection, anchor, lambda number: None, batch=1, names_unreadable=True)


#: What a value raises that was written past our code.
_UNREADABLE = (ValueError, TypeError, AttributeError, sa.exc.DBAPIError)
#: The time as it is stored: text on SQLite, which is what was hashed.
_AS_STORED = sa.select(
    *(sa.type_coerce(each, sa.String).label("at") if each.name == "at" else each for each in EVENTS.c)
).order_by(EVENTS.c.seq)


class _AnchorCheck:
    """Whether the event of an anchor went by, and whether it is the one."""

    def __init__(self, anchor: Anchor | None) -> None:
        self._number, self._hash = anchor or (0, START)
        self._passed = self._number == 0

    def is_broken_by(self, number: int, digest: str) -> bool:
        """Take note of an event; True when the anchor says that it should be another one."""
        if self._number is None:
            self._passed = self._passed or digest == self._hash
        elif number == self._number:
            self._passed = True
            return digest != self._hash
        return False

    @property
    def missing(self) -> str:
        """Why the anchor is not satisfied at the end of the trail."""
        if self._passed:
            return ""
        if self._number is None:
            return "the event that the anchor names is not in the trail: events were cut off or rewritten"
        return "the trail ends before the anchor: events were cut off"


class _ClockWatch:
    """Finds events that are dated before the one they follow, by more than *CLOCK_SKEW*."""

    def __init__(self) -> None:
        self.backwards: list[int] = []
        self._last: Any = None

    def pass_event(self, number: int, at: str | datetime) -> None:
        """Compare *at*, as the database stores it, with the event before; as text, times in UTC sort as they are."""
        before, self._last = self._last, at
        if before is None or at >= before or len(self.backwards) == MOST_NAMED:
            return
        if _to_datetime(at) < _to_datetime(before) - CLOCK_SKEW:
            self.backwards.append(number)


def _to_datetime(at: str | datetime) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _walk(
    connection: sa.Connection,
    anchor: Anchor | None,
    progress: Callable[[int], object],
    *,
    batch: int,
    names_unreadable: bool = False,
) -> Verdict:
    seq, head = 0, START
    check, clock_watch = _AnchorCheck(anchor), _ClockWatch()
    try:
        with closing(connection.execute(_AS_STORED, execution_options={"yield_per": batch})) as rows:
            for row in rows:
                if why := _fault(row, seq + 1, head):
                    return Verdict(False, seq, head, seq + 1, why)
                if check.is_broken_by(row[0], row[7]):
                    return Verdict(False, seq, head, seq + 1, "it is not the event that the anchor names")
                clock_watch.pass_event(row[0], row[1])
                seq, head = row[0], row[7]
                if seq % PROGRESS_STEP == 0:
                    progress(PROGRESS_STEP)
    except _UNREADABLE:
        if not names_unreadable:
            raise
        return Verdict(False, seq, head, seq + 1, "it holds something that cannot be read")
    if why := check.missing:
        return Verdict(False, seq, head, seq + 1, why, tuple(clock_watch.backwards))
    progress(seq % PROGRESS_STEP)
    return Verdict(True, seq, head, None, "", tuple(clock_watch.backwards))


def count_events(connection: sa.Connection) -> int:
    """The number of the last event; 0 for an empty trail."""
    return connection.scalar(sa.select(sa.func.max(EVENTS.c.seq))) or 0


def read_head(connection: sa.Connection) -> str:
    """The head of the trail, ``SEQ:HASH``: what ``verify`` takes as an anchor, and what says nothing about a person."""
    query = sa.select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)
    last = connection.execute(query).first()
    return f"{last.seq}:{last.hash}" if last else f"0:{START}"


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


def _fault(row: Sequence[Any], expected: int, previous: str) -> str:
    if row[0] != expected:
        return f"event {expected} is missing"
    if row[6] != previous:
        return "it does not follow the event before it: one of them was changed, removed or moved"
    if row[7] != hash_event(row):
        return "its content was changed"
    return ""


def hash_event(event: Sequence[Any]) -> str:
    """The SHA-256 of the JSON of an event (its columns in their order), keys sorted.

    Put together by hand, because ``json.dumps`` takes three times as long; ``tests/test_audit.py`` compares the two.
    """
    seq, at, actor, action, subject, detail, previous, *_ = event
    at = at if isinstance(at, str) else at.astimezone(UTC).isoformat(timespec="microseconds")
    quote = encode_basestring_ascii
    said = (
        f'{{"action": {quote(action)}, "actor": {quote(actor)}, "at": {quote(at)}, "detail": {quote(detail)}, '
        f'"previous_hash": "{previous}", "seq": {seq}, "subject": {quote(subject)}}}'
    )
    return hashlib.sha256(said.encode()).hexdigest()
