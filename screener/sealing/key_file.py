"""Key files on the disk: written whole or not at all, never over another key, and read with plain words.

A file is written beside its place, flushed, given its name in one step, and the folder is flushed too; a
process that is killed at any moment leaves the old file or the new one. Creating uses a hard link, which
fails if the name is taken; only what is meant to change (the current key of a rotation) is replaced.
"""

import errno
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from screener.errors import UnavailableError
from screener.errors import UserError

PRIVATE_MODE = 0o600
PUBLIC_MODE = 0o644
#: The public process is another user in production, and reads the form key through its group.
FORM_MODE = 0o640
FILE_MODES = {"public": PUBLIC_MODE, "private": PRIVATE_MODE, "form": FORM_MODE}
FOLDER_MODES = {"public": 0o755, "private": 0o700, "form": 0o750}


class Damaged(Exception):
    """A key file does not hold what it should; carries no part of the file."""


def read_json(path: Path, format_name: str, *, missing: str) -> dict[str, Any]:
    """The content of the key file *path*. Raises *UnavailableError*; *missing* says what to do when it is not there."""
    return content_of(read_bytes(path, missing=missing), path, format_name)


def read_bytes(path: Path, *, missing: str) -> bytes:
    """The bytes of *path*, or *UnavailableError* with a sentence."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnavailableError(f"{path} is not there; {missing}.") from None
    except PermissionError:
        raise UnavailableError(f"{path} cannot be read by this user; run this as the user that owns it.") from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read ({_word(error)}); look after the disk and try again.") from None


def content_of(data: bytes, path: Path, format_name: str) -> dict[str, Any]:
    """*data* as the JSON object that *format_name* promises; *path* is for the sentence."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != format_name:
        raise UnavailableError(f"{path} is damaged or is not a '{format_name}' file; put back a copy from your backup.")
    return content


def text_of(content: Mapping[str, Any], name: str) -> str:
    """The text *name* in *content*. Raises *Damaged*."""
    value = content.get(name)
    if not isinstance(value, str):
        raise Damaged
    return value


def moment_of(content: Mapping[str, Any], name: str) -> datetime:
    """The time *name* in *content*, with its zone. Raises *Damaged*."""
    try:
        moment = datetime.fromisoformat(text_of(content, name))
    except ValueError:
        raise Damaged from None
    if moment.tzinfo is None:
        raise Damaged
    return moment


def to_json(content: Mapping[str, Any]) -> bytes:
    """*content* as a file that a person can look at."""
    return json.dumps(content, indent=2).encode() + b"\n"


def make_folder(folder: Path, mode: int) -> None:
    """Make *folder* with *mode* unless it is there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        if not folder.is_dir():
            folder.mkdir(mode=mode)
            folder.chmod(mode)
            _flush_folder(folder.parent)
    except OSError as error:
        raise _cannot_write(folder, error) from None


def write_new(path: Path, data: bytes, *, mode: int) -> None:
    """Write *path*, which must not be there yet. Raises *UserError*; then nothing was changed."""
    with _landing(path, data, mode) as landing:
        try:
            os.link(landing, path)
        except FileExistsError:
            raise UserError(f"{path} is already there and was not changed; move it away first.") from None


def write_over(path: Path, data: bytes, *, mode: int) -> None:
    """Write *path* in place of what is there, in one step. Raises *UserError*; then nothing was changed."""
    with _landing(path, data, mode) as landing:
        landing.replace(path)


def move(path: Path, to: Path) -> None:
    """Give the file *path* the name *to*, in one step."""
    try:
        path.replace(to)
        _flush_folder(to.parent)
    except OSError as error:
        raise _cannot_write(to, error) from None


def remove(path: Path) -> None:
    """Take *path* away if it is there."""
    try:
        path.unlink(missing_ok=True)
        _flush_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None


@contextmanager
def _landing(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """*data*, flushed, in a file beside *path*; the folder is flushed once the block gave it its name."""
    landing = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        landing = Path(name)
        with open(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(data)
            file.flush()
            os.fsync(handle)
        yield landing
        _flush_folder(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        if landing is not None:
            with suppress(OSError):
                landing.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold *folder* so that two commands never change its keys at once."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(
            f"Another command is changing the keys in {folder}; wait for it, then run this again."
        ) from None


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(path: Path, error: OSError) -> UserError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(f"The disk is full: {path} was not written. Free some space, then run this again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError(f"{path} cannot be written by this user; run this as the user that owns {path.parent}.")
    return UserError(
        f"{path} cannot be written ({_word(error)}); check SCREENER_DATA and the disk, then run this again."
    )


def _word(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
