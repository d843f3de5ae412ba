"""A file that is not there until it is whole.

What is written has no name at first, so that a machine that stops in the middle leaves nothing readable behind;
it gets its name when the last byte is on the disk. Where the system has no nameless files, a hidden name ending
in ``.part`` stands in, and is removed on every way out but a killed process. No file is ever replaced.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from screener.errors import UserError


class Landing:
    """The place of a file to come, at *path*; readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part: Path | None = None
        self._landed = False
        if os.path.lexists(path):
            raise UserError(f"{path} exists already, and nothing is replaced: choose another name with --out.")
        if not path.parent.is_dir():
            raise UserError(f"The folder {path.parent} does not exist: make it, or choose another place with --out.")
        self.file = os.fdopen(self._opened(), "w+b")

    def _opened(self) -> int:
        folder = self.path.parent
        if (nameless := getattr(os, "O_TMPFILE", 0)) and os.path.isdir("/proc/self/fd"):
            with suppress(OSError):
                return os.open(folder, nameless | os.O_RDWR | os.O_CLOEXEC, 0o600)
        handle, part = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".part", dir=folder)
        self._part = Path(part)
        return handle

    def settle(self) -> None:
        """Bring every byte to the disk; what fails for want of space fails here, not later."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def land(self) -> None:
        """Give the file its name, unless something has taken that name meanwhile.

        If what follows in the same block fails, the name is taken away again: files that belong together land
        together or not at all.
        """
        try:
            self._name()
        except FileExistsError:
            raise UserError(
                f"{self.path} has appeared meanwhile, and nothing is replaced: try again with another name."
            ) from None

    def _name(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if self._part is None:
                # The folder's descriptor makes Python use linkat(2), the only call that follows this symbolic link.
                os.link(f"/proc/self/fd/{self.file.fileno()}", self.path.name, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                _name_part(self._part, self.path)
            self._landed = True
            os.fsync(folder)
        finally:
            os.close(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what could not be written was reported by settle
            self.file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)
        if self._landed and error is not None:
            self.path.unlink(missing_ok=True)


def _name_part(part: Path, path: Path) -> None:
    """Move *part* to *path*, replacing nothing; without hard links there is a moment between the look and the move."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError from None
        os.rename(part, path)
