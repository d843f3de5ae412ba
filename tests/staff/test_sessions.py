"""The rows of sessions: which are open, and what ends them."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff import sessions
from screener.staff.accounts import AuditActor
from screener.staff.models import DeskSession
from screener.worker.context import open_job_context
from screener.worker.jobs import forget_old_sessions
from tests.support.submissions import NOON

BY = AuditActor("cli", "test")
#: Sessions of Ada, by the minutes since they began and since they were seen, and one of Grace.
ADAS = {"new": (1, 1), "long": (700, 59), "idle": (61, 61), "old": (721, 1), "pending": (1, 1), "ended": (5, 5)}


@pytest.fixture
def store(any_deployment: Settings) -> sa.Engine:
    """A store with sessions in every state."""
    made = connect(any_deployment.store, may="write")
    with writing(made) as connection:
        ids = {name: account_of(connection, name) for name in ("ada", "grace")}
        for name, (begun, seen) in ADAS.items():
            insert(connection, name, ids["ada"], begun=begun, seen=seen)
        insert(connection, "hers", ids["grace"], begun=1, seen=1)
        sessions.end_session(connection, ids["ada"], "ended", at=NOON)
    return made


def account_of(connection: sa.Connection, name: str) -> str:
    address = f"{name}@example.org"
    rights = accounts.parse_rights(["coordinator"], ["en"])
    invitations.create_invitation(connection, name, address, rights, by=BY, at=NOON)
    return accounts.get_account_by_email(connection, address).id


def insert(connection: sa.Connection, name: str, account_id: str, *, begun: int, seen: int) -> None:
    connection.execute(
        sa.insert(DeskSession).values(
            id_hash=name,
            account_id=account_id,
            begun_at=NOON - timedelta(minutes=begun),
            seen_at=NOON - timedelta(minutes=seen),
            proven_at=None if name == "pending" else NOON - timedelta(minutes=begun),
            second_factor=False,
            seal="a" * 64,
        )
    )


def ada_in(connection: sa.Connection) -> str:
    return accounts.get_account_by_email(connection, "ada@example.org").id


def open_in(store: sa.Engine) -> set[str]:
    """The names of the sessions that did not end."""
    with reading(store) as connection:
        query = sa.select(DeskSession.id_hash).where(DeskSession.ended_at.is_(None))
        return set(connection.scalars(query))


def test_only_complete_sessions_that_are_neither_idle_nor_old_are_listed(store: sa.Engine) -> None:
    with reading(store) as connection:
        found = sessions.list_open_sessions(connection, ada_in(connection), at=NOON)

    assert [row.id_hash for row in found] == ["new", "long"]


def test_ending_one_ends_it_for_its_own_account_only(store: sa.Engine) -> None:
    with writing(store) as connection:
        ada = ada_in(connection)
        numbers = [sessions.end_session(connection, ada, name, at=NOON) for name in ("new", "new", "hers", "none")]

    assert numbers == [1, 0, 0, 0]
    assert open_in(store) == {*ADAS, "hers"} - {"ended", "new"}


def test_ending_all_others_leaves_this_one_and_those_of_other_accounts(store: sa.Engine) -> None:
    with writing(store) as connection:
        assert sessions.end_account_sessions(connection, ada_in(connection), at=NOON, but="new") == 4

    assert open_in(store) == {"new", "hers"}


def test_after_a_restore_no_session_and_no_invitation_is_open(store: sa.Engine) -> None:
    with writing(store) as connection:
        code = invitations.renew_invitation(
            connection, accounts.get_account_by_email(connection, "ada@example.org"), by=BY, at=NOON
        )
        assert sessions.end_all_sessions(connection, at=NOON) == len(ADAS)
        assert invitations.end_open_invitations(connection, at=NOON) == 2
        assert invitations.find_invitation(connection, code, at=NOON) is None

    assert open_in(store) == set()


def test_a_session_that_ended_is_not_found_and_has_no_seal_to_come_back_with(store: sa.Engine) -> None:
    with writing(store) as connection:
        row: Any = connection.execute(sa.select(DeskSession.__table__).where(DeskSession.id_hash == "ended")).one()
        connection.execute(sa.update(DeskSession).where(DeskSession.id_hash == "idle").values(ended_at=None))
        assert sessions.find_session(connection, "ended") is None
        found = sessions.find_session(connection, "new")

    assert (row.seal, row.ended_at) == ("", NOON)
    assert found is not None
    assert (found[0].id_hash, found[1].email) == ("new", "ada@example.org")


def test_the_worker_removes_rows_a_day_after_they_began(
    any_deployment: Settings, store: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screener.clock.now", lambda: NOON + timedelta(hours=12, minutes=10))

    forget_old_sessions(open_job_context(any_deployment))

    with reading(store) as connection:
        left = set(connection.scalars(sa.select(DeskSession.id_hash)))
    assert left == {*ADAS, "hers"} - {"old"}
