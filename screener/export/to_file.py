"""A sink that writes an export atomically into a folder: three files, visible together or not at all."""

import errno
from collections.abc import Iterable
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO
from typing import Self

from screener.errors import Problem
from screener.export.manifest import ExportPart
from screener.files import Landing

_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileSink:
    """Writes the data to *path* and its companions beside it, readable by their owner only; replaces no file."""

    def __init__(self, path: Path, *, parts: Iterable[ExportPart] = ExportPart) -> None:
        self._path = path
        self._parts = tuple(parts)
        self._files: dict[ExportPart, Landing] = {}
        self._cleanup = ExitStack()

    @property
    def file_name(self) -> str:
        return self._path.name

    def __enter__(self) -> Self:
        """Open every file now, so that a name that is taken is a *Problem* before the work and not after it."""
        try:
            with ExitStack() as cleanup:
                self._files = {part: cleanup.enter_context(Landing(part.path_for(self._path))) for part in self._parts}
                self._cleanup = cleanup.pop_all()
        except OSError as error:
            raise _explain(error, self._path) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not published, and raise a system error or Ctrl-C as a *Problem* with its sentence."""
        self._cleanup.__exit__(kind, error, trace)
        if isinstance(error, KeyboardInterrupt | OSError):
            raise _explain(error, self._path) from None

    def open(self, part: ExportPart) -> AbstractContextManager[IO[bytes]]:
        return nullcontext(self._files[part].file)

    def settle(self) -> None:
        for file in self._files.values():
            file.settle()

    def publish(self) -> None:
        """Name the companions first: where the data is, its manifest is too."""
        for part in reversed(self._parts):
            self._files[part].land()


def _explain(error: KeyboardInterrupt | OSError, path: Path) -> Problem:
    if isinstance(error, KeyboardInterrupt):
        return Problem("The export was stopped; no file was written.")
    if error.errno in _DISK_IS_FULL:
        return Problem(f"The disk of {path} is full; no file was written. Make room and export again.")
    code = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return Problem(
        f"{path} cannot be written ({code}), and nothing was. Check its folder, or choose another one with --out."
    )
