"""Write files atomically and durably: invisible until complete, flushed to the disk, replaced only where meant.

A new file (``AtomicFile``, ``create_file``) has no name while it is written, so that a machine that stops half way
leaves nothing readable behind; where the system has no unnamed files (``O_TMPFILE``), a hidden name that ends in
``.part`` stands in. ``replace_file`` swaps the content in one step: a killed process leaves the old file or the new
one.
"""

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from screener.errors import UserError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NOT_PERMITTED = (errno.EACCES, errno.EPERM, errno.EROFS)
#: Seconds between two looks at a lock: short, because an uncontended writer holds it for about a millisecond.
FIRST_LOCK_POLL, LONGEST_LOCK_POLL = 0.0002, 0.001


class LockTimeout(Exception):
    """Another process holds the lock for longer than the caller waits."""


class AtomicFile:
    """A file that gets its name *path* when it is published, readable by *mode* (octal) only.

    Raises *FileExistsError* or *FileNotFoundError* (its folder) at once, before anything is written.
    """

    def __init__(self, path: Path, *, mode: int = 0o600) -> None:
        self.path = path
        self._part: Path | None = None
        self._published = False
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        handle = self._open()
        os.fchmod(handle, mode)
        self.file = os.fdopen(handle, "w+b")

    def _open(self) -> int:
        folder = self.path.parent
        if (unnamed := getattr(os, "O_TMPFILE", 0)) and os.path.isdir("/proc/self/fd"):
            with suppress(OSError):  # a file system without unnamed files; the next line says what is wrong otherwise
                return os.open(folder, unnamed | os.O_RDWR | os.O_CLOEXEC, 0o600)
        handle, part = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".part", dir=folder)
        self._part = Path(part)
        return handle

    def sync(self) -> None:
        """Flush every byte to the disk; a full disk is reported here and not later."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Give the file its name. Raises *FileExistsError* when the name was taken meanwhile.

        When the same ``with`` block fails later, the name is removed again: files that belong together are published
        together or not at all.
        """
        if self._part is None:
            # With a folder descriptor Python calls linkat(2), the only call that follows this symbolic link.
            with _open_folder(self.path.parent) as folder:
                os.link(f"/proc/self/fd/{self.file.fileno()}", self.path.name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            _link_or_rename(self._part, self.path)
        self._published = True
        sync_folder(self.path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a failed write was reported by sync
            self.file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)
        if self._published and error is not None:
            self.path.unlink(missing_ok=True)


def _link_or_rename(part: Path, path: Path) -> None:
    """Name *part* *path* without replacing; without hard links a moment passes between the check and the rename."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(part, path)


def create_file(path: Path, data: bytes, *, mode: int) -> None:
    """Write the new file *path* with *data*. Raises *UserError*, also when it exists; then nothing was changed."""
    with write_errors(path), AtomicFile(path, mode=mode) as new:
        new.file.write(data)
        new.sync()
        new.publish()


def replace_file(path: Path, data: bytes, *, mode: int) -> None:
    """Write *data* to *path* in place of what is there, in one step. Raises *UserError*; then nothing was changed."""
    with write_errors(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        part = Path(name)
        try:
            with open(handle, "wb") as file:
                os.fchmod(handle, mode)
                file.write(data)
                file.flush()
                os.fsync(handle)
            part.replace(path)
            sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)


def move_file(path: Path, to: Path) -> None:
    """Rename *path* to *to*, in one step. Raises *UserError*."""
    with write_errors(to):
        path.replace(to)
        sync_folder(to.parent)


def remove_file(path: Path) -> None:
    """Remove *path* if it is there. Raises *UserError*."""
    with write_errors(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(folder: Path, mode: int) -> None:
    """Make *folder* with *mode* (octal) unless it is there. Raises *UserError*."""
    with write_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        if not folder.is_dir():
            folder.mkdir(mode=mode)
            folder.chmod(mode)
            sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Flush the names in *folder* to the disk."""
    with _open_folder(folder) as handle:
        os.fsync(handle)


@contextmanager
def _open_folder(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def exclusive_lock(handle: int, *, timeout: float = 0) -> Iterator[None]:
    """Hold an advisory lock (flock) on the open file or folder *handle*, and close it at the end.

    Waits up to *timeout* seconds. Raises *LockTimeout*. A process that dies lets go of it.
    """
    try:
        _poll_lock(handle, time.monotonic() + timeout)
        yield
    finally:
        os.close(handle)


def _poll_lock(handle: int, until: float) -> None:
    pause = FIRST_LOCK_POLL
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise LockTimeout from None
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_LOCK_POLL)


@contextmanager
def write_errors(path: Path, *, option: str = "") -> Iterator[None]:
    """Turn an *OSError* about *path* into a *UserError* that says what to do; *option* is what chose the path."""
    try:
        yield
    except OSError as error:
        raise _write_problem(path, error, f", or choose another place with {option}" if option else "") from None


def _write_problem(path: Path, error: OSError, elsewhere: str) -> UserError:
    word = errno.errorcode.get(error.errno or 0, type(error).__name__)
    if error.errno == errno.EEXIST:
        return UserError(f"{path} is already there and was not changed; move it away first{elsewhere}.")
    if error.errno == errno.ENOENT and not path.parent.is_dir():
        return UserError(f"The folder {path.parent} does not exist: make it{elsewhere}.")
    if error.errno in DISK_FULL:
        return UserError(f"The disk is full: {path} was not written. Free some space, then run this again{elsewhere}.")
    if error.errno in NOT_PERMITTED:
        owner = f"run this as the user that owns {path.parent}"
        return UserError(f"{path} cannot be written by this user ({word}); {owner}{elsewhere}.")
    return UserError(f"{path} cannot be written ({word}); check the disk, then run this again{elsewhere}.")
