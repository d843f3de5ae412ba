"""Read key files: JSON of a named format, refused in plain words when one is missing, unreadable or damaged.

They are written by ``screener.files``: whole or not at all, and never over another key by accident.
"""

import errno
import json
import os
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from screener import files
from screener.errors import UnavailableError
from screener.errors import UserError

PRIVATE_MODE = 0o600
PUBLIC_MODE = 0o644
#: The public process is another user in production, and reads the form key through its group.
FORM_MODE = 0o640
FILE_MODES = {"public": PUBLIC_MODE, "private": PRIVATE_MODE, "form": FORM_MODE}
FOLDER_MODES = {"public": 0o755, "private": 0o700, "form": 0o750}


class MalformedKeyFileError(Exception):
    """A key file does not hold what it should; carries no part of the file."""


def read_key_json(path: Path, format_name: str, *, missing: str) -> dict[str, Any]:
    """The content of the key file *path*. Raises *UnavailableError*; *missing* says what to do when it is not there."""
    return parse_key_json(read_key_bytes(path, missing=missing), path, format_name)


def read_key_bytes(path: Path, *, missing: str) -> bytes:
    """The bytes of *path*, or *UnavailableError* with a sentence."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnavailableError(f"{path} is not there; {missing}.") from None
    except PermissionError:
        raise UnavailableError(f"{path} cannot be read by this user; run this as the user that owns it.") from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read ({_word(error)}); look after the disk and try again.") from None


def parse_key_json(data: bytes, path: Path, format_name: str) -> dict[str, Any]:
    """*data* as the JSON object that *format_name* promises; *path* is for the sentence."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != format_name:
        raise UnavailableError(f"{path} is damaged or is not a '{format_name}' file; put back a copy from your backup.")
    return content


def get_text(content: Mapping[str, Any], name: str) -> str:
    """The text *name* in *content*. Raises *MalformedKeyFileError*."""
    value = content.get(name)
    if not isinstance(value, str):
        raise MalformedKeyFileError
    return value


def get_time(content: Mapping[str, Any], name: str) -> datetime:
    """The time *name* in *content*, with its zone. Raises *MalformedKeyFileError*."""
    try:
        moment = datetime.fromisoformat(get_text(content, name))
    except ValueError:
        raise MalformedKeyFileError from None
    if moment.tzinfo is None:
        raise MalformedKeyFileError
    return moment


def encode_key_json(content: Mapping[str, Any]) -> bytes:
    """*content* as a file that a person can look at."""
    return json.dumps(content, indent=2).encode() + b"\n"


@contextmanager
def lock_keys(folder: Path) -> Iterator[None]:
    """Hold *folder* so that two commands never change its keys at once. Raises *UserError*."""
    with files.write_errors(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        with files.exclusive_lock(handle):
            yield
    except files.LockTimeout:
        raise UserError(
            f"Another command is changing the keys in {folder}; wait for it, then run this again."
        ) from None


def _word(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
