"""What one process used, told by itself, and many such figures as a table of medians and ratios."""

import statistics
import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float]


@dataclass
class Used:
    """Seconds on the clock and of the processor; the most memory that the process ever held, in MiB."""

    wall: float = 0
    cpu: float = 0
    peak: float = 0

    def as_figures(self) -> dict[str, float]:
        return asdict(self)


@contextmanager
def measuring() -> Iterator[Used]:
    """Measures its block, in this process."""
    used = Used()
    wall, cpu = time.perf_counter(), time.process_time()
    yield used
    used.wall, used.cpu, used.peak = time.perf_counter() - wall, time.process_time() - cpu, peak_memory()


def peak_memory() -> float:
    """In MiB; of this process alone (``getrusage`` would count what its parent held)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def medians(runs: Sequence[Figures]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def table(title: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Aligned columns, the first to the left and the numbers to the right."""
    widths = [max(len(line[at]) for line in (columns, *lines)) for at in range(len(columns))]

    def row(line: Sequence[str]) -> str:
        first, *rest = line
        return "  ".join(
            [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        )

    return "\n".join([title, row(columns), *map(row, lines), ""])
