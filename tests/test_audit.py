"""The audit trail: nothing in it can be changed unseen."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.settings import Settings
from tests.support.submissions import NOON


def trail_of(settings: Settings, events: int = 5) -> sa.Engine:
    store = connect(settings.store, may="write")
    for number in range(events):
        with writing(store) as connection:
            audit.record(connection, actor="ada", action="test:thing:done", subject=str(number), detail={"n": number})
    return store


def verdict_of(store: sa.Engine, anchor: audit.Anchor | None = None) -> audit.Verdict:
    with reading(store) as connection:
        return audit.verify(connection, anchor=anchor)


def tampered(store: sa.Engine, *statements: str) -> None:
    """What somebody with every right does: takes the triggers away, and changes rows."""
    triggers = {
        "sqlite": ("DROP TRIGGER IF EXISTS audit_event_no_update", "DROP TRIGGER IF EXISTS audit_event_no_delete"),
        "postgresql": ("ALTER TABLE audit_event DISABLE TRIGGER ALL",),
    }
    with writing(store) as connection:
        for statement in (*triggers[connection.dialect.name], *statements):
            connection.execute(sa.text(statement))


def test_a_trail_that_nobody_touched_is_whole(any_deployment: Settings) -> None:
    store = trail_of(any_deployment)

    verdict = verdict_of(store)

    assert verdict.whole
    assert verdict.events == 5
    assert verdict_of(store, anchor=(5, verdict.head)).whole


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (["UPDATE audit_event SET actor = 'eve' WHERE seq = 3"], 3),
        (["UPDATE audit_event SET detail = '{\"n\": 9}' WHERE seq = 1"], 1),
        (["DELETE FROM audit_event WHERE seq = 2"], 2),
        (["DELETE FROM audit_event WHERE seq = 1"], 1),
        (["DELETE FROM audit_event WHERE seq = 4", "UPDATE audit_event SET seq = 4 WHERE seq = 5"], 4),
        (
            [
                "UPDATE audit_event SET seq = 99 WHERE seq = 2",
                "UPDATE audit_event SET seq = 2 WHERE seq = 3",
                "UPDATE audit_event SET seq = 3 WHERE seq = 99",
            ],
            2,
        ),
        (["UPDATE audit_event SET hash = previous_hash WHERE seq = 5"], 5),
    ],
    ids=["edited", "detail edited", "removed", "first removed", "moved up", "swapped", "hash edited"],
)
def test_the_first_bad_event_is_named(any_deployment: Settings, statements: list[str], first_bad: int) -> None:
    store = trail_of(any_deployment)

    tampered(store, *statements)

    verdict = verdict_of(store)
    assert (verdict.whole, verdict.first_bad) == (False, first_bad)
    assert verdict.why


def test_a_tail_that_was_cut_shows_against_an_anchor(any_deployment: Settings) -> None:
    store = trail_of(any_deployment)
    anchor = (5, verdict_of(store).head)

    tampered(store, "DELETE FROM audit_event WHERE seq >= 4")

    assert verdict_of(store).whole
    assert verdict_of(store, anchor=anchor).first_bad == 4


def test_a_hash_that_left_the_store_must_still_be_in_the_trail(any_deployment: Settings) -> None:
    store = trail_of(any_deployment)
    hashes = [event.hash for event in newest_of(store)]

    assert all(verdict_of(store, (None, one)).whole for one in hashes)
    assert "not in the trail" in verdict_of(store, (None, "f" * 64)).why

    tampered(store, "DELETE FROM audit_event WHERE seq >= 4")

    assert not verdict_of(store, (None, hashes[0])).whole


def newest_of(store: sa.Engine) -> list[audit.Event]:
    with reading(store) as connection:
        return audit.newest(connection, limit=10)


@pytest.mark.parametrize(
    "text", ["ada", 'quo"te \\ back', "né\u2028\U0001f600\x7f", "\ud800".encode("utf-8", "replace").decode()]
)
def test_the_hash_is_that_of_the_json_with_sorted_keys(text: str) -> None:
    names = ("seq", "at", "actor", "action", "subject", "detail", "previous_hash")
    event = (7, NOON, text, "test:thing:done", text, f'{{"n": "{text}"}}', audit.START)
    said = {**dict(zip(names, event, strict=True)), "at": NOON.isoformat(timespec="microseconds")}

    assert audit.hash_event(event) == hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def test_times_that_run_backwards_are_named(any_deployment: Settings) -> None:
    store = trail_of(any_deployment, events=0)
    minutes = (0, 10, 9.5, 20, 15, 30, 0)
    for number in minutes:
        with writing(store) as connection:
            at = NOON + timedelta(minutes=number)
            audit.record(connection, actor="ada", action="test:thing:done", at=at)

    verdict = verdict_of(store)

    assert (verdict.whole, verdict.backwards) == (True, (5, 7))


def test_a_chain_rebuilt_from_the_middle_shows_against_an_anchor(any_deployment: Settings) -> None:
    store = trail_of(any_deployment)
    anchor = (4, verdict_of(store).head[::-1])

    assert verdict_of(store, anchor=anchor).first_bad == 4


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'eve'", "DELETE FROM audit_event"])
def test_the_database_itself_refuses_changes(any_deployment: Settings, statement: str) -> None:
    store = trail_of(any_deployment)

    with pytest.raises(Exception, match=r"append-only|cannot be used"), writing(store) as connection:
        connection.execute(sa.text(statement))

    assert verdict_of(store).events == 5


def test_an_event_goes_with_its_transaction(any_deployment: Settings) -> None:
    store = trail_of(any_deployment, events=1)

    with pytest.raises(ZeroDivisionError), writing(store) as connection:
        audit.record(connection, actor="ada", action="test:thing:done")
        raise ZeroDivisionError

    assert verdict_of(store).events == 1


def test_an_event_is_found_by_what_was_done_to_what(any_deployment: Settings) -> None:
    store = trail_of(any_deployment)
    with writing(store) as connection:
        audit.record(connection, actor="ada", action="test:file:made", subject="f" * 64, at=NOON)

    with reading(store) as connection:
        assert audit.has_event(connection, action="test:file:made", subject="f" * 64)
        assert not audit.has_event(connection, action="test:file:made", subject="0" * 64)
        assert not audit.has_event(connection, action="test:thing:done", subject="f" * 64)


def test_writers_at_once_make_one_chain(any_deployment: Settings, at_once: Callable[..., None]) -> None:
    store = connect(any_deployment.store, may="write")

    def writes(number: int) -> None:
        for _ in range(10):
            with writing(store) as connection:
                audit.record(connection, actor=f"person {number}", action="test:thing:done")

    at_once(writes, 4)

    verdict = verdict_of(store)
    assert (verdict.whole, verdict.events) == (True, 40)


@pytest.mark.parametrize(
    "change",
    [
        "at = 'rubbish'",
        "at = 7",
        "actor = x'ff'",
        "detail = x'00'",
        "detail = cast(x'ff' AS TEXT)",
    ],
)
def test_an_event_that_cannot_be_read_is_named(deployment: Settings, change: str) -> None:
    engine = connect(deployment.store, may="write")
    with writing(engine) as connection:
        for number in range(5):
            audit.record(connection, actor="ada", action="test:thing:done", subject=str(number))
        for name in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_event_no_{name}")
        connection.exec_driver_sql(f"UPDATE audit_event SET {change} WHERE seq = 3")

    with reading(engine) as connection:
        verdict = audit.verify(connection)

    assert (verdict.whole, verdict.first_bad, verdict.events) == (False, 3, 2)


def test_the_anchor_of_an_empty_trail_is_compared_too(deployment: Settings) -> None:
    with reading(connect(deployment.store, may="read")) as connection:
        assert audit.verify(connection, anchor=(0, audit.START)).whole
        assert not audit.verify(connection, anchor=(0, "1" * 64)).whole
