"""Whether an exported file is still the one that was written, and if not, from which row on.

Needs the file and its manifest, and no key: the file is read as bytes, once, however long it is. Row 1 is the
names of the columns, as a spreadsheet counts.
"""

import enum
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from screener.errors import UserError
from screener.export.csv_file import DIGEST_SIZE
from screener.export.csv_file import digest
from screener.export.csv_file import is_part_of_row
from screener.export.csv_file import rows
from screener.export.manifest import Manifest
from screener.export.manifest import codebook_of
from screener.export.manifest import digests_of
from screener.export.manifest import manifest_of
from screener.export.manifest import read_manifest

_RE_SAVED = (
    "Spreadsheet programs rewrite the whole file when they save it: "
    "verify the file as it was exported, and work on a copy."
)


class State(enum.Enum):
    """What holding a file against its manifest came to."""

    WHOLE = "whole"
    CUT = "cut at row"
    ALTERED = "altered at row"
    ADDED = "rows added after row"
    CODEBOOK_ALTERED = "whole, but the codebook beside it was altered"


@dataclass(frozen=True)
class Finding:
    """The state of a file, the row it is about, and its manifest with that manifest's SHA-256."""

    state: State
    manifest: Manifest
    manifest_sha256: str
    row: int | None = None

    @property
    def sentence(self) -> str:
        """The finding for the person at the command line."""
        if self.row is None:
            return self.state.value
        hint = f". {_RE_SAVED}" if self.state is State.ALTERED and self.row == 1 else ""
        return f"{self.state.value} {self.row}{hint}"


def hold_against_manifest(path: Path) -> Finding:
    """Read *path* from end to end beside its manifest. Raises *UserError* when either cannot be read."""
    try:
        with path.open("rb") as file:
            manifest, sha256 = read_manifest(manifest_of(path))
            state, row = _compare(file, manifest)
        if state is State.WHOLE and not _codebook_is_whole(path, manifest):
            state = State.CODEBOOK_ALTERED
    except OSError:
        raise UserError(f"{path} or the codebook beside it cannot be read: check the name and its owner.") from None
    return Finding(state, manifest, sha256, row)


def _compare(file: IO[bytes], manifest: Manifest) -> tuple[State, int | None]:
    digests = digests_of(manifest)
    expected = manifest.rows + 1
    whole = hashlib.sha256()
    number = 0
    for number, row in enumerate(rows(file), start=1):
        if number > expected:
            return State.ADDED, expected
        whole.update(row)
        if digest(row) != digests[(number - 1) * DIGEST_SIZE : number * DIGEST_SIZE]:
            return (State.CUT if is_part_of_row(row) else State.ALTERED), number
    if number < expected:
        return State.CUT, number + 1
    if whole.hexdigest() != manifest.sha256:
        raise UserError(
            "The manifest contradicts itself (its rows fit the file, its SHA-256 does not): it was altered."
        )
    return State.WHOLE, None


def _codebook_is_whole(path: Path, manifest: Manifest) -> bool:
    """True too when there is no codebook here: a file may travel with its manifest alone."""
    codebook = codebook_of(path)
    if not codebook.exists():
        return True
    with codebook.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == manifest.codebook.sha256
