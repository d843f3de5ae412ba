"""Export: rows a second and peak memory, beside a bare loop that selects, opens both boxes and writes CSV.

Each run is a process of its own, and the two take turns, so that a busy minute of the machine hits both.
"""

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from screener.export.pipeline import export
from screener.export.request import ExportRequest
from screener.export.source import load_export_source
from screener.export.to_file import FileSink
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.settings import ROOT
from screener.settings import Settings
from tests.bench.measured import Figures
from tests.bench.measured import measuring
from tests.bench.measured import medians
from tests.bench.measured import table
from tests.bench.seeding import seed

STORES = ROOT / "build" / "bench"
STUDY = "nct05870540"


def exported(settings: Settings, out: Path) -> Figures:
    """``screener export`` without its progress bar."""
    with measuring() as used:
        source = load_export_source(settings, load_private_keys(settings.private_keys, passphrase=None))
        manifest = export(source, ExportRequest("to be measured", "bench"), FileSink(out))
    if manifest.unreadable:
        raise click.ClickException(f"The boxes in {settings.data} do not open: remove that folder.")
    return {**used.as_figures(), "rows": manifest.rows}


def looped(settings: Settings, out: Path) -> Figures:
    """The least that can be called the same work: no guard, no fingerprints, no columns by name, no proof."""
    rows = 0
    with measuring() as used:
        keys = load_private_keys(settings.private_keys, passphrase=None)
        store = sqlite3.connect(settings.data / "store.db")
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            query = (
                "SELECT id, contact_box, answers_box, reference, arrival, received_at FROM submission ORDER BY arrival"
            )
            for id_, contact, answers, *plain in store.execute(query):
                opened_contact = json.loads(open_contact(contact, keys, study=STUDY, submission=id_))
                opened_answers = json.loads(open_answers(answers, keys, study=STUDY, submission=id_))
                writer.writerow([*plain, *opened_contact.values(), *opened_answers.values()])
                rows += 1
        store.close()
    return {**used.as_figures(), "rows": rows}


CONTENDERS = {"screener export": exported, "bare opening loop": looped}


def run(sizes: Iterable[int], rounds: int) -> str:
    """Measure all *sizes*, and tell it as tables."""
    return "\n".join(_measured(_store_of(rows), rows, rounds) for rows in sizes)


def _store_of(rows: int) -> Settings:
    """A store with *rows* submissions, kept from an earlier run if there was one."""
    data = STORES / f"store-of-{rows}"
    if data.is_dir():
        return Settings(data=data)
    STORES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STORES) as folder:
        making = Settings(data=Path(folder) / "store")
        with click.progressbar(length=rows, label=f"Sealing {rows:,} submissions", file=sys.stderr) as bar:
            seed(making, rows, step=bar.update)
        making.data.rename(data)
    return Settings(data=data)


def _measured(settings: Settings, rows: int, rounds: int) -> str:
    runs: dict[str, list[Figures]] = {name: [] for name in CONTENDERS}
    turns = [name for _ in range(rounds) for name in CONTENDERS]
    with click.progressbar(turns, label=f"Exporting {rows:,} submissions", file=sys.stderr) as bar:
        for name in bar:
            runs[name].append(_in_a_process_of_its_own(name, settings.data))
    ours, bare = (medians(runs[name]) for name in CONTENDERS)
    lines = [
        [name, f"{rows / each['wall']:,.0f}", f"{1e6 * each['cpu'] / rows:.0f}", f"{each['peak']:.0f}"]
        for name, each in (("screener export", ours), ("bare opening loop", bare))
    ]
    ratio = f"{bare['wall'] / ours['wall']:.2f}", f"{bare['cpu'] / ours['cpu']:.2f}"
    lines.append(["export : loop (speed)", *ratio, ""])
    title = f"Export of {rows:,} rows, medians of {rounds} interleaved runs"
    return table(title, ["", "rows/s", "CPU us/row", "peak MiB"], lines)


def _in_a_process_of_its_own(name: str, data: Path) -> Figures:
    command = [sys.executable, "-m", "tests.bench.exporting", name, str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"'{name}' failed: {done.stderr.strip()[-500:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(CONTENDERS[sys.argv[1]](Settings(data=Path(sys.argv[2])), Path(folder) / "out.csv")))
