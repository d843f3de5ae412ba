"""Keys of archives alone: the site's signing key, and the recovery key, whose private part is kept off the machine.

The recovery key opens archives when the passphrase is lost. It opens no box: no submission is ever sealed to it. Its
private file names the site's signing key too, so that an archive that another site made for it is refused.
"""

import base64
import binascii
import hashlib
import json
import os
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from screener import files
from screener.errors import UserError
from screener.sealing import key_file
from screener.sealing.box import HPKE
from screener.sealing.key_file import MalformedKeyFileError
from screener.sealing.key_file import get_text
from screener.sealing.key_file import get_time
from screener.sealing.open import SEED
from screener.sealing.open import expand_seed
from screener.sealing.protection import decrypt_secret
from screener.sealing.protection import encrypt_secret
from screener.sealing.protection import is_passphrase_protected
from screener.sealing.seal import build_hpke_key

SIGNING_FORMAT = "screener archive signing key 1"
RECOVERY_FORMAT = "screener recovery key 1"
RECOVERY_PRIVATE_FORMAT = "screener recovery private key 1"
#: In the folder of the private keys, and in that of the public ones.
SIGNING_FILE = "archive-signing.private"
RECOVERY_FILE = "recovery.public"
#: What ``encrypt_secret`` adds to the header of a key file.
_OF_THE_PROTECTION = {"kdf", "nonce", "sealed", "secret", "check"}


@dataclass(frozen=True)
class SigningKey:
    """The site's key that signs archives, so that one made elsewhere is recognized."""

    public: bytes
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """The signature (64 bytes) of *data*."""
        return self._private.sign(data)


@dataclass(frozen=True)
class RecoveryRecipient:
    """The public part of the recovery key: every archive is sealed to it too."""

    key_id: str
    created_at: datetime
    hpke_key: MLKEM768X25519PublicKey = field(repr=False, compare=False)


@dataclass(frozen=True)
class RecoveryKey:
    """The private part of the recovery key, and the public signing key of the site that it belongs to."""

    key_id: str
    site: bytes
    opens: MLKEM768X25519PrivateKey = field(repr=False, compare=False)


def load_signing_key(folder: Path, *, passphrase: bytes | None, at: datetime) -> SigningKey:
    """The signing key in the private *folder*; made under *passphrase* when there is none. Raises *UserError*."""
    path = folder / SIGNING_FILE
    if not path.exists():
        private = Ed25519PrivateKey.generate()
        header = {
            "format": SIGNING_FORMAT,
            "public": private.public_key().public_bytes_raw().hex(),
            "created": at.isoformat(),
        }
        made = encrypt_secret(header, private.private_bytes_raw(), passphrase)
        with key_file.lock_keys(folder):
            if not path.exists():
                files.create_file(path, made, mode=key_file.PRIVATE_MODE)
    content = key_file.read_key_json(path, SIGNING_FORMAT, missing="run `screener backup` again")
    try:
        key = Ed25519PrivateKey.from_private_bytes(decrypt_secret(content, path, passphrase))
        public = key.public_key().public_bytes_raw()
        whole = public.hex() == get_text(content, "public")
    except (MalformedKeyFileError, ValueError):
        whole = False
    if not whole:
        raise UserError(f"{path} is damaged; put back a copy, or remove it and make a new recovery key.")
    return SigningKey(public, key)


def read_site_key(folder: Path) -> bytes | None:
    """The public signing key of the site whose private *folder* this is; None before its first archive."""
    path = folder / SIGNING_FILE
    if not path.exists():
        return None
    try:
        content = key_file.read_key_json(path, SIGNING_FORMAT, missing="run `screener backup`")
        return bytes.fromhex(get_text(content, "public"))
    except (MalformedKeyFileError, ValueError):
        raise UserError(f"{path} is damaged; put back a copy, or remove it and make a new recovery key.") from None


