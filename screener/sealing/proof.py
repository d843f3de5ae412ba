"""Prove that the private keys open what the public keys seal, before a deployment relies on it.

A form whose private key is lost fails silently: it goes on sealing what can never be read. So a small box is sealed
when a key is made and kept beside the public key; a proof opens that box, and one that was sealed this minute.
"""

import os
from datetime import datetime
from pathlib import Path

from screener.errors import UserError
from screener.sealing import seal
from screener.sealing.box import ANSWERS
from screener.sealing.box import COMPARTMENTS
from screener.sealing.box import CONTACT
from screener.sealing.key_file import read_key_bytes
from screener.sealing.open import OpeningError
from screener.sealing.open import PrivateKeys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact

#: Stands where a study's id stands in a submission's box, so that a proof can never pass for a submission.
STUDY = "screener proof"
_SEAL = {CONTACT: seal.seal_contact, ANSWERS: seal.seal_answers}
_OPEN = {CONTACT: open_contact, ANSWERS: open_answers}


def proof_path(folder: Path, compartment: str) -> Path:
    """Where the proof of *compartment* is kept: beside its public key."""
    return folder / f"{compartment}.proof"


def seal_key_proof(key: seal.PublicKey, *, at: datetime) -> bytes:
    """A box for *key* that says when it was sealed."""
    pair = seal.PublicKeys(contact=key, answers=key)
    return _SEAL[key.compartment](at.isoformat().encode(), pair, study=STUDY, submission=b"")


def proof_sealed_at(folder: Path, compartment: str, private: PrivateKeys) -> datetime:
    """When the proof in *folder* was sealed, read by opening it. Raises *UserError*."""
    path = proof_path(folder, compartment)
    box = read_key_bytes(path, missing="copy it from the machine that made the keys")
    try:
        return datetime.fromisoformat(_OPEN[compartment](box, private, study=STUDY, submission=b"").decode())
    except OpeningError as fault:
        raise UserError(f"{path}: {fault}") from None


def prove_key_pairs(public: seal.PublicKeys, private: PrivateKeys) -> None:
    """Seal with *public* as the public process does, and open with *private*. Raises *UserError*."""
    for compartment in COMPARTMENTS:
        plain, submission = os.urandom(32), os.urandom(32)
        box = _SEAL[compartment](plain, public, study=STUDY, submission=submission)
        if _OPEN[compartment](box, private, study=STUDY, submission=submission) != plain:
            raise UserError(f"What is sealed with the {compartment} key opens as something else; do not open the form.")
