"""``screener intake``: somebody says whether the form takes people, and is told what they changed."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture

from screener import audit
from screener.board import board
from screener.cli.main import run_command
from screener.db import connect
from screener.db import reading
from screener.settings import Settings
from tests.support.submissions import NOON

Command = Callable[..., str]


@pytest.fixture
def intake(deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """What ``screener intake`` says."""
    monkeypatch.setenv("SCREENER_DATA", str(deployment.data))

    def command(*words: str) -> str:
        assert run_command(("intake", *words)) == 0
        return capsys.readouterr().out

    return command


def without_os_user(detail: str) -> dict[str, str]:
    return {name: value for name, value in json.loads(detail).items() if name != "os_user"}


def test_a_status_is_shown_with_its_beginning_and_the_last_look(
    intake: Command, deployment: Settings, time_machine: TimeMachineFixture
) -> None:
    assert intake("show") == "not-ready, as it was never set\n"

    time_machine.move_to(NOON, tick=False)
    first = intake("paused", "--reason", "holiday")
    time_machine.move_to(NOON + timedelta(days=8), tick=False)
    again = intake("paused", "--reason", "still away")
    shown = intake("show")
    changed = intake("not-ready", "--reason", "moving house")

    assert first == "The intake status is paused.\n"
    assert again == "The intake status is still paused; checked now.\n"
    assert shown == "paused since 2026-11-23 12:00 UTC, last checked 2026-12-01 12:00 UTC\n"
    assert changed == "The intake status is not-ready.\n"
    view = board.read_board(connect(deployment.board, may="read"))
    assert view.status_since == view.checked_at == NOON + timedelta(days=8)


def test_a_look_and_a_change_are_two_things_in_the_trail(intake: Command, deployment: Settings) -> None:
    intake("open", "--reason", "ready")
    intake("open", "--reason", "looked")

    with reading(connect(deployment.store, may="read")) as connection:
        query = sa.select(audit.EVENTS.c.action, audit.EVENTS.c.detail).order_by(audit.EVENTS.c.seq)
        events = [(row.action, without_os_user(row.detail)) for row in connection.execute(query)]
    assert events[-2:] == [
        ("cli:intake:open", {"reason": "ready"}),
        ("cli:intake:checked", {"status": "open", "reason": "looked"}),
    ]
