"""Verify an exported file against its manifest: whole, or from which row on it is not.

Needs the file and its manifest, and no key: the file is read as bytes, once, however long it is. Row 1 is the
names of the columns, as a spreadsheet counts.
"""

import enum
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from screener.errors import UserError
from screener.export.csv_file import DIGEST_BYTES
from screener.export.csv_file import digest_row
from screener.export.csv_file import is_part_of_row
from screener.export.csv_file import split_csv_rows
from screener.export.manifest import ExportManifest
from screener.export.manifest import ExportPart
from screener.export.manifest import decode_row_digests
from screener.export.manifest import read_manifest

_SAVED_AGAIN_HINT = (
    "Spreadsheet programs rewrite the whole file when they save it: "
    "verify the file as it was exported, and work on a copy."
)


class FileState(enum.Enum):
    """What the comparison of a file with its manifest found; the value is how it is printed."""

    WHOLE = "whole"
    CUT = "cut at row"
    ALTERED = "altered at row"
    ADDED = "rows added after row"
    CODEBOOK_ALTERED = "whole, but the codebook beside it was altered"


@dataclass(frozen=True)
class Verification:
    """The state of a file, the row it is about, and its manifest with that manifest's SHA-256."""

    state: FileState
    manifest: ExportManifest
    manifest_sha256: str
    row: int | None = None

    @property
    def sentence(self) -> str:
        """The result as the command line prints it."""
        if self.row is None:
            return self.state.value
        hint = f". {_SAVED_AGAIN_HINT}" if self.state is FileState.ALTERED and self.row == 1 else ""
        return f"{self.state.value} {self.row}{hint}"


def verify_file(path: Path) -> Verification:
    """Compare *path*, from end to end, with its manifest. Raises *UserError* when either cannot be read."""
    try:
        with path.open("rb") as file:
            manifest, sha256 = read_manifest(ExportPart.MANIFEST.path_for(path))
            state, row = _compare(file, manifest)
        if state is FileState.WHOLE and not _is_codebook_whole(path, manifest):
            state = FileState.CODEBOOK_ALTERED
    except OSError:
        raise UserError(f"{path} or the codebook beside it cannot be read: check the name and its owner.") from None
    return Verification(state, manifest, sha256, row)


def _compare(file: IO[bytes], manifest: ExportManifest) -> tuple[FileState, int | None]:
    digests = decode_row_digests(manifest)
    expected = manifest.rows + 1
    sha256 = hashlib.sha256()
    number = 0
    for number, row in enumerate(split_csv_rows(file), start=1):
        if number > expected:
            return FileState.ADDED, expected
        sha256.update(row)
        if digest_row(row) != digests[(number - 1) * DIGEST_BYTES : number * DIGEST_BYTES]:
            return (FileState.CUT if is_part_of_row(row) else FileState.ALTERED), number
    if number < expected:
        return FileState.CUT, number + 1
    if sha256.hexdigest() != manifest.sha256:
        raise UserError(
            "The manifest contradicts itself (its rows fit the file, its SHA-256 does not): it was altered."
        )
    return FileState.WHOLE, None


def _is_codebook_whole(path: Path, manifest: ExportManifest) -> bool:
    """Return whether the codebook is the one of *manifest*, or is not here: a file may travel without it."""
    codebook = ExportPart.CODEBOOK.path_for(path)
    if not codebook.exists():
        return True
    with codebook.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == manifest.codebook.sha256
