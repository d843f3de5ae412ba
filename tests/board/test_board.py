"""The notice board: the staff side writes, the public side reads."""

from datetime import date
from datetime import timedelta

import pytest
import sqlalchemy as sa

from screener.board import board
from screener.db import connect
from screener.db import writing
from screener.errors import UnavailableError
from screener.settings import Settings
from screener.study.approvals import Approval
from tests.support.submissions import NOON

APPROVAL = Approval("a" * 64, "en", "An invented IRB", "000", date(2026, 1, 1), date(2027, 1, 1), "")


def test_a_new_board_says_that_nothing_is_ready(any_deployment: Settings) -> None:
    with writing(connect(any_deployment.board, may="write")) as connection:
        connection.execute(sa.delete(board.PROVEN_KEY))

    view = board.read_board(connect(any_deployment.board, may="read"))

    assert view == board.BoardView(None, "not_ready", None, (), frozenset())


def test_what_is_put_up_is_read_and_the_last_word_holds(any_deployment: Settings) -> None:
    renewed = Approval(**{**vars(APPROVAL), "expires_on": date(2028, 1, 1)})
    with writing(connect(any_deployment.board, may="write")) as connection:
        connection.execute(sa.delete(board.PROVEN_KEY))
        board.record_heartbeat(connection, NOON, coordinators=3)
        board.record_heartbeat(connection, NOON + timedelta(minutes=1))
        board.set_intake_status(connection, "open", "ready", NOON)
        board.set_intake_status(connection, "paused", "holiday", NOON + timedelta(hours=1))
        board.publish_approval(connection, APPROVAL)
        board.publish_approval(connection, renewed)
        board.publish_proven_key(connection, "0123456789abcdef", "contact", NOON)

    view = board.read_board(connect(any_deployment.board, may="read"))

    assert (view.heartbeat_at, view.coordinators) == (NOON + timedelta(minutes=1), 3)
    assert (view.intake_status, view.status_since) == ("paused", NOON + timedelta(hours=1))
    assert view.checked_at == NOON + timedelta(hours=1)
    assert view.approvals == (renewed,)
    assert view.proven_keys == {"0123456789abcdef"}


def test_a_status_that_is_said_again_was_checked_and_does_not_begin_anew(any_deployment: Settings) -> None:
    said = []
    for hour, status in enumerate(("paused", "paused", "open", "paused")):
        with writing(connect(any_deployment.board, may="write")) as connection:
            changed = board.set_intake_status(connection, status, "", NOON + timedelta(hours=hour))  # type: ignore[arg-type]
        view = board.read_board(connect(any_deployment.board, may="read"))
        assert view.status_since is not None
        assert view.checked_at is not None
        said.append((changed, view.status_since - NOON, view.checked_at - NOON))

    hours = [timedelta(hours=hour) for hour in range(4)]
    assert said == [
        (True, hours[0], hours[0]),
        (False, hours[0], hours[1]),
        (True, hours[2], hours[2]),
        (True, hours[3], hours[3]),
    ]


def test_the_database_refuses_a_status_that_nobody_knows(any_deployment: Settings) -> None:
    with pytest.raises(sa.exc.IntegrityError), writing(connect(any_deployment.board, may="write")) as connection:
        board.set_intake_status(connection, "maybe", "", NOON)  # type: ignore[arg-type]


def test_on_sqlite_a_reader_cannot_write(deployment: Settings) -> None:
    with pytest.raises(UnavailableError), writing(connect(deployment.board, may="read")) as connection:
        board.record_heartbeat(connection, NOON)
