"""Back up and restore all keys of a deployment in one file. Without its keys a deployment has lost every submission.

The file is encrypted as the key files in it are. Restoring never overwrites: an existing key stays, a missing one comes
back, and a current key that has been replaced since comes back as a retired one.
"""

import base64
import binascii
import json
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

from screener import files
from screener.errors import UserError
from screener.sealing import key_file
from screener.sealing import proof
from screener.sealing.archive_keys import RECOVERY_FILE
from screener.sealing.archive_keys import SIGNING_FILE
from screener.sealing.box import COMPARTMENTS
from screener.sealing.form_key import load_form_keys
from screener.sealing.key_file import FILE_MODES
from screener.sealing.key_file import FOLDER_MODES
from screener.sealing.key_file import PRIVATE_MODE
from screener.sealing.keys import KeyFolders
from screener.sealing.open import PRIVATE_FORMAT
from screener.sealing.open import OpeningError
from screener.sealing.open import list_private_key_files
from screener.sealing.open import load_private_keys
from screener.sealing.open import private_key_path
from screener.sealing.open import read_private_key_header
from screener.sealing.protection import decrypt_secret
from screener.sealing.protection import encrypt_secret
from screener.sealing.seal import load_public_keys

BACKUP_FORMAT = "screener key backup 1"
_NAME = re.compile(
    rf"public/(?:(?:contact|answers)\.(?:public|proof)|{re.escape(RECOVERY_FILE)})"
    rf"|private/{re.escape(SIGNING_FILE)}"
    r"|private/(?:contact|answers)(?:\.[0-9a-z]+)?\.private"
    r"|private/retired\.[0-9a-f]+\.form-key"
    r"|form/(?:current|previous\.[0-9a-f]+)\.form-key"
)


@dataclass(frozen=True)
class KeyBackup:
    """A key backup that was read: when it was made, and its files by name."""

    made_at: datetime
    files: dict[str, bytes]


def encode_key_backup(folders: KeyFolders, *, passphrase: bytes | None, at: datetime | None = None) -> bytes:
    """Every key file of *folders* as the bytes of one. Raises *UserError* for a damaged or locked key."""
    load_private_keys(folders.private, passphrase=passphrase)
    load_public_keys(folders.public)
    load_form_keys(folders.form)
    names = [name for name in _names(folders) if _NAME.fullmatch(name)]
    files = {name: _text(key_file.read_key_bytes(_place(folders, name), missing="run this again")) for name in names}
    header = {"format": BACKUP_FORMAT, "created": (at or datetime.now(UTC)).isoformat()}
    return encrypt_secret(header, json.dumps(files).encode(), passphrase)


def write_key_backup(folders: KeyFolders, out: Path, *, passphrase: bytes | None, at: datetime | None = None) -> None:
    """*encode_key_backup* into the new file *out*. Raises *UserError*; a file that is there is not touched."""
    files.create_file(out, encode_key_backup(folders, passphrase=passphrase, at=at), mode=PRIVATE_MODE)


def decode_key_backup(data: bytes, path: Path, *, passphrase: bytes | None) -> KeyBackup:
    """What *encode_key_backup* made; *path* is for the sentence. Raises *UserError*."""
    content = key_file.parse_key_json(data, path, BACKUP_FORMAT)
    try:
        files = json.loads(decrypt_secret(content, path, passphrase))
        if not all(_NAME.fullmatch(name) for name in files):
            raise key_file.MalformedKeyFileError
        unpacked = {name: base64.b64decode(text, validate=True) for name, text in files.items()}
        return KeyBackup(key_file.get_time(content, "created"), unpacked)
    except (key_file.MalformedKeyFileError, ValueError, TypeError, AttributeError, binascii.Error):
        raise UserError(f"{path} is damaged; use another copy of the key backup.") from None


def restore_keys(backup: KeyBackup, folders: KeyFolders) -> tuple[str, ...]:
    """Restore every key of *backup* that is missing in *folders*; returns the file names. Overwrites nothing."""
    for name, mode in FOLDER_MODES.items():
        files.make_folder(getattr(folders, name), mode)
    put_back = []
    with key_file.lock_keys(folders.private):
        for name, data in sorted(backup.files.items()):
            path = _free_place(folders, name, data)
            if path is not None:
                files.create_file(path, data, mode=FILE_MODES[name.split("/")[0]])
                put_back.append(path.name)
    return tuple(put_back)


def _free_place(folders: KeyFolders, name: str, data: bytes) -> Path | None:
    """Where the file *name* may go: its place, for a private key else its own name; None when it is not needed."""
    path = _place(folders, name)
    if not name.startswith("private/") or name.endswith(".form-key") or path.name == SIGNING_FILE:
        return None if path.exists() else path
    compartment = path.name.split(".")[0]
    key_id = key_file.parse_key_json(data, path, PRIVATE_FORMAT).get("key_id")
    there = [found for found in list_private_key_files(folders.private, compartment) if found.exists()]
    if any(read_private_key_header(found).get("key_id") == key_id for found in there):
        return None
    return private_key_path(folders.private, compartment, str(key_id)) if path.exists() else path


def prove_key_backup(path: Path, public: Path, *, passphrase: bytes | None) -> datetime:
    """Open, with nothing but the backup *path*, boxes that were sealed before it was made; say when it was.

    The backup is unpacked into an empty folder that goes away again. *public* is the folder of the public
    keys in use and their proofs. Raises *UserError*.
    """
    backup = decode_key_backup(key_file.read_key_bytes(path, missing="check the path"), path, passphrase=passphrase)
    with tempfile.TemporaryDirectory(prefix="screener-prove-") as empty:
        folders = KeyFolders(*(Path(empty) / name for name in FOLDER_MODES))
        restore_keys(backup, folders)
        private = load_private_keys(folders.private, passphrase=passphrase)
        load_form_keys(folders.form)
        try:
            proof.prove_key_pairs(load_public_keys(public), private)
        except OpeningError:
            raise UserError(
                f"{path} does not hold the keys in use; make a new one with 'screener keys backup'."
            ) from None
        for compartment in COMPARTMENTS:
            if proof.proof_sealed_at(public, compartment, private) > backup.made_at:
                raise UserError(f"{path} is older than the {compartment} key in use; make a new key backup.")
    return backup.made_at


def _names(folders: KeyFolders) -> list[str]:
    return [f"{name}/{path.name}" for name in FILE_MODES for path in sorted(getattr(folders, name).iterdir())]


def _place(folders: KeyFolders, name: str) -> Path:
    folder, _, file = name.partition("/")
    return Path(getattr(folders, folder)) / file


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
