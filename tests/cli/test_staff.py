"""``screener staff``: what each command prints, does, writes into the trail, and refuses in one sentence."""

import json
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.cli import main as cli
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up.models import FollowUp
from screener.follow_up.receipt import receive_submission
from screener.os_user import read_os_user
from screener.settings import Settings
from screener.staff import invitations
from screener.staff.models import Account
from tests.support.accounts import confirm_waiting_changes
from tests.support.submissions import NOON
from tests.support.submissions import sealed

Run = Callable[..., tuple[int, str]]
ADA = ("--name", "Ada Example", "--email", "Ada@Example.org")


@pytest.fixture
def run(any_deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command over a deployment; gives its exit code and what it said."""
    monkeypatch.setattr(cli, "load_settings", lambda: any_deployment)

    def once(*arguments: str) -> tuple[int, str]:
        code = cli.run_command(["staff", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return once


def events(settings: Settings) -> list[tuple[str, str, str, dict[str, object]]]:
    with reading(connect(settings.store, may="read")) as connection:
        rows = connection.execute(sa.select(audit.EVENTS).order_by(audit.EVENTS.c.seq)).mappings()
        return [
            (row["actor"], row["action"], row["subject"], json.loads(row["detail"]))
            for row in rows
            if ":account:" in row["action"]
        ]


def test_an_invitation_is_a_link_and_an_event(run: Run, any_deployment: Settings) -> None:
    code, said = run("invite", *ADA, "--role", "administrator", "--role", "coordinator")

    assert code == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8001/invitation#[\w-]{43}\n", said)
    *_, event = events(any_deployment)
    user = read_os_user()
    detail = {"roles": "coordinator,administrator", "languages": "en", "os_user": user}
    assert event == (user, "cli:account:invited", "ada@example.org", detail)
    assert said.strip().rpartition("/")[2] not in str(event)


def test_the_list_says_what_stands_in_somebodys_way(run: Run) -> None:
    assert "No accounts yet" in run("list")[1]
    run("invite", *ADA, "--language", "es", "--language", "en")

    code, said = run("list")

    assert code == 0
    assert said == "Ada Example  ada@example.org  coordinator  en,es  Invited\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("invite", "--email", "ada@example.org"), "Enter a name"),
        (("invite", "--name", "Ada", "--email", "ada"), "Enter an email address"),
        (("invite", *ADA, "--language", "English, please"), "language codes"),
        (("invite", "--again", "--email", "nobody@example.org"), "No account has the email address"),
        (("disable", "nobody@example.org"), "No account has the email address"),
        (("reset-second-factor", "nobody@example.org"), "No account has the email address"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    run: Run, any_deployment: Settings, arguments: tuple[str, ...], why: str
) -> None:
    code, said = run(*arguments)

    assert code == 2
    assert why in said
    assert "Traceback" not in said
    assert events(any_deployment) == []


def come(settings: Settings, email: str) -> str:
    """The account of *email* as if its invitation had been taken up; gives its id."""
    with writing(connect(settings.store, may="write")) as connection:
        values = {"confirmed_at": NOON, "tf_totp_secret": "x", "tf_primary_method": "authenticator"}
        connection.execute(sa.update(Account).where(Account.email == email).values(values))
        return str(connection.scalar(sa.select(Account.id).where(Account.email == email)))


def test_disabling_hands_the_open_work_over_and_resetting_forgets_the_second_factor(
    run: Run, any_deployment: Settings
) -> None:
    run("invite", *ADA)
    run("invite", "--name", "Bea", "--email", "bea@example.org")
    run("invite", "--name", "Zoe", "--email", "zoe@example.org", "--role", "administrator")
    ada, bea, _ = (come(any_deployment, f"{name}@example.org") for name in ("ada", "bea", "zoe"))
    with writing(connect(any_deployment.store, may="write")) as connection:
        one = sealed()
        receive_submission(connection, one, at=NOON)
        connection.execute(sa.update(FollowUp).values(assignee=ada, state="reached"))

    run("reset-second-factor", "ada@example.org")
    confirm_waiting_changes(any_deployment)
    refused = run("disable", "ada@example.org", "--give-to", "zoe@example.org")
    done = run("disable", "ada@example.org", "--give-to", "bea@example.org")
    twice = run("disable", "ada@example.org")
    last = run("disable", "zoe@example.org")

    assert (refused[0], "Choose another coordinator" in refused[1]) == (2, True)
    assert done == (0, "Disabled the account of Ada Example. 1 open follow-ups were assigned to bea@example.org.\n")
    assert (twice[0], "already disabled" in twice[1]) == (2, True)
    assert (last[0], "last administrator" in last[1]) == (2, True)
    with reading(connect(any_deployment.store, may="read")) as connection:
        row = connection.execute(sa.select(FollowUp.__table__)).one()
    assert (row.assignee, row.version) == (bea, 2)
    verbs = [action.rpartition(":")[2] for _, action, _, _ in events(any_deployment)]
    wanted = ["access_confirmed", "invited"] * 3
    assert verbs == [*wanted, "access_requested", "access_confirmed", "second_factor_reset", "disabled"]


def test_a_new_link_makes_the_old_one_void(run: Run, any_deployment: Settings) -> None:
    first = run("invite", *ADA)[1].strip()
    again = run("invite", "--again", "--email", "ada@example.org")[1].strip()

    with reading(connect(any_deployment.store, may="read")) as connection:
        codes = [link.rpartition("#")[2] for link in (first, again)]
        found = [invitations.find_invitation(connection, code, at=clock.now()) for code in codes]
    assert found[0] is None
    assert found[1] is not None
    assert found[1].email == "ada@example.org"
