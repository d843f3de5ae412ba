"""A sink that writes an export atomically into a folder: three files, visible together or not at all."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import contextmanager
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO
from typing import Self

from screener.errors import UserError
from screener.export.manifest import ExportPart
from screener.files import AtomicFile
from screener.files import write_errors


class FileSink:
    """Writes the data to *path* and its companions beside it, readable by their owner only; replaces no file."""

    def __init__(self, path: Path) -> None:
        self.file_name = path.name
        self._path = path
        self._files: dict[ExportPart, AtomicFile] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Open every file now, so that a name that is taken is a *UserError* before the work and not after it."""
        with ExitStack() as cleanup:
            cleanup.enter_context(_stop_as_problem())
            cleanup.enter_context(write_errors(self._path, option="--out"))
            self._files = open_parts(self._path, tuple(ExportPart), option="--out", cleanup=cleanup)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not published, and raise a system error or Ctrl-C as a *UserError* with its sentence."""
        self._cleanup.__exit__(kind, error, trace)

    def open(self, part: ExportPart) -> AbstractContextManager[IO[bytes]]:
        return nullcontext(self._files[part].file)

    def settle(self) -> None:
        for file in self._files.values():
            file.sync()

    def publish(self) -> None:
        """Name the companions first: where the data is, its manifest is too."""
        for file in reversed(self._files.values()):
            file.publish()


def open_parts(
    data: Path, parts: tuple[ExportPart, ...], *, option: str, cleanup: ExitStack
) -> dict[ExportPart, AtomicFile]:
    """Open new files for *parts* beside *data*; *cleanup* closes them. Raises *UserError*."""
    files = {}
    for part in parts:
        path = part.path_for(data)
        with write_errors(path, option=option):
            files[part] = cleanup.enter_context(AtomicFile(path))
    return files


@contextmanager
def _stop_as_problem() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise UserError("The export was stopped; no file was written.") from None