def create_recovery_key(public_folder: Path, out: Path, *, site: bytes, at: datetime) -> RecoveryRecipient:
    """Make a recovery key: its private part in the new file *out*, its public part in *public_folder*.

    The private file comes first and its public part replaces an earlier one; archives that are there keep to the key
    that they were sealed to. Raises *UserError*.
    """
    seed = os.urandom(SEED)
    _, raw = expand_seed(seed)
    common = {"key_id": _key_id(raw), "created": at.isoformat()}
    private = {"format": RECOVERY_PRIVATE_FORMAT, **common, "site": site.hex(), "seed": seed.hex()}
    files.create_file(out, key_file.encode_key_json(private), mode=key_file.PRIVATE_MODE)
    public = {"format": RECOVERY_FORMAT, **common, "key": base64.b64encode(raw).decode()}
    path = public_folder / RECOVERY_FILE
    try:
        files.replace_file(path, key_file.encode_key_json(public), mode=key_file.PUBLIC_MODE)
    except UserError:
        out.unlink(missing_ok=True)
        raise
    return RecoveryRecipient(common["key_id"], at, build_hpke_key(raw))


def load_recovery_recipient(public_folder: Path) -> RecoveryRecipient | None:
    """The recovery key's public part; None where the site has none. Raises *UserError* for a damaged file."""
    path = public_folder / RECOVERY_FILE
    if not path.exists():
        return None
    content = key_file.read_key_json(path, RECOVERY_FORMAT, missing="run `screener keys recovery`")
    try:
        raw = base64.b64decode(get_text(content, "key"), validate=True)
        recipient = RecoveryRecipient(get_text(content, "key_id"), get_time(content, "created"), build_hpke_key(raw))
        whole = recipient.key_id == _key_id(raw)
    except (MalformedKeyFileError, binascii.Error, ValueError):
        whole = False
    if not whole:
        raise UserError(f"{path} is damaged; put back a copy, or make a new recovery key: `screener keys recovery`.")
    return recipient


def read_recovery_key(path: Path) -> RecoveryKey:
    """The private recovery key in the file *path*. Raises *UserError*."""
    content = key_file.read_key_json(path, RECOVERY_PRIVATE_FORMAT, missing="check the path")
    try:
        opens, raw = expand_seed(bytes.fromhex(get_text(content, "seed")))
        key = RecoveryKey(get_text(content, "key_id"), bytes.fromhex(get_text(content, "site")), opens)
        whole = key.key_id == _key_id(raw)
    except (MalformedKeyFileError, ValueError):
        whole = False
    if not whole:
        raise UserError(f"{path} is damaged, or was typed wrong; compare it with your other copy of the recovery key.")
    return key


def wrap_secret(secret: bytes, recipient: RecoveryRecipient, purpose: str) -> bytes:
    """*secret* sealed to the recovery key, for one *purpose*."""
    return HPKE.encrypt(secret, recipient.hpke_key, info=_info(purpose))


def unwrap_secret(wrapped: bytes, key: RecoveryKey, purpose: str) -> bytes:
    """What *wrap_secret* was given. Raises *InvalidTag* or *ValueError*."""
    return HPKE.decrypt(wrapped, key.opens, info=_info(purpose))


def change_protection(data: bytes, path: Path, *, old: bytes | None, new: bytes | None) -> bytes | None:
    """The key file *data* under the passphrase *new* instead of *old*; None when it holds no secret of this kind.

    Raises *UserError*; *path* is for the sentence.
    """
    try:
        content = json.loads(data)
        if old is not None and not is_passphrase_protected(content):
            return None
        secret = decrypt_secret(content, path, old)
    except (MalformedKeyFileError, ValueError, AttributeError):
        return None
    header = {name: value for name, value in content.items() if name not in _OF_THE_PROTECTION}
    return encrypt_secret(header, secret, new)


def _key_id(raw: bytes) -> str:
    return hashlib.sha256(b"screener recovery key\0" + raw).hexdigest()[:16]


def _info(purpose: str) -> bytes:
    return b"screener recovery\0" + purpose.encode()
