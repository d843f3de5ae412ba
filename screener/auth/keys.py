"""The desk key: seals sessions, peppers passwords, and encrypts TOTP secrets.

It is created at the first start, lies in the data folder under the passphrase of the private keys, and never stands in
the environment. Each use has a key of its own, derived from it (HMAC-SHA256). Without it a stolen store gives no
password hash to guess at; when it is lost, every account is invited anew, and no submission is lost.
"""

import base64
import binascii
import hmac
import os
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any

from screener import clock
from screener import files
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.sealing import key_file
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.protection import ASK_FOR_IT
from screener.sealing.protection import decrypt_secret
from screener.sealing.protection import encrypt_secret
from screener.sealing.protection import is_passphrase_protected

#: The file of release 0.1.0 holds the key in the clear; it is read, and replaced when a passphrase is at hand.
PLAIN_FORMAT = "screener desk key 1"
DESK_KEY_FORMAT = "screener desk key 2"
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
    #: Signs the cookies of known browsers, and keys the hashes of browser and account.
    browser: bytes = field(repr=False)
    #: Authenticates what the desk itself seals.
    notes: bytes = field(repr=False)


def load_desk_keys(folder: Path, *, passphrase: bytes | None = None, production: bool = False) -> DeskKeys:
    """Load the keys of the desk, created if there are none, and sealed under *passphrase* if they were not.

    Raises *UserError* when they cannot be read or created, and in *production* without a passphrase.
    """
    if production and not passphrase:
        raise UserError(f"In production the desk's key lies under the passphrase of the private keys; {ASK_FOR_IT}.")
    path = folder / DESK_KEY_FILE
    if not path.exists():
        _create_key_file(path, passphrase)
    seal_desk_key(folder, passphrase=passphrase)
    root = _decrypt_key(_read_key_file(path), path, passphrase)

    def derived(use: str) -> bytes:
        return hmac.digest(root, f"screener desk {use}".encode(), "sha256")

    return DeskKeys(
        session=derived("session").hex(),
        session_row=derived("session row"),
        pepper=derived("pepper").hex(),
        totp=derived("totp").hex(),
        recovery=derived("recovery"),
        browser=derived("browser"),
        notes=derived("notes"),
    )


def seal_desk_key(folder: Path, *, passphrase: bytes | None) -> bool:
    """Put the desk's key under *passphrase*, if there is one and the key lies in the clear; whether it did.

    The file is replaced as a whole: killed at any moment, it is the old one or the new one. Raises *UserError*.
    """
    path = folder / DESK_KEY_FILE
    if not passphrase or not path.exists():
        return False
    content = _read_key_file(path)
    if _is_protected(content, path):
        return False
    key = _decrypt_key(content, path, None)
    files.replace_file(path, _encode_key_file(key, str(content.get("created", "")), passphrase), mode=0o600)
    return True


def describe_desk_key(folder: Path) -> tuple[datetime, bool] | None:
    """When the desk's key was made, and whether it lies under a passphrase; None before the desk's first start."""
    path = folder / DESK_KEY_FILE
    if not path.exists():
        return None
    content = _read_key_file(path)
    try:
        return key_file.get_time(content, "created"), _is_protected(content, path)
    except MalformedKeyFileError:
        raise _damaged(path) from None


def _create_key_file(path: Path, passphrase: bytes | None) -> None:
    """Write a new key; when another process was faster, its key stays."""
    files.make_folder(path.parent, 0o700)
    created = clock.now().isoformat(timespec="seconds")
    try:
        files.create_file(path, _encode_key_file(os.urandom(DESK_KEY_BYTES), created, passphrase), mode=0o600)
    except UserError:
        if not path.exists():
            raise


def _encode_key_file(key: bytes, created: str, passphrase: bytes | None) -> bytes:
    return encrypt_secret({"format": DESK_KEY_FORMAT, "created": created}, key, passphrase)


def _read_key_file(path: Path) -> dict[str, Any]:
    data = key_file.read_key_bytes(path, missing="start the desk, which makes it")
    try:
        return key_file.parse_key_json(data, path, DESK_KEY_FORMAT)
    except UnavailableError:
        return key_file.parse_key_json(data, path, PLAIN_FORMAT)


def _is_protected(content: dict[str, Any], path: Path) -> bool:
    if content["format"] == PLAIN_FORMAT:
        return False
    try:
        return is_passphrase_protected(content)
    except MalformedKeyFileError:
        raise _damaged(path) from None


def _decrypt_key(content: dict[str, Any], path: Path, passphrase: bytes | None) -> bytes:
    try:
        if content["format"] == PLAIN_FORMAT:
            key = base64.b64decode(key_file.get_text(content, "key"), validate=True)
        else:
            key = decrypt_secret(content, path, passphrase)
    except (MalformedKeyFileError, binascii.Error):
        raise _damaged(path) from None
    if len(key) != DESK_KEY_BYTES:
        raise _damaged(path)
    return key


def _damaged(path: Path) -> UnavailableError:
    return UnavailableError(
        f"{path} is damaged; put back a copy from a backup, or remove it and invite everybody anew."
    )
