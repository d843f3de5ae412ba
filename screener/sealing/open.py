"""Decrypt boxes with the private keys. The public process and the worker never import this module.

A private key is a 32-byte X-Wing seed. Replaced keys stay beside the current one, because boxes that were sealed to
them may still be on their way; a box names the key that it needs.
"""

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from screener.errors import UserError
from screener.sealing import box as layout
from screener.sealing import seal
from screener.sealing.box import ANSWERS
from screener.sealing.box import CONTACT
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.key_file import get_text
from screener.sealing.key_file import get_time
from screener.sealing.key_file import read_key_json
from screener.sealing.protection import decrypt_secret
from screener.sealing.protection import is_passphrase_protected

PRIVATE_FORMAT = "screener private key 1"
SEED = 32
_MLKEM_SEED = 64


class OpeningError(UserError):
    """A box cannot be decrypted; the sentence says why, and nothing of its content."""


class AlteredBoxError(OpeningError):
    """A box is not the one that was sealed for this submission; no key would open it."""


@dataclass(frozen=True)
class PrivateKey:
    """A key that opens the boxes of one compartment."""

    compartment: str
    key_id: str
    created_at: datetime
    #: Whether its file asks for a passphrase.
    protected: bool
    public: seal.PublicKey
    opens: MLKEM768X25519PrivateKey = field(repr=False, compare=False)


@dataclass(frozen=True)
class PrivateKeys:
    """The keys of both compartments, in each the current one first."""

    contact: tuple[PrivateKey, ...]
    answers: tuple[PrivateKey, ...]

    @property
    def unprotected(self) -> bool:
        """Whether a key file has no passphrase: for development only, and reported at each start."""
        return not all(key.protected for key in self.contact + self.answers)

    def of(self, compartment: str) -> tuple[PrivateKey, ...]:
        """The keys of *compartment*."""
        return self.contact if compartment == CONTACT else self.answers


def derive_private_key(compartment: str, seed: bytes, *, created_at: datetime, protected: bool) -> PrivateKey:
    """The key of *compartment* that *seed* stands for. Raises *ValueError*."""
    opens, raw = expand_seed(seed)
    public = seal.build_public_key(compartment, raw, created_at=created_at)
    return PrivateKey(compartment, public.key_id, created_at, protected, public, opens)


def expand_seed(seed: bytes) -> tuple[MLKEM768X25519PrivateKey, bytes]:
    """The private key of *seed* and its public bytes, as X-Wing says: SHAKE-256 to 96 bytes. Raises *ValueError*."""
    if len(seed) != SEED:
        raise ValueError("a seed has 32 bytes")
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED + 32)
    quantum = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED])
    classic = x25519.X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED:])
    raw = quantum.public_key().public_bytes_raw() + classic.public_key().public_bytes_raw()
    return MLKEM768X25519PrivateKey(quantum, classic), raw


def private_key_path(folder: Path, compartment: str, key_id: str = "") -> Path:
    """Where a private key is kept: the current one, or the one called *key_id*."""
    return folder / f"{compartment}{'.' if key_id else ''}{key_id}.private"


def load_private_keys(
    folder: Path, *, passphrase: bytes | None, production: bool = False, some: bool = False
) -> PrivateKeys:
    """The private keys in *folder*. Raises *UserError*, which names the file and what to do.

    In *production* a key without a passphrase, or a file that other users may read, is refused. Who can work with
    *some* of the keys takes those that are there; a box that wants another says so when it is to be opened.
    """
    contact, answers = (
        tuple(_load_all(folder, compartment, passphrase, production, some)) for compartment in (CONTACT, ANSWERS)
    )
    return PrivateKeys(contact, answers)


def list_private_key_files(folder: Path, compartment: str) -> list[Path]:
    """The private key files of *compartment*: the current one (there or not), then all others."""
    return [private_key_path(folder, compartment), *sorted(folder.glob(f"{compartment}.*.private"))]


def read_private_key_header(path: Path) -> dict[str, Any]:
    """What a private key file says without its passphrase. Raises *UserError*."""
    return read_key_json(path, PRIVATE_FORMAT, missing="put it back with 'screener keys restore' and your key backup")


def has_passphrase_on_all_keys(folder: Path) -> bool:
    """Whether a private key file in *folder* is encrypted; needs no passphrase. Raises *UserError*."""
    paths = (path for compartment in (CONTACT, ANSWERS) for path in list_private_key_files(folder, compartment))
    try:
        return any(is_passphrase_protected(read_private_key_header(path)) for path in paths if path.exists())
    except MalformedKeyFileError:
        raise UserError(
            f"A private key in {folder} is damaged; use 'screener keys restore' with your key backup."
        ) from None
    except PermissionError:
        raise UserError(f"{folder} cannot be read by this user; run this as the user that owns it.") from None


