"""Create, list and rotate the keys of a deployment; for the staff side only.

No key is ever overwritten. A command that is killed leaves a state that the next run of the same command completes: the
private key is written before the public one, and a replaced key stays beside its successor.

The steps of a rotation: ``contact.next.private`` is written and proven → the old key gets its own name (``contact.<key
id>.private``) → the public key changes, so that new boxes go to the new key → a marker file says that old boxes are
still to be resealed → *next* becomes ``contact.private`` → boxes are resealed → the marker is removed. While *next* or
the marker is there, a run goes on where the last one stopped.
"""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import Literal

from screener import files
from screener.errors import UserError
from screener.sealing import key_file
from screener.sealing import proof
from screener.sealing import seal
from screener.sealing.box import COMPARTMENTS
from screener.sealing.box import SUITE_NAME
from screener.sealing.form_key import CURRENT
from screener.sealing.form_key import FORM_FORMAT
from screener.sealing.form_key import LENGTH
from screener.sealing.form_key import PREVIOUS
from screener.sealing.form_key import FormKey
from screener.sealing.form_key import form_key_id
from screener.sealing.form_key import list_form_keys
from screener.sealing.form_key import list_retired_form_keys
from screener.sealing.form_key import read_form_key
from screener.sealing.key_file import FOLDER_MODES
from screener.sealing.key_file import FORM_MODE
from screener.sealing.key_file import PRIVATE_MODE
from screener.sealing.key_file import PUBLIC_MODE
from screener.sealing.open import PRIVATE_FORMAT
from screener.sealing.open import SEED
from screener.sealing.open import decrypt_private_key
from screener.sealing.open import derive_private_key
from screener.sealing.open import list_private_key_files
from screener.sealing.open import private_key_path
from screener.sealing.open import read_private_key_header
from screener.sealing.protection import encrypt_secret
from screener.sealing.protection import is_passphrase_protected

NEXT = "next"


@dataclass(frozen=True)
class KeyFolders:
    """Where the keys of a deployment are."""

    public: Path
    private: Path
    form: Path


@dataclass(frozen=True)
class KeySummary:
    """What may be shown of one key file; nothing in it is secret."""

    name: str
    state: Literal["public", "current", "next", "retired", "previous"]
    key_id: str
    created_at: datetime
    fingerprint: str = ""
    #: For a private key: whether its file asks for a passphrase.
    protected: bool | None = None
    replaced_at: datetime | None = None


@dataclass(frozen=True)
class KeyRotation:
    """A change of key that was begun, here or by a run that was stopped."""

    compartment: str
    key: seal.PublicKey
    #: Goes on with the key of an earlier run.
    continued: bool
    #: The new key is in its place already; only old boxes are left to be sealed again.
    switched: bool


def create_keys(folders: KeyFolders, *, passphrase: bytes | None, at: datetime | None = None) -> tuple[str, ...]:
    """Make what is missing of the two key pairs and the form key, and name what was made (nothing: all was there).

    Raises *UserError* rather than make a private key anew for a public key that is in use.
    """
    at = at or datetime.now(UTC)
    files.make_folder(folders.public, FOLDER_MODES["public"])
    files.make_folder(folders.private, FOLDER_MODES["private"])
    files.make_folder(folders.form, FOLDER_MODES["form"])
    with key_file.lock_keys(folders.private):
        for compartment in COMPARTMENTS:
            _refuse_half(folders, compartment)
        made = [name for name in COMPARTMENTS if _create_pair(folders, name, passphrase, at)]
        if not (folders.form / CURRENT).exists():
            files.create_file(folders.form / CURRENT, _form_file(os.urandom(LENGTH), at), mode=FORM_MODE)
            made.append("form")
    return tuple(made)


def _refuse_half(folders: KeyFolders, compartment: str) -> None:
    current, *others = list_private_key_files(folders.private, compartment)
    public = seal.public_key_path(folders.public, compartment)
    if not current.exists() and (others or public.exists()):
        raise UserError(
            f"{current} is missing although {others[0] if others else public} is there; "
            "put it back with 'screener keys restore' and your key backup. Nothing was made."
        )


def _create_pair(folders: KeyFolders, compartment: str, passphrase: bytes | None, at: datetime) -> bool:
    path = private_key_path(folders.private, compartment)
    public = seal.public_key_path(folders.public, compartment)
    proof_box = proof.proof_path(folders.public, compartment)
    if path.exists() and public.exists() and proof_box.exists():
        return False
    if not path.exists():
        files.create_file(path, _private_file(compartment, passphrase, at), mode=PRIVATE_MODE)
    key = decrypt_private_key(read_private_key_header(path), path, compartment, passphrase).public
    if not public.exists():
        files.create_file(public, _public_file(key), mode=PUBLIC_MODE)
    if not proof_box.exists():
        files.create_file(proof_box, proof.seal_key_proof(key, at=at), mode=PUBLIC_MODE)
    return True


def _private_file(compartment: str, passphrase: bytes | None, at: datetime) -> bytes:
    seed = os.urandom(SEED)
    key = derive_private_key(compartment, seed, created_at=at, protected=bool(passphrase))
    header = {
        "format": PRIVATE_FORMAT,
        "suite": SUITE_NAME,
        "compartment": compartment,
        "key_id": key.key_id,
        "created": at.isoformat(),
    }
    return encrypt_secret(header, seed, passphrase)


