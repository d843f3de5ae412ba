"""A sink that streams an export as a ZIP archive: the desk's download, sent while it is made.

Nothing is stored on the way, neither on a disk nor in memory, however many submissions there are. The archive's
central directory goes last, after the audit trail has the manifest's hash: a download that was cut does not open as
an archive, and the audit trail says that it was cut.
"""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import IO
from typing import Self

from screener import clock
from screener.export import audit_events
from screener.export.manifest import ExportPart
from screener.export.pipeline import export_in_steps
from screener.export.request import ExportRequest
from screener.export.source import ExportSource

#: Bytes that are collected before they are sent.
CHUNK_BYTES = 64 * 1024


class _ChunkBuffer:
    """The file that the archive is written to: it keeps what has not been sent yet."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: the sender takes what is there."""

    def take(self, at_least: int) -> bytes:
        """Return everything that waits, or nothing while that is fewer bytes than *at_least*."""
        if len(self._waiting) < at_least:
            return b""
        chunk = bytes(self._waiting)
        self._waiting.clear()
        return chunk


class ZipSink:
    """Writes the three files of an export into an archive, whose bytes ``take`` hands out."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self._buffer = _ChunkBuffer()
        self._archive = zipfile.ZipFile(self._buffer, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self._settled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def open(self, part: ExportPart) -> AbstractContextManager[IO[bytes]]:
        entry = zipfile.ZipInfo(part.path_for(Path(self.file_name)).name, clock.now().timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        # Where the system knows owners, the unpacked file is readable by its owner only.
        entry.external_attr = (stat.S_IFREG | 0o600) << 16
        # The codebook alone is short for certain.
        file: AbstractContextManager[IO[bytes]] = self._archive.open(
            entry, "w", force_zip64=part is not ExportPart.CODEBOOK
        )
        return file

    def settle(self) -> None:
        self._settled = True

    def publish(self) -> None:
        """Write the central directory, which makes an archive of the bytes."""
        self._archive.close()

    def take(self) -> bytes:
        """Return the bytes that are to be sent now."""
        return self._buffer.take(1 if self._settled else CHUNK_BYTES)


def stream_zip(source: ExportSource, request: ExportRequest, file_name: str) -> Iterator[bytes]:
    """Return the bytes of the archive that *request* asks for, its data under *file_name*.

    The audit trail has the start when this returns. Raises *UnavailableError* when it cannot take it; then nothing is
    sent. A failure later ends the bytes before they are an archive.
    """
    return _stream(source, request, ZipSink(file_name), audit_events.record_start(source.store, request, file_name))


def _stream(
    source: ExportSource, request: ExportRequest, sink: ZipSink, start: audit_events.ExportStart
) -> Iterator[bytes]:
    with closing(export_in_steps(source, request, sink, start)) as steps:
        for _ in steps:
            if chunk := sink.take():
                yield chunk
