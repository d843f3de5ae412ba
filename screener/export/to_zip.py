"""One export as a download: the file, its codebook and its manifest in one archive, sent while it is made.

Nothing is put down on the way, neither on a disk nor in memory, however many submissions there are. The archive's
list of contents goes last, after the trail has the manifest's hash: a download that was cut does not open as an
archive, and the trail says that it was cut.
"""

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from screener import clock
from screener.db import reading
from screener.export import request as orders
from screener.export.codebook import write_codebook
from screener.export.columns import Table
from screener.export.csv_file import Sheet
from screener.export.manifest import codebook_of
from screener.export.manifest import manifest_of
from screener.export.manifest import write_manifest
from screener.export.request import Begun
from screener.export.request import Order
from screener.export.request import Source
from screener.export.rows import Passed
from screener.export.rows import passing

#: Bytes that are collected before they are sent.
PIECE = 64 * 1024


class _Passage:
    """What the archive writes into, and the answer takes out of."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do: whoever sends takes what is there."""

    def taken(self, least: int = 1) -> Iterator[bytes]:
        """What waits, once it is *least* bytes."""
        if len(self._waiting) >= least:
            yield bytes(self._waiting)
            self._waiting.clear()


def download(source: Source, order: Order) -> Iterator[bytes]:
    """The bytes of the archive that *order* asks for.

    The trail has said that the export begins when this returns. Raises *UnavailableError* when it cannot be said; then
    nothing is sent. What goes wrong later ends the bytes before they are an archive.
    """
    return _sent(source, order, orders.begin(source.store, order))


def _sent(source: Source, order: Order, begun: Begun) -> Iterator[bytes]:
    try:
        yield from _written(source, order, begun)
    except BaseException as error:
        orders.cut_short(source.store, order, begun, error)
        raise


def _written(source: Source, order: Order, begun: Begun) -> Iterator[bytes]:
    passage, table, passed = _Passage(), Table(source.fields), Passed()
    with zipfile.ZipFile(passage, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        with archive.open(_entry(order.out), "w", force_zip64=True) as file:
            sheet = Sheet(file)
            sheet.add(table.names)
            with reading(source.store) as connection:
                for _ in passing(connection, source.keys, source.study, table, sheet, passed):
                    yield from passage.taken(PIECE)
        with archive.open(_entry(codebook_of(order.out)), "w") as file:
            legend = Sheet(file)
            write_codebook(table.columns, legend)
        manifest = orders.manifest_for(source, order, begun, table=table, sheet=sheet, passed=passed, legend=legend)
        with archive.open(_entry(manifest_of(order.out)), "w", force_zip64=True) as file:
            manifest_sha256 = write_manifest(manifest, sheet.digests, file)
        yield from passage.taken()
        orders.end(source.store, order, begun, manifest, manifest_sha256)
    yield from passage.taken()


def _entry(path: Path) -> zipfile.ZipInfo:
    """A file of the archive; whoever unpacks it gets it for themselves only, where the system knows owners."""
    entry = zipfile.ZipInfo(path.name, clock.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    return entry