def _load_all(
    folder: Path, compartment: str, passphrase: bytes | None, production: bool, some: bool
) -> Iterator[PrivateKey]:
    seen = set()
    for path in list_private_key_files(folder, compartment):
        if some and not path.exists():
            continue
        content = read_private_key_header(path)
        if content.get("key_id") not in seen:
            key = decrypt_private_key(content, path, compartment, passphrase)
            if production:
                _refuse_unsafe(path, key)
            seen.add(key.key_id)
            yield key


def decrypt_private_key(content: dict[str, Any], path: Path, compartment: str, passphrase: bytes | None) -> PrivateKey:
    """The key in *content*, the file *path*. Raises *UserError*."""
    try:
        seed = decrypt_secret(content, path, passphrase)
        created_at = get_time(content, "created")
        key = derive_private_key(compartment, seed, created_at=created_at, protected=is_passphrase_protected(content))
        whole = (key.key_id, compartment) == (get_text(content, "key_id"), get_text(content, "compartment"))
    except (MalformedKeyFileError, ValueError):
        whole = False
    if not whole:
        raise UserError(f"{path} is damaged; put back a copy, or use 'screener keys restore' with your key backup.")
    return key


def _refuse_unsafe(path: Path, key: PrivateKey) -> None:
    if not key.protected:
        raise UserError(
            f"{path} has no passphrase, which production does not take; "
            "set SCREENER_KEY_PASSPHRASE_FILE, and make new keys in an empty data folder."
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UserError(f"{path} can be read by other users; run 'chmod 600' on it, and change the keys if one did.")


def open_contact(box: bytes, keys: PrivateKeys, *, study: str, submission: bytes) -> bytes:
    """Decrypt what ``seal_contact`` encrypted. Raises *OpeningError*."""
    return _decrypt(box, CONTACT, keys, study=study, submission=submission)[0]


def open_answers(box: bytes, keys: PrivateKeys, *, study: str, submission: bytes) -> bytes:
    """Decrypt what ``seal_answers`` encrypted. Raises *OpeningError*."""
    return _decrypt(box, ANSWERS, keys, study=study, submission=submission)[0]


def rewrap_box(box: bytes, keys: PrivateKeys, *, to: seal.PublicKey, study: str, submission: bytes) -> bytes:
    """*box* for the key *to* alone, its body unchanged. Raises *OpeningError*.

    The box is opened first: one that is damaged must not come out looking new.
    """
    _, content_key = _decrypt(box, to.compartment, keys, study=study, submission=submission)
    parts = layout.parse_box(box)
    wrapped = seal._wrap(content_key, to, study=study, submission=submission)
    return layout.ParsedBox(((to.key_id, wrapped),), parts.nonce, parts.body).to_bytes()


def _decrypt(box: bytes, compartment: str, keys: PrivateKeys, *, study: str, submission: bytes) -> tuple[bytes, bytes]:
    """The plain bytes of *box*, and its content key."""
    held = {key.key_id: key for key in keys.of(compartment)}
    try:
        parts = layout.parse_box(box)
        key, wrapped = next((held[key_id], wrapped) for key_id, wrapped in parts.recipients if key_id in held)
        wrap_of, body_of = (
            layout.associated_data(purpose, compartment=compartment, study=study, submission=submission)
            for purpose in ("wrap", "body")
        )
        content_key = layout.HPKE.decrypt(wrapped, key.opens, info=wrap_of)
        padded = AESGCM(content_key).decrypt(parts.nonce, parts.body, body_of)
        return layout.unpad_plaintext(padded, compartment), content_key
    except layout.MalformedBoxError as reason:
        raise AlteredBoxError(f"A box cannot be opened: {reason}. Compare with a backup of the store.") from None
    except StopIteration:
        wanted = ", ".join(key_id for key_id, _ in parts.recipients)
        raise OpeningError(
            f"The sealed {compartment} part cannot be opened: the private key {wanted} is missing on this machine. "
            "An administrator puts it back with 'screener keys restore' and a key backup that has it."
        ) from None
    except (InvalidTag, ValueError):
        raise AlteredBoxError(
            f"The {compartment} box does not open: it was changed, or it belongs to another submission. "
            "Compare with a backup of the store."
        ) from None
