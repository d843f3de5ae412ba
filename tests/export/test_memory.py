"""An export takes no more memory for five thousand people than for one thousand."""

import os
import subprocess
import sys
from pathlib import Path

from screener.settings import Settings
from tests.bench.seeding import seed


def peak_of(tmp_path: Path, rows: int) -> int:
    """The most memory (KiB) of a process that exports *rows* submissions."""
    settings = Settings(data=tmp_path / f"of {rows}")
    seed(settings, rows)
    out = tmp_path / f"{rows}.csv"
    command = [sys.executable, "-m", "tests.export.peak", str(out)]
    environment = {**os.environ, "SCREENER_DATA": str(settings.data)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert out.read_bytes().count(b"\r\n") == rows + 1
    return int(done.stdout.splitlines()[-1])


def test_memory_does_not_grow_with_the_store(tmp_path: Path) -> None:
    few, many = peak_of(tmp_path, 1_000), peak_of(tmp_path, 5_000)

    assert many < few + 2_000
