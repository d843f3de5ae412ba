"""The letterbox: what goes in stays, once, until the worker takes it."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UnavailableError
from screener.settings import Settings
from screener.submissions import inbox
from tests.support.submissions import NOON
from tests.support.submissions import sealed


def test_what_is_added_can_be_taken_as_it_was(any_deployment: Settings) -> None:
    engine = connect(any_deployment.inbox, may="write")
    later, earlier = sealed(2, received_at=NOON + timedelta(seconds=1)), sealed(1, suspected_spam=True)

    assert inbox.add_submission(engine, later)
    assert inbox.add_submission(engine, earlier)

    assert inbox.fetch_batch(engine, 10) == [earlier, later]
    assert inbox.fetch_batch(engine, 1) == [earlier]
    inbox.delete_submissions(engine, [earlier.envelope.id])
    assert inbox.fetch_batch(engine, 10) == [later]


def test_the_primary_key_alone_says_that_a_page_was_sent_before(any_deployment: Settings) -> None:
    engine = connect(any_deployment.inbox, may="write")
    one = sealed()
    inbox.add_submission(engine, sealed())

    assert inbox.add_submission(engine, one) is True
    assert inbox.add_submission(engine, one) is False
    assert len(inbox.fetch_batch(engine, 10)) == 2


def test_any_other_broken_constraint_is_no_receipt(any_deployment: Settings) -> None:
    engine = connect(any_deployment.inbox, may="write")

    with pytest.raises(UnavailableError):
        inbox.add_submission(engine, sealed(id=b"short"))
    assert inbox.fetch_batch(engine, 10) == []


def test_a_probe_leaves_nothing(any_deployment: Settings) -> None:
    engine = connect(any_deployment.inbox, may="write")

    inbox.probe_writable(engine)

    assert inbox.fetch_batch(engine, 10) == []


def test_on_sqlite_the_public_side_can_add_and_probe_and_nothing_else(deployment: Settings) -> None:
    engine = connect(deployment.inbox, may="add")

    inbox.probe_writable(engine)
    assert inbox.add_submission(engine, sealed()) is True
    with pytest.raises(UnavailableError, match="SQLITE_AUTH"):
        inbox.fetch_batch(engine, 1)
    with pytest.raises(UnavailableError, match="SQLITE_AUTH"):
        inbox.delete_submissions(engine, [b"x"])


def test_a_locked_inbox_is_unavailable_and_takes_the_same_page_later(deployment: Settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("screener.db.DATABASE_TIMEOUT_SECONDS", 0.2)
    engine = connect(deployment.inbox, may="add")
    one = sealed()
    holder = sqlite3.connect(deployment.data / "inbox.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(UnavailableError):
        inbox.add_submission(engine, one)
    with pytest.raises(UnavailableError):
        inbox.probe_writable(engine)
    holder.execute("ROLLBACK")
    holder.close()

    assert inbox.add_submission(engine, one) is True


@pytest.mark.parametrize("fault", ["absent", "no database", "no table"])
def test_a_broken_inbox_is_unavailable(deployment: Settings, fault: str) -> None:
    path = Path(deployment.data / "inbox.db")
    path.unlink()
    if fault == "no database":
        path.write_bytes(b"this is no database" * 100)
    if fault == "no table":
        sqlite3.connect(path).close()
    engine = connect(deployment.inbox, may="add")

    with pytest.raises(UnavailableError):
        inbox.probe_writable(engine)
    with pytest.raises(UnavailableError):
        inbox.add_submission(engine, sealed())


def test_an_exception_never_carries_what_was_written(any_deployment: Settings) -> None:
    engine = connect(any_deployment.inbox, may="write")
    with writing(engine) as connection:
        connection.execute(sa.text("DROP TABLE inbox"))

    with pytest.raises(UnavailableError) as raised:
        inbox.add_submission(engine, sealed(77))

    assert "77" not in repr(raised.value).replace(str(any_deployment.data), "…")
    assert raised.value.__suppress_context__


def test_reading_sees_one_unchanging_moment(any_deployment: Settings) -> None:
    engine = connect(any_deployment.inbox, may="write")
    inbox.add_submission(engine, sealed())
    count = sa.select(sa.func.count()).select_from(inbox.INBOX)

    with reading(engine) as connection:
        before = connection.scalar(count)
        inbox.add_submission(engine, sealed())
        assert connection.scalar(count) == before == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("received_at", "'rubbish'"),
        ("received_at", "7"),
        ("received_at", "'2026-02-31T09:30:00.000000+00:00'"),
        ("received_at", "'2026-11-23T29:30:00.000000+00:00'"),
        ("received_at", "x'00'"),
        ("id", f"'{'x' * 32}'"),
        ("contact", "'text'"),
        ("answers", "7"),
        ("locale", "x'6565'"),
        ("locale", "cast(x'ff' AS TEXT)"),
        ("source", "'two words'"),
        ("suspected_spam", "'perhaps'"),
    ],
)
def test_what_is_no_submission_keeps_nobody_waiting(deployment: Settings, column: str, value: str) -> None:
    engine = connect(deployment.inbox, may="write")
    spoilt, good = sealed(1, received_at=NOON - timedelta(days=1)), sealed(2)
    inbox.add_submission(engine, spoilt)
    inbox.add_submission(engine, good)
    with writing(engine) as connection:
        connection.exec_driver_sql(f"UPDATE inbox SET {column} = {value} WHERE contact = x'{spoilt.contact.hex()}'")

    assert inbox.fetch_batch(engine, 10) == [good]
    assert inbox.count_unreadable_rows(engine) == 1


def test_a_postgresql_inbox_needs_no_such_look(postgres_deployment: Settings) -> None:
    engine = connect(postgres_deployment.inbox, may="write")
    inbox.add_submission(engine, sealed())

    assert len(inbox.fetch_batch(engine, 10)) == 1
    assert inbox.count_unreadable_rows(engine) == 0
