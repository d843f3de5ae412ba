"""The command line is no way around a second person, and in production no way around a second factor."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from passlib.totp import TOTP
from pydantic import SecretStr

from screener.auth import lockout
from screener.auth.keys import load_desk_keys
from screener.auth.totp import OneTimeCodes
from screener.cli import main as cli
from screener.cli.second_factor import require_second_factor
from screener.db import connect
from screener.db import reading
from screener.errors import UserError
from screener.settings import Settings
from screener.staff.models import AccessChange
from screener.staff.models import Account
from screener.staff.roles import EXPORT
from tests.support.accounts import add_account
from tests.support.submissions import NOON

Run = Callable[..., tuple[int, str]]
EVE = ("--name", "Eve", "--email", "eve@example.org")


@pytest.fixture
def moving() -> object:
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def run(deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command over a deployment at which two people work; gives its exit code and what it said."""
    monkeypatch.setattr(cli, "load_settings", lambda: deployment)
    add_account(deployment, "root@example.org", roles="administrator")
    add_account(deployment, "gus@example.org")

    def once(*arguments: str) -> tuple[int, str]:
        code = cli.run_command(["staff", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return once


def states(settings: Settings) -> list[tuple[str, str, str]]:
    with reading(connect(settings.store, may="read")) as connection:
        query = sa.select(AccessChange.kind, AccessChange.email, AccessChange.state)
        return [(row.kind, row.email, row.state) for row in connection.execute(query)]


def test_an_invitation_on_the_command_line_waits_like_one_at_the_desk(run: Run, deployment: Settings) -> None:
    code, said = run("invite", *EVE, "--as", "root@example.org")

    assert (code, "waits for a study lead" in said, "/invitation#" in said) == (0, True, False)
    assert states(deployment) == [("invitation", "eve@example.org", "waiting")]


def test_an_administrator_who_names_herself_gets_no_role_by_a_command(run: Run) -> None:
    add = ("invite", "--name", "Root", "--email", "root@example.org", "--role", "coordinator", "--as")

    assert "already has an account" in run(*add, "root@example.org")[1]
    assert (
        "You cannot change your own access"
        in run("invite", "--again", "--email", "root@example.org", "--as", "root@example.org")[1]
    )


def test_a_colleague_is_not_taken_over_by_two_commands(run: Run, deployment: Settings) -> None:
    with connect(deployment.store, may="write").begin() as connection:
        connection.execute(sa.update(Account).values(tf_totp_secret="x"))

    for command in (("reset-second-factor", "gus@example.org"), ("invite", "--again", "--email", "gus@example.org")):
        assert "waits for a study lead" in run(*command)[1]

    with reading(connect(deployment.store, may="read")) as connection:
        assert set(connection.scalars(sa.select(Account.tf_totp_secret))) == {"x"}


def test_one_person_alone_says_the_same_command_again_after_a_day(
    moving: time_machine.Traveller, run: Run, deployment: Settings
) -> None:
    assert "waits" in run("invite", *EVE)[1]
    assert "waits" in run("invite", *EVE)[1]
    assert "asked for already" in run("invite", *EVE, "--role", "administrator")[1]

    moving.shift(timedelta(hours=24))
    code, said = run("invite", *EVE)

    assert (code, "/invitation#" in said) == (0, True)
    assert states(deployment) == [("invitation", "eve@example.org", "in_effect")]


def test_with_a_study_lead_a_command_waits_for_her_or_three_working_days(
    moving: time_machine.Traveller, run: Run, deployment: Settings
) -> None:
    add_account(deployment, "lin@example.org", roles="study_lead")
    run("invite", *EVE)
    moving.shift(timedelta(hours=71))
    assert "waits" in run("invite", *EVE)[1]

    moving.shift(timedelta(hours=2))

    assert "/invitation#" in run("invite", *EVE)[1]


def test_the_first_set_up_is_one_command_a_person(
    deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "load_settings", lambda: deployment)

    for name, role in (("Root", "administrator"), ("Lin", "study_lead"), ("Eve", "coordinator")):
        cli.run_command(["staff", "invite", "--name", name, "--email", f"{name}@example.org", "--role", role])

    assert capsys.readouterr().out.count("/invitation#") == 3


class Terminal:
    """A person at a terminal of a deployment in production, with an authenticator app."""

    def __init__(self, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.settings, self.secret = settings, TOTP.new().pretty_key(sep="")
        patch.setattr("screener.cli.second_factor.sys.stdin.isatty", lambda: True, raising=False)
        store = connect(settings.store, may="write")
        keys = load_desk_keys(settings.desk_keys, passphrase=settings.passphrase_bytes, production=True)
        codes = OneTimeCodes(keys.totp, store)
        kept = codes._totp(key=self.secret).to_json(encrypt=True)
        add_account(settings, "gus@example.org", tf_totp_secret=kept, tf_primary_method="authenticator")
        self.prompts: list[str] = []
        self.typed = ""
        patch.setattr("screener.cli.second_factor.click.prompt", self._answer)

    def _answer(self, text: str, **options: object) -> str:
        self.prompts.append(text)
        return self.typed

    def code(self) -> str:
        return str(TOTP(key=self.secret).generate(time.time()).token)

    def tries(self, code: str, email: str = "gus@example.org", permission: str = EXPORT) -> str:
        """Why the command goes no further; empty when it does."""
        self.typed = code
        try:
            require_second_factor(self.settings, email, permission)
        except UserError as error:
            return str(error)
        return ""


@pytest.fixture
def production(deployment: Settings, light_passphrase: bytes) -> Settings:
    return Settings(
        data=deployment.data,
        env="production",
        key_passphrase=SecretStr(light_passphrase.decode()),
        desk_host="desk.example.org",
        public_host="forms.example.org",
    )


def test_in_production_an_export_wants_a_code_and_takes_it_once(
    moving: time_machine.Traveller, production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(production, monkeypatch)

    assert terminal.tries("000000").startswith("That code is not right")
    assert terminal.tries(terminal.code()) == ""
    assert terminal.tries(terminal.code()).startswith("That code is not right")
    assert terminal.prompts == ["Code from the authenticator app of gus@example.org"] * 3


def test_guesses_at_a_code_on_the_command_line_are_counted(
    moving: time_machine.Traveller, production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(production, monkeypatch)
    for _ in range(lockout.MAX_FAILED_ATTEMPTS):
        terminal.tries("000000")

    assert terminal.tries(terminal.code()).startswith("That code is not right")


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("root", "name them with --as"),
        ("root@example.org", "do not include this"),
        ("new@example.org", "no second factor yet"),
    ],
)
def test_in_production_nobody_exports_without_a_second_factor_and_the_role(
    production: Settings, monkeypatch: pytest.MonkeyPatch, email: str, why: str
) -> None:
    add_account(production, "root@example.org", roles="administrator", tf_totp_secret="x")
    add_account(production, "new@example.org")

    assert why in Terminal(production, monkeypatch).tries("1", email)


@pytest.mark.parametrize("command", ["export", "erase"])
def test_in_production_both_commands_ask_and_a_script_gets_one_sentence(
    production: Settings, tmp_path: Path, command: str
) -> None:
    add_account(production, "gus@example.org", tf_totp_secret="x")
    out = tmp_path / "out.csv"
    arguments = {
        "export": ["export", "--profile", "spreadsheet", "--purpose", "x", "--out", str(out)],
        "erase": ["erase", "2222-2222-2222-2", "--reason", "on request"],
    }

    result = CliRunner().invoke(cli.cli, [*arguments[command], "--as", "gus@example.org"], obj=production)

    assert str(result.exception).endswith("run it at a terminal.")
    assert not out.exists()


def test_development_asks_for_none(deployment: Settings) -> None:
    require_second_factor(deployment, "root", EXPORT)
