"""A database fault is answered as one: 503 at the desk, its own sentence at the command line, never "correct the form".

*UserError* and *UnavailableError* are siblings; only the places where a process ends catch their base.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

import screener
from screener.cli import main
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.settings import Settings
from tests.desk.conftest import opened
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

SOURCES = Path(screener.__file__).parent
#: Where a process ends with one sentence and exit code 2, and where each check of `screener doctor` ends with one.
MAY_CATCH_THE_BASE = {"cli/main.py", "web/gunicorn_settings.py", "operations/doctor.py"}
FAULT = "The database is away."


def handlers(path: Path) -> Iterator[tuple[int, set[str], bool]]:
    """Of each handler in *path*: its line, the classes that it catches, and whether all it does is to raise again."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else set()
            (first, *_) = node.body
            yield node.lineno, caught, isinstance(first, ast.Raise) and first.exc is None


def test_the_two_errors_are_siblings() -> None:
    assert not issubclass(UnavailableError, UserError)
    assert not issubclass(UserError, UnavailableError)


def test_only_the_end_of_a_process_catches_both_and_no_handler_only_raises_again() -> None:
    offenders = []
    for path in sorted(SOURCES.rglob("*.py")):
        place = path.relative_to(SOURCES).as_posix()
        for line, caught, only_raises in handlers(path):
            if "ScreenerError" in caught and place not in MAY_CATCH_THE_BASE:
                offenders.append(f"{place}:{line} catches the base of the two errors")
            if "UnavailableError" in caught and only_raises:
                offenders.append(f"{place}:{line} raises a database fault again")

    assert not offenders


@pytest.fixture
def house(deployment: Settings) -> Iterator[DeskApp]:
    yield from opened(deployment)


@contextmanager
def _away(engine: sa.Engine) -> Iterator[sa.Connection]:
    raise UnavailableError(FAULT)
    yield


def test_no_route_of_the_desk_takes_a_database_fault_for_a_form_error(
    house: DeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, zoe = house.hires("Ada"), house.hires("Zoe", roles="administrator")
    record, queue, team = ada.record(house.receives()), ada.opens("/queue"), zoe.opens("/team")
    adas = zoe.opens(f"/team/{ada.id}")
    reference = record.soup.select("h1")[0].get_text().split()[-1]
    sent: list[tuple[DeskUser, str, dict[str, str]]] = []
    for person, page, verb, typed in [
        (ada, record, "note", {"note": "x"}),
        (ada, record, "claim", {}),
        (ada, record, "attempt", {"happened": "call:busy"}),
        (ada, record, "erase", {"reason": "on_request"}),
        (ada, queue, "find", {"reference": reference}),
        (zoe, team, "team", {"name": "Grace", "email": "g@example.org", "role": "coordinator", "languages": "en"}),
        (zoe, adas, "rights", {"role": "study_lead", "languages": "en"}),
        (zoe, adas, "link", {}),
        (zoe, adas, "disable", {}),
    ]:
        sent.append((person, str(page.form(verb)["action"]), {**page.filled(verb), **typed}))
    for module, name in [
        ("screener.desk.actions", "writing"),
        ("screener.desk.views", "reading"),
        ("screener.auth.team", "writing"),
    ]:
        monkeypatch.setattr(f"{module}.{name}", _away)

    answers = {address: person.client.post(address, data=data).status_code for person, address, data in sent}

    assert answers == dict.fromkeys(answers, 503)


def test_the_command_line_says_the_database_fault(
    deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENER_DATA", str(deployment.data))
    monkeypatch.setattr("screener.cli.staff.writing", _away)

    code = main.run_command(["staff", "invite", "--name", "Grace", "--email", "g@example.org", "--role", "coordinator"])

    assert (code, capsys.readouterr().err.strip()) == (2, FAULT)
