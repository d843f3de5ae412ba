"""The import contracts of ``pyproject.toml`` hold, and each of them bites when its fault is planted.

A contract that nobody has seen fail may be one that cannot: a renamed module makes it say nothing at all. So each is
tried on a copy of the tree with a line in it that it forbids.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from screener.settings import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
FLOORS = "Imports go down the floors, never up and never across, and every module has its floor"
PUBLIC = "The public process can neither open a box nor reach the store"
WORKER = "The worker moves boxes and has nothing that opens one"
LETTERBOX = "The letterbox and the board know nothing of the store"
SEALING = "Sealing takes bytes and gives bytes, and knows no framework"
FOLLOW_UPS = "The tables of follow-ups are known where they are written, and to the readers in this list"
LAZY = "\n\ndef later() -> None:\n    {}\n"

PLANTED = {
    "a module that nobody placed": ("drawer.py", '"""What did not fit elsewhere."""\n', FLOORS),
    "a floor that looks up": ("db.py", "\nimport screener.worker\n", FLOORS),
    "two rooms of one floor": ("study/model.py", "\nimport screener.web.locales\n", FLOORS),
    "opening, lazily": ("intake/submit.py", LAZY.format("import screener.sealing.open"), PUBLIC),
    "the store": ("intake/availability.py", "\nfrom screener.submissions import queries\n", PUBLIC),
    "the store, by a detour": ("submissions/envelope.py", "\nimport screener.submissions.writes\n", PUBLIC),
    "the packet": ("intake/context.py", LAZY.format("import screener.packet.writing"), PUBLIC),
    "a worker that opens": ("worker/loop.py", LAZY.format("from screener.sealing import open"), WORKER),
    "a letterbox that looks": ("submissions/inbox.py", "\nimport screener.submissions.models\n", LETTERBOX),
    "a second writer of follow-ups": ("staff/accounts.py", "\nimport screener.follow_up.models\n", FOLLOW_UPS),
    "sealing with a framework": ("sealing/box.py", "\nimport flask\n", SEALING),
}


def lint(folder: Path) -> str:
    done = subprocess.run(
        [LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}\nexit {done.returncode}"


def test_every_contract_is_kept() -> None:
    said = lint(ROOT)

    assert "exit 0" in said, said


@pytest.mark.parametrize("fault", PLANTED)
def test_a_contract_bites(fault: str, tmp_path: Path) -> None:
    place, line, contract = PLANTED[fault]
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "screener", tmp_path / "screener", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "screener" / place).open("a", encoding="utf-8") as module:
        module.write(line)

    said = lint(tmp_path)

    assert f"{contract} BROKEN" in said
    assert "exit 1" in said
