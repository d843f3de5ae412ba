"""How a table becomes bytes, and bytes become rows again.

One form only, because the manifest speaks about bytes: UTF-8 with a byte order mark (without it, spreadsheets read
accents wrong), every cell in quotes, quotes doubled, rows ended by CR LF. *rows* therefore finds the ends of rows
without understanding a cell: a line end outside quotes is one, and inside quotes it is part of a value.
"""

import csv
import hashlib
import re
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO

from screener.export.formula_guard import guard

BOM = "\ufeff".encode()
#: Bytes of a row's digest that the manifest keeps: enough to name the row, small for a million of them.
DIGEST_SIZE = 8
#: No row of ours is nearly as long; what is, is read in pieces, so that memory stays flat on any file.
_LONGEST = 1 << 20

#: Whole cells, then one that may have no end.
_BEGINNING = re.compile(rb'(?:"(?:[^"]|"")*+",)*(?:"(?:[^"]|"")*+(?:"\r?)?)?')


def digest(row: bytes) -> bytes:
    """The short fingerprint of one row's bytes, its line end included."""
    return hashlib.sha256(row).digest()[:DIGEST_SIZE]


class Sheet:
    """Writes guarded rows to *file*, and counts and fingerprints what it wrote."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._csv = csv.writer(self, quoting=csv.QUOTE_ALL)
        self._whole = hashlib.sha256()
        self.rows = 0
        self.size = 0
        self.digests = bytearray()

    def add(self, cells: Iterable[str]) -> None:
        """Write one row; the first is the names of the columns."""
        self._csv.writerow([guard(cell) for cell in cells])

    def write(self, line: str) -> int:
        """Take one finished row from the CSV writer."""
        row = line.encode() if self.rows else BOM + line.encode()
        self._file.write(row)
        self._whole.update(row)
        self.digests += digest(row)
        self.rows += 1
        self.size += len(row)
        return len(line)

    @property
    def sha256(self) -> str:
        return self._whole.hexdigest()


def rows(file: IO[bytes]) -> Iterator[bytes]:
    """The rows of *file* as they lie there, line ends included, one at a time."""
    lines: list[bytes] = []
    size = quotes = 0
    while line := file.readline(_LONGEST):
        lines.append(line)
        size += len(line)
        quotes += line.count(b'"')
        if (line.endswith(b"\n") and quotes % 2 == 0) or size >= _LONGEST:
            yield b"".join(lines)
            lines, size, quotes = [], 0, 0
    if lines:
        yield b"".join(lines)


def is_part_of_row(piece: bytes) -> bool:
    """Whether *piece*, the last thing in a file, is how a row of ours begins: then it was cut, and not rewritten."""
    return BOM.startswith(piece) or _BEGINNING.fullmatch(piece.removeprefix(BOM)) is not None
