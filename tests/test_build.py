"""What a packager meets: a wheel is refused in one sentence that says what is deployed instead."""

import subprocess
import sys
from pathlib import Path

from screener.settings import ROOT


def test_a_wheel_is_refused_in_one_sentence(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Screener is deployed from a checkout, not from a wheel" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []
