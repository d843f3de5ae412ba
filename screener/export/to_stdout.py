"""A sink that writes the data of an export to standard output, for a pipe into another program.

Its manifest and codebook go into files of their own, or nowhere. What was written to a pipe cannot be taken back: a
failure ends it early, with an exit code other than 0 and an event in the audit trail.
"""

import os
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO
from typing import Self

from screener.errors import UserError
from screener.export.manifest import ExportPart
from screener.export.to_file import open_parts
from screener.files import AtomicFile
from screener.files import write_errors


class StdoutSink:
    """Writes the data to *stream*, and the manifest to *manifest* with the codebook beside it, or neither if None.

    Raises *UserError* when *manifest* is not named as ``verify-export`` looks for it.
    """

    def __init__(self, stream: IO[bytes], manifest: Path | None = None) -> None:
        self.file_name = "-" if manifest is None else _data_name(manifest)
        self._stream = stream
        self._manifest = manifest
        self._files: dict[ExportPart, AtomicFile] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        if self._manifest is not None:
            data, parts = self._manifest.with_name(self.file_name), (ExportPart.CODEBOOK, ExportPart.MANIFEST)
            with ExitStack() as cleanup:
                self._files = open_parts(data, parts, option="--manifest", cleanup=cleanup)
                self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.__exit__(kind, error, trace)

    def open(self, part: ExportPart) -> AbstractContextManager[IO[bytes]]:
        if part is ExportPart.DATA:
            return nullcontext(self._stream)
        if part in self._files:
            return nullcontext(self._files[part].file)
        return open(os.devnull, "wb")

    def settle(self) -> None:
        self._stream.flush()
        for file in self._files.values():
            with write_errors(file.path, option="--manifest"):
                file.sync()

    def publish(self) -> None:
        for file in self._files.values():
            with write_errors(file.path, option="--manifest"):
                file.publish()


def _data_name(manifest: Path) -> str:
    """The name that the data must be saved under for *manifest* to be found beside it."""
    name = manifest.name.removesuffix(ExportPart.MANIFEST.value)
    if name in ("", manifest.name):
        raise UserError("Name the manifest as its file with .manifest.json after it (interest.csv.manifest.json).")
    return name
