"""Encrypt boxes with the public keys; opening is in ``sealing.open``, which the public process never imports.

HPKE (RFC 9180), KEM X25519 + ML-KEM-768, AES-256-GCM. Nothing that the public process imports may lead to opening, so
"we cannot read what you send" is a fact about the import graph. There is no way to store anything in the clear: a
sealing failure raises *SealingError*, and nothing else happens.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from screener.errors import UnavailableError
from screener.errors import UserError
from screener.sealing import box as layout
from screener.sealing.box import ANSWERS
from screener.sealing.box import BUCKETS
from screener.sealing.box import COMPARTMENTS
from screener.sealing.box import CONTACT
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.key_file import get_text
from screener.sealing.key_file import get_time
from screener.sealing.key_file import read_key_json

__all__ = [
    "ANSWERS",
    "BUCKETS",
    "COMPARTMENTS",
    "CONTACT",
    "PublicKey",
    "PublicKeys",
    "SealingError",
    "build_hpke_key",
    "build_public_key",
    "can_read_private_keys",
    "load_public_keys",
    "public_key_path",
    "recipient_key_ids",
    "seal_answers",
    "seal_contact",
]

PUBLIC_FORMAT = "screener public key 1"
_MLKEM_PUBLIC = 1184


class SealingError(UnavailableError):
    """Nothing was sealed, so nothing may be stored; the web answers 503 and keeps what was typed."""


@dataclass(frozen=True)
class PublicKey:
    """The public key of one compartment."""

    compartment: str
    #: The first 16 hex digits of the SHA-256 of *raw*.
    key_id: str
    raw: bytes = field(repr=False)
    created_at: datetime
    shuts: MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """What two people read to each other to know that they hold the same key."""
        digest = hashlib.sha256(self.raw).hexdigest()
        return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


@dataclass(frozen=True)
class PublicKeys:
    """All that the public process knows about keys."""

    contact: PublicKey
    answers: PublicKey


def build_public_key(compartment: str, raw: bytes, *, created_at: datetime) -> PublicKey:
    """The key that *raw* (ML-KEM-768, then X25519, as X-Wing has it) stands for. Raises *ValueError*."""
    if compartment not in COMPARTMENTS:
        raise ValueError("there is no such compartment")
    key_id = hashlib.sha256(raw).hexdigest()[: 2 * layout.KEY_ID]
    return PublicKey(compartment, key_id, raw, created_at, build_hpke_key(raw))


def build_hpke_key(raw: bytes) -> MLKEM768X25519PublicKey:
    """The HPKE public key that *raw* (ML-KEM-768, then X25519) stands for. Raises *ValueError*."""
    return MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC]),
        x25519.X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]),
    )


def public_key_path(folder: Path, compartment: str) -> Path:
    """Where the public key of *compartment* is kept."""
    return folder / f"{compartment}.public"


def load_public_keys(folder: Path) -> PublicKeys:
    """The two public keys in *folder*. Raises *UnavailableError*, which names the file.

    Two files with one key would undo the two compartments, so they are refused.
    """
    contact, answers = (_load(public_key_path(folder, compartment), compartment) for compartment in COMPARTMENTS)
    if contact.raw == answers.raw:
        raise UnavailableError(f"Both files in {folder} hold the same key; put back the two that belong there.")
    return PublicKeys(contact, answers)


def _load(path: Path, compartment: str) -> PublicKey:
    content = read_key_json(
        path, PUBLIC_FORMAT, missing="run 'screener keys create', or copy it from the machine that has it"
    )
    try:
        raw = base64.b64decode(get_text(content, "key"), validate=True)
        key = build_public_key(compartment, raw, created_at=get_time(content, "created"))
        whole = (key.key_id, compartment) == (get_text(content, "key_id"), get_text(content, "compartment"))
    except (MalformedKeyFileError, ValueError, binascii.Error):
        whole = False
    if not whole:
        raise UnavailableError(
            f"{path} is damaged; put back a copy, or run 'screener keys restore' with your key backup."
        )
    return key


def seal_contact(plain: bytes, keys: PublicKeys, *, study: str, submission: bytes) -> bytes:
    """A box of who someone is and how to reach them. Raises *SealingError*."""
    return _encrypt(plain, CONTACT, (keys.contact,), study=study, submission=submission)


def seal_answers(plain: bytes, keys: PublicKeys, *, study: str, submission: bytes) -> bytes:
    """A box of what someone says about themselves. Raises *SealingError*."""
    return _encrypt(plain, ANSWERS, (keys.answers,), study=study, submission=submission)


def recipient_key_ids(box: bytes) -> tuple[str, ...]:
    """The ids of the keys that open *box*, read without a key. Raises *UserError* for what is not a box."""
    try:
        return tuple(key_id for key_id, _ in layout.parse_box(box).recipients)
    except layout.MalformedBoxError as reason:
        raise UserError(f"A box cannot be read: {reason}.") from None


def _encrypt(
    plain: bytes, compartment: str, recipients: tuple[PublicKey, ...], *, study: str, submission: bytes
) -> bytes:
    if any(key.compartment != compartment for key in recipients):
        raise SealingError("The key belongs to the other compartment; check the files of the public keys.")
    padded = layout.pad_plaintext(plain, compartment)
    if padded is None:
        raise SealingError("What was sent does not fit into a box.")
    content_key, nonce = os.urandom(layout.CONTENT_KEY), os.urandom(layout.NONCE)
    body_of = layout.associated_data("body", compartment=compartment, study=study, submission=submission)
    body = AESGCM(content_key).encrypt(nonce, padded, body_of)
    wraps = tuple((key.key_id, _wrap(content_key, key, study=study, submission=submission)) for key in recipients)
    return layout.ParsedBox(wraps, nonce, body).to_bytes()


def _wrap(content_key: bytes, key: PublicKey, *, study: str, submission: bytes) -> bytes:
    """The content key of one box, for *key* alone."""
    wrap_of = layout.associated_data("wrap", compartment=key.compartment, study=study, submission=submission)
    return layout.HPKE.encrypt(content_key, key.shuts, info=wrap_of)


def can_read_private_keys(folder: Path) -> bool:
    """Whether the user of this process could read a private key in *folder*.

    The public process asks this at its start in production, and refuses to run if it could. It tries, rather
    than work out rights: root, groups and access lists count as they are. Who owns a file could give
    themselves the right to read it, so that counts too.
    """
    return any(_within_reach(path) for path in _private_files(folder))


def _private_files(folder: Path) -> set[Path]:
    """The private key files: those that can be seen, and those that a name could be guessed for."""
    guessed = {folder / f"{compartment}.private" for compartment in COMPARTMENTS}
    try:
        return guessed | set(folder.glob("*.private"))
    except OSError:
        return guessed


def _within_reach(path: Path) -> bool:
    try:
        if path.stat().st_uid == os.geteuid():
            return True
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True
