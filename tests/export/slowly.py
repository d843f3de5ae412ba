"""An export of its own process that takes its time, to be stopped or killed: ``python -m tests.export.slowly OUT``."""

import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

from screener.cli import main as cli
from screener.export import rows

ordinary = vars(rows)["iterate_submissions"]


def in_no_hurry(*arguments: Any, **options: Any) -> Iterator[Any]:
    for number, kept in enumerate(ordinary(*arguments, **options)):
        yield kept
        if number == 200:
            print("under way", flush=True)
        if number >= 200:
            time.sleep(0.01)


if __name__ == "__main__":
    vars(rows)["iterate_submissions"] = in_no_hurry
    # Whoever started the tests in the background left this signal switched off.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(
        cli.run_command(["export", "--profile", "spreadsheet", "--purpose", "to be stopped", "--out", sys.argv[1]])
    )
