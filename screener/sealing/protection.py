"""Encrypt a secret in a key file under a passphrase (Argon2id, AES-256-GCM), or store it in the clear and say so.

PEM passphrases use too few PBKDF2 rounds, so key files have a format of their own. The whole header is authenticated,
key-derivation parameters included: a file cannot be weakened or renamed unnoticed.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from screener.errors import UserError
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.key_file import encode_key_json
from screener.sealing.key_file import get_text

#: RFC 9106 with twice the memory of its second choice: about a fifth of a second for each guess.
STRETCH = {"memory_kib": 131072, "iterations": 3, "lanes": 4}
#: A file that asks for more than this was not written by us, and would stop the machine.
MOST = {"memory_kib": 1048576, "iterations": 16, "lanes": 16}
ASK_FOR_IT = "set SCREENER_KEY_PASSPHRASE or SCREENER_KEY_PASSPHRASE_FILE"


def encrypt_secret(header: Mapping[str, Any], secret: bytes, passphrase: bytes | None) -> bytes:
    """A file that holds *secret* behind *header*; without a passphrase anyone who reads it has the secret."""
    if not passphrase:
        content = {**header, "kdf": {"name": "none"}, "secret": _text(secret)}
        return encode_key_json({**content, "check": _check(content)})
    kdf = {"name": "argon2id", **STRETCH, "salt": _text(os.urandom(16))}
    nonce = os.urandom(12)
    content = {**header, "kdf": kdf, "nonce": _text(nonce)}
    sealed = AESGCM(_stretched(passphrase, kdf)).encrypt(nonce, secret, _canonical(content))
    return encode_key_json({**content, "sealed": _text(sealed)})


def is_passphrase_protected(content: Mapping[str, Any]) -> bool:
    """Whether the file asks for a passphrase. Raises *Damaged*."""
    kdf = content.get("kdf")
    if not isinstance(kdf, dict) or kdf.get("name") not in ("none", "argon2id"):
        raise MalformedKeyFileError
    return bool(kdf["name"] == "argon2id")


def decrypt_secret(content: Mapping[str, Any], path: Path, passphrase: bytes | None) -> bytes:
    """The secret in the file *path*. Raises *UserError* for a wrong passphrase, *Damaged* for a spoilt file."""
    if not is_passphrase_protected(content):
        header = {name: value for name, value in content.items() if name != "check"}
        if _check(header) != get_text(content, "check"):
            raise MalformedKeyFileError
        return _bytes(get_text(content, "secret"))
    if not passphrase:
        raise UserError(f"{path} is protected by a passphrase; {ASK_FOR_IT}.")
    header = {name: value for name, value in content.items() if name != "sealed"}
    nonce, sealed = _bytes(get_text(content, "nonce")), _bytes(get_text(content, "sealed"))
    try:
        return AESGCM(_stretched(passphrase, content["kdf"])).decrypt(nonce, sealed, _canonical(header))
    except InvalidTag:
        raise UserError(
            f"{path} does not open: the passphrase is wrong, or the file was changed. "
            f"Check the passphrase ({ASK_FOR_IT}); if it is right, put back a copy of the file."
        ) from None
    except ValueError:
        raise MalformedKeyFileError from None


def _stretched(passphrase: bytes, kdf: Mapping[str, Any]) -> bytes:
    cost = {name: kdf.get(name) for name in MOST}
    if any(type(value) is not int or not 1 <= value <= MOST[name] for name, value in cost.items()):
        raise MalformedKeyFileError
    salt = _bytes(get_text(kdf, "salt"))
    try:
        argon2 = Argon2id(
            salt=salt,
            length=32,
            iterations=kdf["iterations"],
            lanes=kdf["lanes"],
            memory_cost=kdf["memory_kib"],
        )
        return argon2.derive(passphrase)
    except (ValueError, MemoryError):
        raise MalformedKeyFileError from None


def _check(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedKeyFileError from None
