"""The form key: an HMAC key that signs page tokens and derives submission ids; it opens no box.

A page may lie open for weeks before it is sent, so a replaced form key stays valid for 30 days. Public hosts that share
one inbox share this folder's content; otherwise one host refuses the pages of another.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from screener.errors import UnavailableError
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.key_file import get_text
from screener.sealing.key_file import get_time
from screener.sealing.key_file import read_key_json

FORM_FORMAT = "screener form key 1"
CURRENT = "current.form-key"
PREVIOUS = "previous.{key_id}.form-key"
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
