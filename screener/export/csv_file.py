"""Write CSV rows as bytes with their fingerprints, and split such bytes into rows again.

There is one form only, because the manifest speaks about bytes: UTF-8 with a byte order mark (without it, spreadsheets
read accents wrong), every cell in quotes, quotes doubled, rows ended by CR LF. ``split_csv_rows`` therefore finds the
ends of rows without parsing a cell: a line end outside quotes ends a row, and inside quotes it is part of a value.
"""

import csv
import hashlib
import re
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO

from screener.export.formula_guard import escape_formula

BYTE_ORDER_MARK = "\ufeff".encode()
#: Bytes of a row's SHA-256 that the manifest keeps: enough to name the row, small for a million of them.
DIGEST_BYTES = 8
#: No row of ours is nearly as long; a longer one is read in pieces, so that memory stays flat on any file.
_LONGEST_ROW_BYTES = 1 << 20

#: Whole cells, then one that may have no end.
_BEGINNING_OF_ROW = re.compile(rb'(?:"(?:[^"]|"")*+",)*(?:"(?:[^"]|"")*+(?:"\r?)?)?')


def digest_row(row: bytes) -> bytes:
    """Return the short fingerprint of one row's bytes, its line end included."""
    return hashlib.sha256(row).digest()[:DIGEST_BYTES]


class CsvWriter:
    """Writes rows of escaped cells to *file*; counts and fingerprints the bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._csv = csv.writer(self, quoting=csv.QUOTE_ALL)
        self._sha256 = hashlib.sha256()
        self.rows = 0
        self.size = 0
        self.digests = bytearray()

    def write_row(self, cells: Iterable[str]) -> None:
        """Write one row; the first holds the names of the columns."""
        self._csv.writerow([escape_formula(cell) for cell in cells])

    def write(self, line: str) -> int:
        """Take one finished row from ``csv.writer``, which calls this."""
        row = line.encode() if self.rows else BYTE_ORDER_MARK + line.encode()
        self._file.write(row)
        self._sha256.update(row)
        self.digests += digest_row(row)
        self.rows += 1
        self.size += len(row)
        return len(line)

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written so far, in hexadecimal."""
        return self._sha256.hexdigest()


def split_csv_rows(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the rows of *file* byte for byte, line ends included, one at a time."""
    lines: list[bytes] = []
    size = quotes = 0
    while line := file.readline(_LONGEST_ROW_BYTES):
        lines.append(line)
        size += len(line)
        quotes += line.count(b'"')
        if (line.endswith(b"\n") and quotes % 2 == 0) or size >= _LONGEST_ROW_BYTES:
            yield b"".join(lines)
            lines, size, quotes = [], 0, 0
    if lines:
        yield b"".join(lines)


def is_part_of_row(piece: bytes) -> bool:
    """Return whether *piece*, the end of a file, is the beginning of a row of ours: the file was cut, not rewritten."""
    return (
        BYTE_ORDER_MARK.startswith(piece)
        or _BEGINNING_OF_ROW.fullmatch(piece.removeprefix(BYTE_ORDER_MARK)) is not None
    )