def _public_file(key: seal.PublicKey) -> bytes:
    return key_file.encode_key_json(
        {
            "format": seal.PUBLIC_FORMAT,
            "suite": SUITE_NAME,
            "compartment": key.compartment,
            "key_id": key.key_id,
            "created": key.created_at.isoformat(),
            "key": base64.b64encode(key.raw).decode(),
        }
    )


def _form_file(key: bytes, created_at: datetime, *, replaced_at: datetime | None = None) -> bytes:
    content: dict[str, Any] = {
        "format": FORM_FORMAT,
        "key_id": form_key_id(key),
        "created": created_at.isoformat(),
        "key": base64.b64encode(key).decode(),
    }
    if replaced_at:
        content["replaced"] = replaced_at.isoformat()
    return key_file.encode_key_json(content)


def list_keys(folders: KeyFolders) -> Iterator[KeySummary]:
    """A line for each key there is. Raises *UserError* for one that is missing or damaged."""
    public = seal.load_public_keys(folders.public)
    for key in (public.contact, public.answers):
        yield KeySummary(key.compartment, "public", key.key_id, key.created_at, fingerprint=key.fingerprint)
        for path in list_private_key_files(folders.private, key.compartment):
            yield _private_line(path, key.compartment)
    for form_key in list_form_keys(folders.form):
        yield _form_line(form_key, "previous" if form_key.replaced_at else "current")
    for form_key in list_retired_form_keys(folders.private):
        yield _form_line(form_key, "retired")


def _form_line(form_key: FormKey, state: Literal["current", "previous", "retired"]) -> KeySummary:
    return KeySummary("form", state, form_key.key_id, form_key.created_at, replaced_at=form_key.replaced_at)


def _private_line(path: Path, compartment: str) -> KeySummary:
    content = read_private_key_header(path)
    try:
        created_at, key_id = key_file.get_time(content, "created"), key_file.get_text(content, "key_id")
        protected = is_passphrase_protected(content)
    except key_file.MalformedKeyFileError:
        raise UserError(f"{path} is damaged; use 'screener keys restore' with your key backup.") from None
    names: dict[Path, Literal["current", "next"]] = {
        path.parent / f"{compartment}.private": "current",
        private_key_path(path.parent, compartment, NEXT): "next",
    }
    return KeySummary(compartment, names.get(path, "retired"), key_id, created_at, protected=protected)


def begin_key_rotation(
    folders: KeyFolders, compartment: str, *, passphrase: bytes | None, at: datetime | None = None
) -> KeyRotation:
    """Make the next key of *compartment*, or find the one that a stopped run made. No box goes to it yet."""
    with key_file.lock_keys(folders.private):
        path = private_key_path(folders.private, compartment)
        current = decrypt_private_key(read_private_key_header(path), path, compartment, passphrase)
        waiting = private_key_path(folders.private, compartment, NEXT)
        if _noted(folders, compartment) == current.key_id:
            return KeyRotation(compartment, current.public, continued=True, switched=True)
        continued = waiting.exists()
        if not continued:
            content = _private_file(compartment, passphrase, at or datetime.now(UTC))
            files.create_file(waiting, content, mode=PRIVATE_MODE)
        found = decrypt_private_key(read_private_key_header(waiting), waiting, compartment, passphrase)
        return KeyRotation(compartment, found.public, continued=continued, switched=False)


def switch_to_new_key(folders: KeyFolders, rotation: KeyRotation, *, at: datetime | None = None) -> None:
    """Make the new key the current one, private and public; from here on new boxes are sealed to it."""
    compartment, key = rotation.compartment, rotation.key
    with key_file.lock_keys(folders.private):
        path = private_key_path(folders.private, compartment)
        old_id = key_file.get_text(read_private_key_header(path), "key_id")
        if old_id == key.key_id:
            return
        retired = private_key_path(folders.private, compartment, old_id)
        if not retired.exists():
            files.create_file(retired, key_file.read_key_bytes(path, missing="run this again"), mode=PRIVATE_MODE)
        new_proof = proof.seal_key_proof(key, at=at or datetime.now(UTC))
        files.replace_file(seal.public_key_path(folders.public, compartment), _public_file(key), mode=PUBLIC_MODE)
        files.replace_file(proof.proof_path(folders.public, compartment), new_proof, mode=PUBLIC_MODE)
        files.replace_file(_note(folders, compartment), key.key_id.encode(), mode=PRIVATE_MODE)
        files.move_file(private_key_path(folders.private, compartment, NEXT), path)


def end_key_rotation(folders: KeyFolders, rotation: KeyRotation) -> None:
    """Say that every box is sealed to the new key; until then a run goes on with the same key."""
    files.remove_file(_note(folders, rotation.compartment))


def _note(folders: KeyFolders, compartment: str) -> Path:
    return folders.private / f"{compartment}.rotating"


def _noted(folders: KeyFolders, compartment: str) -> str:
    try:
        return _note(folders, compartment).read_text()
    except OSError:
        return ""


def rotate_form_key(folders: KeyFolders, *, at: datetime | None = None) -> FormKey:
    """Replace the form key; pages that the old one signed are taken for 30 more days."""
    at = at or datetime.now(UTC)
    # Not on the folder of the form key, which the public process may open, and so could lock for ever.
    with key_file.lock_keys(folders.private):
        old = read_form_key(folders.form / CURRENT)
        kept = folders.form / PREVIOUS.format(key_id=old.key_id)
        files.replace_file(kept, _form_file(old.key, old.created_at, replaced_at=at), mode=FORM_MODE)
        files.replace_file(old.path, _form_file(os.urandom(LENGTH), at), mode=FORM_MODE)
        return read_form_key(old.path)
