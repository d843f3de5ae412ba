"""``--as`` names an account that exists, and the operating-system user stands beside it in the trail."""

import json
import os
import pwd

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from click.testing import Result

from screener import audit
from screener.cli.main import cli
from screener.clock import now
from screener.db import connect
from screener.db import reading
from screener.errors import UserError
from screener.settings import Settings
from tests.support.accounts import add_account

OS_USER = pwd.getpwuid(os.getuid()).pw_name


def pause(settings: Settings, *more: str) -> Result:
    return CliRunner().invoke(cli, ["intake", "paused", "--reason", "test", *more], obj=settings)


def last_event(settings: Settings) -> tuple[str, str]:
    """The actor and the operating-system user of the last event."""
    with reading(connect(settings.store, may="read")) as connection:
        row = connection.execute(sa.select(audit.EVENTS).order_by(audit.EVENTS.c.seq.desc())).mappings().first()
    assert row is not None
    return row["actor"], json.loads(row["detail"])["os_user"]


@pytest.mark.parametrize("account", ["", " ", "two\nlines", "x" * 201])
def test_an_account_that_the_trail_cannot_keep_is_refused(deployment: Settings, account: str) -> None:
    result = pause(deployment, "--as", account)

    assert isinstance(result.exception, UserError)
    assert "at most 200" in str(result.exception)


def test_without_an_account_the_operating_system_user_acts(
    deployment: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "grace")

    assert pause(deployment).exit_code == 0

    assert last_event(deployment) == (OS_USER, OS_USER)


def test_an_account_has_the_operating_system_user_beside_it(deployment: Settings) -> None:
    add_account(deployment, "ada@example.org")

    assert pause(deployment, "--as", " Ada@Example.org").exit_code == 0

    assert last_event(deployment) == ("ada@example.org", OS_USER)


@pytest.mark.parametrize(
    ("account", "why"), [("grace", "No account has"), ("left@example.org", "disabled"), ("Ada", "No account has")]
)
def test_an_account_that_nobody_has_or_that_is_disabled_is_refused(
    deployment: Settings, account: str, why: str
) -> None:
    add_account(deployment, "ada@example.org")
    add_account(deployment, "left@example.org", active=False, disabled_at=now())

    result = pause(deployment, "--as", account)

    assert isinstance(result.exception, UserError)
    assert why in str(result.exception)


def test_accounts_that_cannot_be_read_get_one_sentence(empty_deployment: Settings) -> None:
    result = pause(empty_deployment, "--as", "ada@example.org")

    assert isinstance(result.exception, UserError)
    assert "the accounts cannot be read" in str(result.exception)
