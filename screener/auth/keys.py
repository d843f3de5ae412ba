"""The desk's own key: it signs sessions, peppers passwords, and hides what second factors are made of.

It is made at the first start, lies in the data folder for the desk's user only, and never stands in the environment.
Each use has a key of its own that is derived from it. Without it a stolen store gives no password to guess at; when
it is lost, everybody is invited anew, and no submission is lost with it.
"""

import base64
import binascii
import hmac
import os
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from screener import clock
from screener import files
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.sealing import key_file
from screener.sealing.key_file import MalformedKeyFileError

FORMAT = "screener desk key 1"
NAME = "current.desk-key"
LENGTH = 32


@dataclass(frozen=True)
class DeskKeys:
    """A key for each use."""

    #: Signs the session cookie and what is held across a sign-in.
    session: str = field(repr=False)
    #: Goes into every password before it is stretched.
    pepper: str = field(repr=False)
    #: Encrypts the secrets of the authenticator apps.
    totp: str = field(repr=False)
    #: Keys the hashes of recovery codes.
    recovery: bytes = field(repr=False)


def desk_keys(folder: Path) -> DeskKeys:
    """The keys of the desk, made if there are none. Raises *UserError* when they cannot be read or made."""
    path = folder / NAME
    if not path.exists():
        _make(path)
    root = _read(path)

    def derived(use: str) -> bytes:
        return hmac.digest(root, f"screener desk {use}".encode(), "sha256")

    return DeskKeys(
        session=derived("session").hex(),
        pepper=derived("pepper").hex(),
        totp=derived("totp").hex(),
        recovery=derived("recovery"),
    )


def _make(path: Path) -> None:
    """Write a new key; when another process was faster, its key stays."""
    files.make_folder(path.parent, 0o700)
    content = {
        "format": FORMAT,
        "created": clock.now().isoformat(timespec="seconds"),
        "key": base64.b64encode(os.urandom(LENGTH)).decode(),
    }
    try:
        files.create_file(path, key_file.encode_key_json(content), mode=0o600)
    except UserError:
        if not path.exists():
            raise


def _read(path: Path) -> bytes:
    content = key_file.read_key_json(path, FORMAT, missing="start the desk, which makes it")
    try:
        key = base64.b64decode(key_file.get_text(content, "key"), validate=True)
    except (MalformedKeyFileError, binascii.Error):
        key = b""
    if len(key) != LENGTH:
        raise UnavailableError(
            f"{path} is damaged; put back a copy from a backup, or remove it and invite everybody anew."
        )
    return key
