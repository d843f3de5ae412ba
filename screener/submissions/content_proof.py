"""Proof of content: keyed digests from which a submission's id is derived, so that opening a box proves what was sent.

    secret = HMAC(form key, label ‖ compartment ‖ nonce of the page)      in the box of its compartment
    digest = HMAC(secret, values of the compartment, canonical)           that of the answers also in the contact box
    id     = "proof2" ‖ HMAC(form key, label ‖ contact digest ‖ answers digest), cut to 32 bytes

The nonce is stored nowhere. Who has every public key and may write the store, but has no form key, cannot seal other
content under an id that exists. The contact key with the form key tells no answer, because the secret of the answers
lies in their own box and is derived from the nonce. The prefix of the id says that its boxes must hold a proof, so that
one without cannot be put in their place. Neither locale nor wording version goes in: see ``docs/decisions.md``.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from screener.submissions.payload import FieldValue

ID_PREFIX = b"proof2"
ID_BYTES = 32
SECRET_BYTES = 32
DIGEST_BYTES = 32
_SECRET_LABELS = {name: f"screener {name} secret 2\0".encode() for name in ("contact", "answers")}
_ID_LABEL = b"screener submission id 2\0"


@dataclass(frozen=True)
class ContentSecrets:
    """The two secrets of one page, one a compartment; neither tells the other."""

    contact: bytes = field(repr=False)
    answers: bytes = field(repr=False)


@dataclass(frozen=True)
class ContactProof:
    """What the contact box holds besides its values."""

    secret: bytes = field(repr=False)
    answers_digest: bytes
    #: Names the form key that the id was derived with; 16 hex digits.
    form_key_id: str

    def to_bytes(self) -> bytes:
        """The proof as the box holds it: 72 bytes."""
        return self.secret + self.answers_digest + bytes.fromhex(self.form_key_id)


def parse_contact_proof(data: bytes) -> ContactProof | None:
    """The proof in *data*; None when it has another length."""
    key_id = data[SECRET_BYTES + DIGEST_BYTES :]
    if len(key_id) != 8:
        return None
    return ContactProof(data[:SECRET_BYTES], data[SECRET_BYTES : SECRET_BYTES + DIGEST_BYTES], key_id.hex())


def derive_content_secrets(form_key: bytes, nonce: bytes) -> ContentSecrets:
    """Derive both secrets from the *nonce* of a page, so that the same page sent twice has the same."""
    return ContentSecrets(
        *(hmac.digest(form_key, _SECRET_LABELS[name] + nonce, "sha256") for name in ("contact", "answers"))
    )


def digest_values(secret: bytes, values: Mapping[str, FieldValue]) -> bytes:
    """The keyed digest of a compartment; the order of the fields does not count."""
    return hmac.digest(secret, json.dumps(dict(values), sort_keys=True).encode(), "sha256")


def derive_submission_id(form_key: bytes, contact_digest: bytes, answers_digest: bytes) -> bytes:
    """Derive the id of a submission from the digests of its compartments: 32 bytes."""
    mac = hmac.digest(form_key, _ID_LABEL + contact_digest + answers_digest, "sha256")
    return (ID_PREFIX + mac)[:ID_BYTES]


def requires_proof(submission_id: bytes) -> bool:
    """Whether the boxes of this submission hold a proof; those sent from a page of release 1 do not."""
    return submission_id.startswith(ID_PREFIX)
