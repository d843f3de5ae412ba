"""Exports, and tells the most memory that it took: ``python -m tests.export.peak OUT``."""

import sys
from pathlib import Path

from screener.cli import main as cli


def peak() -> int:
    """The most memory that this process ever held, in KiB (unlike ``getrusage``, not its parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    code = cli.run_command(["export", "--profile", "spreadsheet", "--purpose", "to be measured", "--out", sys.argv[1]])
    print(peak())
    sys.exit(code)
