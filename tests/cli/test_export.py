"""The two commands as a person meets them: sentences, exit codes, and what is left when they are killed."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result

from screener.cli.main import cli
from screener.errors import UserError
from screener.sealing import protection
from screener.settings import Settings
from tests.export.conftest import deployed
from tests.export.staff import Staff
from tests.support.accounts import add_account
from tests.support.server import BIN


def run(settings: Settings, *arguments: str) -> Result:
    """What the command says; a *UserError* comes out as it is, ``screener.cli.main`` makes exit code 2 of it."""
    return CliRunner().invoke(cli, arguments, obj=settings)


def export(staff: Staff, *more: str) -> Result:
    return run(
        staff.settings, "export", "--profile", "spreadsheet", "--purpose", "first calls", "--out", str(staff.out), *more
    )


def verify(staff: Staff) -> Result:
    return run(staff.settings, "verify-export", str(staff.out))


def test_an_export_says_what_it_wrote_and_is_whole_and_genuine(staff: Staff) -> None:
    staff.keeps_people("Ada Example", "Grace Example")

    add_account(staff.settings, "grace@example.org")

    exported, verified = export(staff, "--as", "Grace@Example.org"), verify(staff)

    assert exported.exit_code == 0
    assert "2 submissions" in exported.stdout
    assert "Development keys" in exported.stderr
    assert staff.events()[0]["actor"] == "grace@example.org"
    assert (verified.exit_code, verified.stdout.splitlines()[0]) == (0, "whole and genuine")
    assert "by grace@example.org for: first calls" in verified.stdout


def test_an_empty_store_gives_a_file_without_rows(staff: Staff) -> None:
    exported = export(staff)

    assert (exported.exit_code, staff.rows()) == (0, [])
    assert verify(staff).exit_code == 0


def test_no_answer_is_said_aloud(staff: Staff) -> None:
    staff.keeps_people("Ada Example")

    exported, verified = export(staff), verify(staff)

    for said in (exported.output, verified.output):
        assert "Ada" not in said
        assert "415" not in said


def test_rows_that_stay_shut_are_a_warning_and_the_file_is_there(staff: Staff, stranger: Staff) -> None:
    staff.keeps_people("Ada Example")
    theirs = stranger.settings.private_keys / "answers.private"
    (staff.settings.private_keys / "answers.private").write_bytes(theirs.read_bytes())

    exported = export(staff)

    assert exported.exit_code == 0
    assert "1 submission could not be opened" in exported.stderr
    assert staff.rows()[0]["unreadable"] == "answers"


def test_an_answer_without_a_column_is_a_warning(staff: Staff) -> None:
    staff.keeps(staff.seal({"pager": "7"}, {}))

    assert "'unlisted'" in export(staff).stderr


def test_whole_without_its_store_is_exit_code_1(staff: Staff, tmp_path: Path) -> None:
    staff.exports()

    verified = run(Settings(data=tmp_path / "another machine"), "verify-export", str(staff.out))

    assert verified.exit_code == 1
    assert verified.stdout.startswith("whole, but not proven genuine: no store is at hand")


def test_a_cut_file_is_exit_code_2_and_names_the_row(staff: Staff) -> None:
    staff.keeps_people("Ada Example", "Grace Example")
    staff.exports()
    staff.out.write_bytes(staff.out.read_bytes()[:-30])

    verified = verify(staff)

    assert (verified.exit_code, verified.stdout) == (2, "cut at row 3\n")


def test_help_says_the_exit_codes(staff: Staff) -> None:
    said = run(staff.settings, "verify-export", "--help").stdout

    for code in ("Exit code 0", "Exit code 1", "Exit code 2"):
        assert code in said


@pytest.mark.parametrize("place", ["absent/interest.csv", "."])
def test_a_place_that_cannot_be_is_a_sentence(staff: Staff, place: str) -> None:
    staff.out = staff.files / place

    assert isinstance(export(staff).exception, UserError)
    assert os.listdir(staff.files) == []


def export_to_stdout(staff: Staff, *more: str) -> Result:
    return run(staff.settings, "export", "--profile", "spreadsheet", "--purpose", "first calls", "--out", "-", *more)


def test_standard_output_takes_the_csv_and_nothing_else(staff: Staff) -> None:
    staff.keeps_people("Ada Example")
    staff.exports()

    exported = export_to_stdout(staff)

    assert (exported.exit_code, exported.stdout_bytes) == (0, staff.out.read_bytes())
    assert f"standard output (SHA-256 {hashlib.sha256(exported.stdout_bytes).hexdigest()}): 1 sub" in exported.stderr
    assert len(os.listdir(staff.files)) == 3
    assert [event["action"] for event in staff.events()[2:]] == ["cli:export:started", "cli:export:finished"]


def test_a_saved_output_is_verified_by_the_manifest_that_was_asked_for(staff: Staff) -> None:
    staff.keeps_people("Ada Example")

    exported = export_to_stdout(staff, "--manifest", str(staff.manifest_path))
    staff.out.write_bytes(exported.stdout_bytes)

    assert len(os.listdir(staff.files)) == 3
    assert (staff.manifest().file, verify(staff).exit_code) == ("interest.csv", 0)


@pytest.mark.parametrize(
    "options",
    [("--out", "-", "--manifest", "manifest.json"), ("--out", "interest.csv", "--manifest", "a.csv.manifest.json")],
)
def test_a_manifest_without_its_file_is_refused_before_anything_is_recorded(
    staff: Staff, options: tuple[str, ...]
) -> None:
    refused = run(staff.settings, "export", "--profile", "spreadsheet", "--purpose", "first calls", *options)

    assert isinstance(refused.exception, UserError)
    assert staff.events() == []


def test_an_output_that_is_closed_early_is_a_failure_in_the_audit_trail(staff: Staff) -> None:
    staff.keeps_people(*(f"Example {number}" for number in range(400)))
    command = [str(BIN / "screener"), "export", "--profile", "spreadsheet", "--purpose", "cut", "--out", "-"]
    more = ["--manifest", str(staff.manifest_path)]
    environment = {**os.environ, "SCREENER_DATA": str(staff.settings.data)}

    with subprocess.Popen(
        [*command, *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()

    assert process.returncode != 0
    assert b"Traceback" not in said
    assert os.listdir(staff.files) == []
    assert staff.events()[-1]["action"] == "cli:export:failed"


def test_keys_with_a_passphrase_want_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "STRETCH", {"memory_kib": 64, "iterations": 1, "lanes": 1})
    settings = deployed(tmp_path / "data", passphrase="correct horse battery staple")
    out = str(tmp_path / "interest.csv")
    order = ("export", "--profile", "spreadsheet", "--purpose", "first calls", "--out", out)

    with_it = run(settings, *order)
    without = run(settings.model_copy(update={"key_passphrase": None}), *order)

    assert with_it.exit_code == 0
    assert "Development keys" not in with_it.stderr
    assert isinstance(without.exception, UserError)
    assert "passphrase" in str(without.exception)


def started(staff: Staff) -> subprocess.Popen[str]:
    """An export as a process of its own, once it has begun to pass submissions."""
    command = [sys.executable, "-m", "tests.export.slowly", str(staff.out)]
    environment = {**os.environ, "SCREENER_DATA": str(staff.settings.data)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"
    return process


def test_an_export_that_is_killed_leaves_nothing_behind(staff: Staff) -> None:
    staff.keeps_people(*(f"Example {number}" for number in range(300)))

    for pause in (0, 0.05, 0.2):
        process = started(staff)
        time.sleep(pause)
        process.kill()
        process.communicate()

        assert os.listdir(staff.files) == []
    assert {event["action"] for event in staff.events()} == {"cli:export:started"}


def test_ctrl_c_is_a_sentence_an_event_and_no_file(staff: Staff) -> None:
    staff.keeps_people(*(f"Example {number}" for number in range(300)))

    process = started(staff)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()

    assert process.returncode == 2
    assert "was stopped; no file was written" in said
    assert "Traceback" not in said
    assert os.listdir(staff.files) == []
    assert staff.events()[-1]["action"] == "cli:export:failed"
