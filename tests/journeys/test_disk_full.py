"""A full disk loses nothing that was typed and leaves no half file.

What stands for the full disk is the kernel's own limit on the size of a file that a process writes: the same call
fails in the same place, and it can be given back while the process runs.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screener.db import connect
from screener.settings import Settings
from screener.submissions import inbox
from tests.support.http_client import HttpClient
from tests.support.server import BIN
from tests.support.server import ROOT
from tests.support.server import Server
from tests.support.submissions import sealed


@contextmanager
def no_room_for(pid: int) -> Iterator[None]:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def test_what_was_typed_comes_back_and_is_taken_when_there_is_room(tmp_path: Path) -> None:
    data = tmp_path / "served"
    data.mkdir()
    server = Server(data, GUNICORN_CMD_ARGS="--workers 1")
    server.set_up()
    server.start_public()
    try:
        person = HttpClient(server.port)
        form = person.opens("/en/interest")
        answers = {"name_pref": "Invented Crowded", "phone": "+1 415 555 0100", "adult_self": "1", "age_years": "44"}
        check = person.goes_on(form, answers)
        with no_room_for(server.child("public")):
            refused = person.sends(check, "Send")
        taken = person.sends(refused, "Send")
        server.wait_until_moved()
        rows = server.exported()
    finally:
        server.stop()

    assert refused.status == 503
    assert sorted(refused.filled()) == sorted(check.filled())
    assert "What you typed is still here." in refused.text
    assert taken.status == 200
    assert [(row["reference"], row["age_years"]) for row in rows] == [(taken.reference, "44")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "--profile", "spreadsheet", "--purpose", "test", "--out", "OUT"),
        ("backup", "--out", "OUT"),
        ("keys", "backup", "--out", "OUT"),
        ("keys", "rotate"),
        ("keys", "rotate", "--form-key"),
        ("intake", "paused", "--reason", "test"),
        ("worker", "--once"),
        ("study", "copy", "OUT"),
    ],
    ids=" ".join,
)
def test_a_command_says_one_sentence_leaves_no_half_file_and_works_later(
    tmp_path: Path, deployment: Settings, arguments: tuple[str, ...]
) -> None:
    waiting = sealed()
    inbox.add_submission(connect(deployment.inbox, may="write"), waiting)
    out = tmp_path / "out"
    command = [str(BIN / "screener"), *(str(out) if one == "OUT" else one for one in arguments)]
    before = names_in(tmp_path)

    refused = run(command, deployment, room=0)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert len([line for line in refused.stderr.splitlines() if line and not line.startswith("Development keys")]) == 1
    assert names_in(tmp_path) == before
    assert run(command, deployment).returncode == 0


@pytest.mark.parametrize("room", [8192, 200_000])
def test_a_restore_that_has_no_room_keeps_nothing_and_works_later(
    tmp_path: Path, deployment: Settings, empty_deployment: Settings, room: int
) -> None:
    for number in range(400):
        inbox.add_submission(connect(deployment.inbox, may="write"), sealed(number))
    archive = tmp_path / "all.screener"
    assert run([str(BIN / "screener"), "backup", "--out", str(archive)], deployment).returncode == 0
    command = [str(BIN / "screener"), "restore", str(archive)]

    refused = run(command, empty_deployment, room=room)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Traceback" not in refused.stderr
    assert not [path for path in empty_deployment.data.glob("keys/**/*") if path.is_file()]
    assert run(command, empty_deployment).returncode == 0


def test_tables_are_made_when_there_is_room_again(empty_deployment: Settings) -> None:
    command = [str(BIN / "screener"), "migrate"]

    refused = run(command, empty_deployment, room=8192)

    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert run(command, empty_deployment).returncode == 0


def run(command: list[str], deployment: Settings, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """*command* over *deployment*, with *room* bytes left for any file."""
    limited = [] if room is None else ["sh", "-c", f'ulimit -f {room // 512}; exec "$@"', "sh"]
    environment = {**os.environ, "SCREENER_DATA": str(deployment.data)}
    return subprocess.run([*limited, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def names_in(folder: Path) -> list[str]:
    """Every file, apart from those that SQLite makes and removes as it works."""
    return sorted(str(path) for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm", ".lock")))
