"""Programs that only a Linux distribution has: the one that is installed, else one from the machine's own Debian.

apt checks each archive against the keys that the machine trusts, as it always does. Its lists and archives go into
a folder of ours and nothing is installed, so this needs no right that a build lacks.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.browser.packages import FOLDER
from tests.browser.packages import NotThere
from tests.browser.packages import once

PATIENCE = 600


@dataclass(frozen=True)
class Program:
    """Where a program is, and what its environment must hold beside our own."""

    path: Path
    environment: dict[str, str]


def find(package: str, names: Sequence[str], inside: str) -> Program:
    """The first of *names* that is installed, else *inside* of Debian's *package*. Raises *NotThere*."""
    for name in names:
        if installed := shutil.which(name):
            return Program(Path(installed), {})
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NotThere(f"There is no {names[0]} on this machine, and no apt-get to fetch it; install {names[0]}.")
    root = once(FOLDER / f"debian-{package}", lambda into: _fetch(package, into))
    libraries = [str(path) for path in (*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"))]
    wanted = os.pathsep.join(filter(None, (*libraries, os.environ.get("LD_LIBRARY_PATH"))))
    return Program(root / inside, {"LD_LIBRARY_PATH": wanted} if wanted else {})


def _fetch(package: str, into: Path) -> None:
    """Unpack *package*, and whatever it needs that this machine lacks, into *into*."""
    apt = into / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    options = [f"Dir::State::lists={apt}/lists", f"Dir::Cache={apt}/cache", "Debug::NoLocking=1"]
    # As root, apt would fetch as a user who may not write here.
    options += ["APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    command = ["apt-get", "--quiet", *(f"--option={option}" for option in options)]
    _run(package, [*command, "update"])
    _run(package, [*command, "install", "--yes", "--no-install-recommends", "--download-only", package])
    for archive in sorted(apt.glob("cache/archives/*.deb")):
        _run(package, ["dpkg-deb", "--extract", str(archive), str(into)])
    shutil.rmtree(apt)


def _run(package: str, command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotThere(f"{package} was not fetched in {PATIENCE} seconds; install it, or try again.") from None
    except subprocess.CalledProcessError as error:
        said = str(error.stderr).strip()[-500:]
        raise NotThere(f"{package} cannot be fetched; install it, or see what apt-get says: {said}") from None
