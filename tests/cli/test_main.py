"""Every process ends an error with one sentence on standard error and exit code 2, never a traceback."""

import os
import subprocess
from pathlib import Path

import pytest

from screener.settings import Settings
from tests.support.server import BIN
from tests.support.server import ROOT


def run(deployment: Settings, shell: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of *shell*, in which ``screener`` is ours."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SCREENER_DATA": str(deployment.data)}
    return subprocess.run(["sh", "-c", shell], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        "screener audit verify",
        "python -c 'import wsgi; wsgi.public()'",
        "python -c 'import wsgi; wsgi.desk()'",
        "gunicorn --check-config --config python:screener.public_server 'wsgi:public()'",
        "gunicorn --check-config --config python:screener.desk_server 'wsgi:desk()'",
    ],
)
def test_a_setting_that_cannot_be_read_is_one_sentence_at_every_start(deployment: Settings, command: str) -> None:
    done = run(deployment, f"cd {ROOT} && SCREENER_ENV=nonsense {command}")

    assert (done.returncode, done.stdout) == (2, "")
    assert "SCREENER_ENV" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["screener --help", "screener audit verify", "screener keys show"])
def test_output_that_cannot_be_written_is_a_sentence(deployment: Settings, command: str) -> None:
    done = run(deployment, f"{command} > /dev/full")

    assert done.returncode == 2
    assert done.stderr == (
        "The output of this command cannot be written (No space left on device); check where it is sent.\n"
    )


def test_without_an_output_it_does_its_work(deployment: Settings) -> None:
    done = run(deployment, "screener audit verify >&-")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_has_gone_is_no_fault(deployment: Settings) -> None:
    done = run(deployment, "screener --help | true")

    assert done.stderr == ""


def test_a_name_that_the_system_refuses_is_named(deployment: Settings, tmp_path: Path) -> None:
    done = run(deployment, f"SCREENER_DATA={tmp_path}/{'x' * 300} screener keys create")

    assert done.returncode == 2
    assert "File name too long" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", ["", "unheard-of", "export", "erase", "keys unheard-of", "worker --twice"])
def test_a_command_that_is_none_says_what_there_is(deployment: Settings, arguments: str) -> None:
    done = run(deployment, f"screener {arguments}")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage" in done.stderr
