"""The form key: an HMAC key that signs page tokens and derives submission ids; it opens no box.

A page may lie open for weeks before it is sent, so a replaced form key stays valid for 30 days. Public hosts that share
one inbox share this folder's content; otherwise one host refuses the pages of another. After that the key is *retired*:
it signs nothing, lies in the folder of the private keys, and proves what was sent while it was in use.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from screener import files
from screener.errors import UnavailableError
from screener.sealing.key_file import PRIVATE_MODE
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.key_file import get_text
from screener.sealing.key_file import get_time
from screener.sealing.key_file import read_key_bytes
from screener.sealing.key_file import read_key_json

FORM_FORMAT = "screener form key 1"
CURRENT = "current.form-key"
PREVIOUS = "previous.{key_id}.form-key"
RETIRED = "retired.{key_id}.form-key"
KEPT = timedelta(days=30)
LENGTH = 32


@dataclass(frozen=True)
class FormKeys:
    """The key that signs now, and those whose pages are still taken, the latest first."""

    current: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class FormKey:
    """One form key file."""

    path: Path
    key_id: str
    key: bytes = field(repr=False)
    created_at: datetime
    #: When another one took its place; None for the current one.
    replaced_at: datetime | None


def load_form_keys(folder: Path, *, at: datetime | None = None) -> FormKeys:
    """The form keys in *folder* that are valid *at* (now). Raises *UnavailableError*, which names the file."""
    since = (at or datetime.now(UTC)) - KEPT
    current, *previous = list_form_keys(folder)
    valid = (old.key for old in previous if old.replaced_at is not None and old.replaced_at > since)
    return FormKeys(current.key, tuple(key for key in valid if key != current.key))


def list_form_keys(folder: Path) -> list[FormKey]:
    """Every form key in *folder*, the current one first, then the latest replaced."""
    current = read_form_key(folder / CURRENT)
    paths = sorted(folder.glob(PREVIOUS.format(key_id="*")))
    previous = [read_form_key(path) for path in paths]
    return [current, *sorted(previous, key=lambda old: old.replaced_at or old.created_at, reverse=True)]


def list_retired_form_keys(private_folder: Path) -> list[FormKey]:
    """Every retired form key in *private_folder*. Raises *UnavailableError*, which names the file."""
    return [read_form_key(path) for path in sorted(private_folder.glob(RETIRED.format(key_id="*")))]


class FormKeyRing:
    """Every form key that a deployment ever used, by id; read again when one is asked for that was not there."""

    def __init__(self, form_folder: Path, private_folder: Path) -> None:
        self._folders = form_folder, private_folder
        self._keys: dict[str, bytes] = {}

    def find(self, key_id: str) -> bytes | None:
        """The form key with this id; None when its file is missing, damaged or not readable by this user."""
        if key_id not in self._keys:
            self._keys |= dict(self._read())
        return self._keys.get(key_id)

    def _read(self) -> Iterator[tuple[str, bytes]]:
        for folder in self._folders:
            for path in folder.glob("*.form-key"):
                with suppress(UnavailableError):
                    found = read_form_key(path)
                    yield found.key_id, found.key


def retire_form_keys(form_folder: Path, private_folder: Path, *, at: datetime | None = None) -> tuple[str, ...]:
    """Move form keys that were replaced more than 30 days ago to *private_folder*, and name them by their ids.

    For the user that owns both folders: the public process can delete nothing, and need not be able to prove what was
    sent long ago. The copy is complete before the file goes. Raises *UserError* when a folder cannot be written.
    """
    since = (at or datetime.now(UTC)) - KEPT
    expired = [old for old in list_form_keys(form_folder) if old.replaced_at is not None and old.replaced_at <= since]
    for old in expired:
        target = private_folder / RETIRED.format(key_id=old.key_id)
        if not target.exists():
            data = read_key_bytes(old.path, missing="run this again")
            files.create_file(target, data, mode=PRIVATE_MODE)
        files.remove_file(old.path)
    return tuple(old.key_id for old in expired)


def read_form_key(path: Path) -> FormKey:
    """The form key in the file *path*. Raises *UnavailableError*."""
    content = read_key_json(
        path, FORM_FORMAT, missing="run 'screener keys create', or copy it from the machine that has it"
    )
    try:
        key = base64.b64decode(get_text(content, "key"), validate=True)
        created_at = get_time(content, "created")
        replaced_at = None if path.name == CURRENT else get_time(content, "replaced")
        whole = len(key) == LENGTH and form_key_id(key) == get_text(content, "key_id")
    except (MalformedKeyFileError, binascii.Error, ValueError):
        whole = False
    if not whole:
        raise UnavailableError(
            f"{path} is damaged; put back a copy, or run 'screener keys restore' with your key backup."
        )
    return FormKey(path, form_key_id(key), key, created_at, replaced_at)


def form_key_id(key: bytes) -> str:
    """A name for *key* that says nothing about it."""
    return hashlib.sha256(b"screener form key\0" + key).hexdigest()[:16]
