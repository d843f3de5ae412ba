"""The desk as a deployment runs it: it invites the first administrator by itself, and only them."""

import subprocess
import urllib.request
from pathlib import Path

import pytest
import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.settings import Settings
from screener.staff import accounts
from screener.staff.models import Account
from tests.support.server import BIN
from tests.support.server import ROOT
from tests.support.server import Server


@pytest.fixture
def desk(tmp_path: Path):  # type: ignore[no-untyped-def]
    server = Server(tmp_path)
    server.set_up()
    yield server
    server.stop()


def test_a_first_start_prints_an_invitation_that_works_until_somebody_has_come(desk: Server) -> None:
    first = desk.start_desk()
    assert first.startswith(f"http://127.0.0.1:{desk.desk_port}/invitation#")
    desk.kill_desk()
    second = desk.start_desk()
    assert first != second
    with urllib.request.urlopen(second, timeout=120) as page:  # noqa: S310 - a page of our own server
        assert "Your invitation" in page.read().decode()

    engine = connect(Settings(data=desk.data).store, may="write")
    with engine.begin() as connection:
        connection.execute(
            sa.update(Account).values(confirmed_at=accounts.find_account(connection, sa.true()).created_at)
        )
    desk.kill_desk()
    (desk.data / "desk.log").unlink()

    assert desk.start_desk() == ""
    with reading(engine) as connection:
        assert [one.role_names for one in accounts.list_accounts(connection)] == [
            "coordinator,study_lead,administrator"
        ]
    engine.dispose()


def test_a_port_that_is_taken_is_named(desk: Server) -> None:
    desk.start_desk()
    command: list[str | Path] = [BIN / "gunicorn", "--config", "python:screener.desk_server", "wsgi:desk()"]

    done = subprocess.run(command, env=desk.environment, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "SCREENER_DESK_PORT" in done.stderr
    assert "Traceback" not in done.stderr
