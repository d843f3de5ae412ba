"""The way in from the shell: whatever goes wrong there is one sentence and exit code 2."""

import os
import subprocess
from pathlib import Path

import pytest

from screener.settings import Settings
from tests.support.server import BIN


def run(deployment: Settings, shell: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of *shell*, in which ``screener`` is ours."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SCREENER_DATA": str(deployment.data)}
    return subprocess.run(["sh", "-c", shell], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["screener --help", "screener audit verify", "screener keys show"])
def test_output_that_cannot_be_written_is_a_sentence(deployment: Settings, command: str) -> None:
    done = run(deployment, f"{command} > /dev/full")

    assert done.returncode == 2
    assert done.stderr == (
        "What this command says cannot be written (No space left on device); look where its output goes.\n"
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
