"""The demo: every state is there, everything came through the pages, and nothing of it can harm a real deployment."""

import ast
import itertools
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from pydantic import SecretStr

from screener import audit
from screener import clock
from screener.cli import main as cli
from screener.db import connect
from screener.db import reading
from screener.demo.participants import invent_participants
from screener.demo.scenarios import ENDED_SCENARIOS
from screener.demo.scenarios import OPEN_SCENARIOS
from screener.desk.context import EXTENSION
from screener.desk_app import create_desk_app
from screener.follow_up.models import ContactAttempt
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.models import StoppedChannel
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.follow_up.transitions import TRANSITIONS
from screener.settings import PACKAGE
from screener.settings import Settings
from screener.study.loader import load_study
from screener.submissions.models import Submission

#: One worker makes what these share.
pytestmark = pytest.mark.xdist_group("demo")

SMALL = ("demo", "--submissions", "40", "--days", "28")
DEMO = sorted((PACKAGE / "demo").glob("*.py"))
#: What writes submissions, or opens a box. (The first invitation is written as the command line writes it.)
FORBIDDEN = re.compile(
    r"sqlalchemy|sqlite3|psycopg|screener\.(sealing|follow_up\.service|follow_up\.models|submissions\.(store|writes))"
)
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command over a deployment; gives its exit code and what it said."""

    def once(settings: Settings, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(cli, "load_settings", lambda: settings)
        code = cli.run_command(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return once


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """A small demo that was played once, with a mail server named that must never be spoken to; and what it said."""
    settings = Settings(data=tmp_path_factory.mktemp("demo") / "data", smtp_url=SecretStr("smtp://127.0.0.1:9"))
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr(cli, "load_settings", lambda: settings)
        patch.setattr("click.echo", lambda message="", **_: said.append(str(message)))
        assert cli.run_command(SMALL) == 0
    return settings, "\n".join(said)


def column(settings: Settings, query: sa.Select[Any]) -> set[object]:
    with reading(connect(settings.store, may="read")) as connection:
        return set(connection.scalars(query))


@pytest.mark.slow
def test_every_state_channel_outcome_and_kind_of_step_is_there(played: tuple[Settings, str]) -> None:
    settings, _ = played

    assert column(settings, sa.select(FollowUp.state)) == set(TRANSITIONS) - {FollowUpState.NOT_A_REAL_SUBMISSION}
    assert column(settings, sa.select(ContactAttempt.channel)) == set(OUTCOMES_BY_CHANNEL)
    assert column(settings, sa.select(ContactAttempt.outcome)) == set(itertools.chain(*OUTCOMES_BY_CHANNEL.values()))
    assert column(settings, sa.select(FollowUpEvent.kind)) == set(EventKind)
    assert column(settings, sa.select(StoppedChannel.channel)) <= set(OUTGOING_CHANNELS)
    assert column(settings, sa.select(Submission.suspected_spam)) == {True, False}
    assert len(column(settings, sa.select(Submission.call_language))) > 4


def test_some_are_late_and_some_nobody_has_looked_at(played: tuple[Settings, str]) -> None:
    settings, _ = played
    late = sa.select(FollowUp.arrival).where(FollowUp.next_action_at < clock.now())
    unseen = sa.select(FollowUp.arrival).where(FollowUp.opened_at.is_(None))

    assert column(settings, late)
    assert len(column(settings, unseen)) >= 3


def test_nothing_lies_in_the_future_and_the_trail_is_whole_and_in_order(run: Run, played: tuple[Settings, str]) -> None:
    settings, _ = played

    with reading(connect(settings.store, may="read")) as connection:
        times: list[datetime] = list(connection.scalars(sa.select(audit.EVENTS.c.at).order_by(audit.EVENTS.c.seq)))

    assert run(settings, "audit", "verify")[0] == 0
    assert times == sorted(times)
    assert times[-1] < clock.now()


def test_every_form_has_its_email_in_the_folder(played: tuple[Settings, str]) -> None:
    settings, _ = played
    emails = [path.read_text(encoding="utf-8") for path in settings.email_folder.glob("*.eml")]
    told = {line.split()[1] for email in emails for line in email.splitlines() if line.startswith("To: ")}

    assert len(emails) > 20
    # The study lead is told of the accounts that she asked for.
    assert told == {f"{name}@example.org" for name in ("ines", "jordan", "mei", "robin")}


def test_a_password_that_was_printed_opens_the_desk(played: tuple[Settings, str]) -> None:
    settings, said = played
    printed = re.findall(r"^  (\S+@example\.org)  (\S+)  ", said, re.MULTILINE)
    app = create_desk_app(settings)

    assert len(printed) == 4
    for email, password in printed:
        client = FlaskClient(app)
        token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[0]
        form = {"email": email, "password": password, "csrf_token": token}
        assert client.post("/sign-in", data=form).headers["Location"] == "/queue"
    app.extensions[EXTENSION].close()


def test_what_is_told_adds_up(played: tuple[Settings, str]) -> None:
    _, said = played

    assert "40 submissions, by status at the desk:" in said
    assert sum(int(number) for number in re.findall(r"^ +(\d+)  [A-Z]", said, re.MULTILINE)) == 40


def test_it_is_not_played_twice_in_one_place(run: Run, played: tuple[Settings, str]) -> None:
    settings, _ = played

    code, said = run(settings, *SMALL)

    assert code == 2
    assert "holds submissions or accounts already" in said


def test_it_is_not_mixed_with_people_who_work_somewhere(run: Run, deployment: Settings) -> None:
    run(deployment, "staff", "invite", "--name", "Ada Example", "--email", "ada@example.org")

    code, said = run(deployment, *SMALL)

    assert (code, "an empty folder" in said) == (2, True)


def test_it_refuses_in_production_before_it_touches_anything(run: Run, tmp_path: Path) -> None:
    code, said = run(Settings(data=tmp_path / "data", env="production"), *SMALL)

    assert code == 2
    assert "does not run in production" in said
    assert not (tmp_path / "data").exists()


def test_the_same_number_invents_the_same_people(deployment: Settings) -> None:
    study = load_study(deployment.study)

    assert invent_participants(study, 50, seed=7) == invent_participants(study, 50, seed=7)
    assert invent_participants(study, 50, seed=7) != invent_participants(study, 50, seed=8)


def test_nobody_in_it_can_be_taken_for_somebody(deployment: Settings) -> None:
    for one in invent_participants(load_study(deployment.study), 400, seed=1):
        assert one.name.endswith(" Example")
        assert re.fullmatch(r"(\(\d{3}\) 555-01\d\d)?", str(one.typed["phone"]))
        assert re.fullmatch(r"([a-z]+\.\d+@example\.org)?", str(one.typed["email"]))
        assert one.typed["phone"] or one.typed["email"]


def test_nothing_in_it_knows_how_to_write_to_a_database() -> None:
    for path in DEMO:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

        assert not [name for name in imported if FORBIDDEN.match(name)], path


def test_there_is_a_scenario_for_more_than_every_state() -> None:
    assert len(OPEN_SCENARIOS) + len(ENDED_SCENARIOS) > len(TRANSITIONS)
