"""``screener retention``: it says what is due and what stops it, and takes a person's word."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from screener import audit
from screener import clock
from screener.cli.main import run_command
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.retention.models import StopKind
from screener.retention.stops import raise_stop
from screener.settings import Settings
from tests.support.retention import kept_references
from tests.support.retention import list_stops
from tests.support.retention import receive_forms
from tests.support.retention import start_worker

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(deployment: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("SCREENER_DATA", str(deployment.data))

    def call(*arguments: str) -> tuple[int, str]:
        code = run_command(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def announce(settings: Settings, number: int = 1, **changes: object) -> list[str]:
    references = receive_forms(settings, number, **{"changed_at": clock.now() - timedelta(days=400), **changes})  # type: ignore[arg-type]
    start_worker(settings).run_once()
    return references


@pytest.mark.parametrize("command", [("retention", "show"), ("retention", "--dry-run")])
def test_a_dry_run_says_what_is_erased_when_and_changes_nothing(
    deployment: Settings, run: Run, command: tuple[str, ...]
) -> None:
    (dated,) = announce(deployment)
    (untried,) = announce(deployment, state="new", attempts=0)
    receive_forms(deployment, 2, version="b" * 64)
    receive_forms(deployment, 3, changed_at=clock.now() - timedelta(days=170))

    code, said = run(*command)

    day = f"{clock.now() + timedelta(days=14):%Y-%m-%d}"
    assert code == 0
    assert "2 announced, 1 of them wait for a decision; 3 to be announced. At most 25 a day" in said
    assert "2 forms came by a wording that has no recorded approval" in said
    assert f"{day}  {dated}  erased on this date\n" in said
    assert f"{day}  {untried}  waits for a decision: no contact attempt\n" in said
    assert len(kept_references(deployment)) == 7


def test_a_stop_is_shown_and_ends_with_a_confirmation_alone(deployment: Settings, run: Run) -> None:
    with writing(connect(deployment.store, may="write")) as connection:
        raise_stop(
            connection,
            StopKind.CLOCK_AHEAD,
            source="worker",
            actor="worker",
            at=clock.now(),
            reference_at=clock.now() - timedelta(days=9),
        )

    _, said = run("retention", "show")
    assert "Erasing is stopped since" in said
    assert "The clock of the server jumped ahead" in said
    assert list_stops(deployment) == [("clock_ahead", True)]

    code, said = run("retention", "confirm")
    assert (code, list_stops(deployment)) == (0, [("clock_ahead", False)])
    assert "Confirmed: The clock of the server jumped ahead" in said
    with reading(connect(deployment.store, may="read")) as connection:
        event = next(event for event in audit.newest(connection, limit=5) if event.action == "cli:retention:confirmed")
    assert event.detail == {"stop": "clock_ahead", "number": 0, "os_user": event.actor}
    assert "nothing to confirm" in run("retention", "confirm")[1]


def test_a_named_form_is_decided_on_and_one_that_does_not_wait_changes_nothing(deployment: Settings, run: Run) -> None:
    (untried,) = announce(deployment, state="new", attempts=0)
    (dated,) = announce(deployment)

    code, said = run("retention", "confirm", untried, dated)
    assert (code, f"{dated} does not wait for a decision, so nothing was changed" in said) == (2, True)
    assert "waits for a decision" in run("retention", "show")[1]

    code, said = run("retention", "confirm", untried.lower())
    assert (code, f"{untried} is erased on its date" in said) == (0, True)
    assert f"{untried}  erased on this date, as decided" in run("retention", "show")[1]


def test_one_form_is_erased_on_request_whatever_stops_the_rest(deployment: Settings, run: Run) -> None:
    first, second, third = receive_forms(deployment, 3)
    with writing(connect(deployment.store, may="write")) as connection:
        raise_stop(connection, StopKind.CLOCK_BACK, source="worker", actor="worker", at=clock.now())

    code, said = run("erase", second, third, "--reason", "asked for together")
    assert (code, "went back" in said, "Nothing was done" in said) == (2, True, True)
    assert len(kept_references(deployment)) == 3

    code, _ = run("erase", first, "--reason", "on request")
    assert (code, kept_references(deployment)) == (0, [second, third])


def test_erasing_many_at_once_obeys_one_day_s_share(deployment: Settings, run: Run) -> None:
    references = receive_forms(deployment, 30)

    code, said = run("erase", *references, "--reason", "a test round")
    assert (code, "30 at once, after 0 in the last day, is more than one day's share of 25" in said) == (2, True)
    assert (len(kept_references(deployment)), list_stops(deployment)) == (30, [("bulk_act", True)])
    assert run("erase", *references, "--reason", "a test round")[0] == 2

    run("retention", "confirm")
    code, said = run("erase", *references, "--reason", "a test round")
    assert (code, kept_references(deployment)) == (0, [])


def test_what_was_erased_in_the_last_day_counts(deployment: Settings, run: Run) -> None:
    references = receive_forms(deployment, 28)
    assert run("erase", *references[:20], "--reason", "a test round")[0] == 0

    assert run("erase", *references[20:], "--reason", "a test round")[0] == 2

    assert len(kept_references(deployment)) == 8
