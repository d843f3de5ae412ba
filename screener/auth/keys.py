"""The desk key: seals sessions, peppers passwords, and encrypts TOTP secrets.

It is created at the first start, lies in the data folder with access for the desk's user only, and never stands in the
environment. Each use has a key of its own, derived from it (HMAC-SHA256). Without it a stolen store gives no password
hash to guess at; when it is lost, every account is invited anew, and no submission is lost.
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

DESK_KEY_FORMAT = "screener desk key 1"
DESK_KEY_FILE = "current.desk-key"
DESK_KEY_BYTES = 32


@dataclass(frozen=True)
class DeskKeys:
    """The derived keys, one for each use."""

    #: Signs the cookie before the sign-in and the pending requests.
    session: str = field(repr=False)
    #: Keys the seals of stored sessions.
    session_row: bytes = field(repr=False)
    #: Goes into every password before it is hashed.
    pepper: str = field(repr=False)
    #: Encrypts the secrets of the authenticator apps.
    totp: str = field(repr=False)
    #: Keys the hashes of recovery codes.
    recovery: bytes = field(repr=False)


def load_desk_keys(folder: Path) -> DeskKeys:
    """Load the keys of the desk, created if there are none. Raises *UserError* when they cannot be read or created."""
    path = folder / DESK_KEY_FILE
    if not path.exists():
        _create_key_file(path)
    root = _read_key_file(path)

    def derived(use: str) -> bytes:
        return hmac.digest(root, f"screener desk {use}".encode(), "sha256")

    return DeskKeys(
        session=derived("session").hex(),
        session_row=derived("session row"),
        pepper=derived("pepper").hex(),
        totp=derived("totp").hex(),
        recovery=derived("recovery"),
    )


def _create_key_file(path: Path) -> None:
    """Write a new key; when another process was faster, its key stays."""
    files.make_folder(path.parent, 0o700)
    content = {
        "format": DESK_KEY_FORMAT,
        "created": clock.now().isoformat(timespec="seconds"),
        "key": base64.b64encode(os.urandom(DESK_KEY_BYTES)).decode(),
    }
    try:
        files.create_file(path, key_file.encode_key_json(content), mode=0o600)
    except UserError:
        if not path.exists():
            raise


def _read_key_file(path: Path) -> bytes:
    content = key_file.read_key_json(path, DESK_KEY_FORMAT, missing="start the desk, which makes it")
    try:
        key = base64.b64decode(key_file.get_text(content, "key"), validate=True)
    except (MalformedKeyFileError, binascii.Error):
        key = b""
    if len(key) != DESK_KEY_BYTES:
        raise UnavailableError(
            f"{path} is damaged; put back a copy from a backup, or remove it and invite everybody anew."
        )
    return key
