"""Open the boxes of a submission, and check that they hold what was sent.

The contact box proves itself against the submission's id, the answers box against a digest in the contact box. Where
that cannot be told (a page of release 1, a form key that is missing), the boxes are compared with the *received* event
of the audit trail. Content that does not fit is not given out: it is not what the person sent.

For the staff side only; the public process and the worker never import this.
"""

import hmac
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import StrEnum

from screener.errors import UserError
from screener.sealing.form_key import FormKeyRing
from screener.sealing.open import AlteredBoxError
from screener.sealing.open import PrivateKeys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.submissions import content_proof
from screener.submissions.content_proof import ContactProof
from screener.submissions.payload import FieldValue
from screener.submissions.payload import unpack_proof
from screener.submissions.payload import unpack_values

DAMAGED = "This was opened, but it is damaged. Compare it with a backup."
ALTERED = (
    "This is not what was sent: it was changed or replaced afterwards, so it is not shown. "
    "Tell the study lead, and compare it with a backup."
)


class ProofResult(StrEnum):
    """What the check of a box found."""

    CHECKED = "checked"
    #: The form key that the id was derived with is missing, or the contact box does not open.
    UNCHECKABLE = "cannot_be_checked"
    #: Sent from a page of release 1, which proved nothing.
    BEFORE_PROOFS = "before_proofs"
    ALTERED = "does_not_fit"


@dataclass(frozen=True)
class OpenedBox:
    """The content of a box, or the reason why there is none to show."""

    values: Mapping[str, FieldValue] = field(default_factory=dict)
    error: str = ""
    #: None where the box was erased or does not open.
    proof: ProofResult | None = None


@dataclass(frozen=True)
class OpenedSubmission:
    """Both boxes of a submission, opened and checked; *answers* is None where they were not asked for."""

    contact: OpenedBox
    answers: OpenedBox | None


@dataclass(frozen=True)
class OpeningKeys:
    """What opens boxes, and what checks them."""

    private: PrivateKeys
    form: FormKeyRing
    #: The id of the study, to which boxes are bound.
    study: str


@dataclass(frozen=True)
class SealedBoxes:
    """The boxes of one submission as they are stored; None once they were erased."""

    submission_id: bytes
    contact: bytes | None
    answers: bytes | None


#: Whether the stored boxes are those of the *received* event; None where that event has no digests of them.
Comparison = Callable[[], Mapping[str, bool] | None]


def open_submission(
    boxes: SealedBoxes, keys: OpeningKeys, *, compare: Comparison, answers: bool = True
) -> OpenedSubmission:
    """Open the contact box, and the answers box if *answers* are wanted; *compare* is asked only where it matters."""
    contact, proof = _open_contact(boxes, keys)
    opened = _open_answers(boxes, keys, proof) if answers else None
    doubtful = (ProofResult.UNCHECKABLE, ProofResult.BEFORE_PROOFS)
    if contact.proof in doubtful or (opened and opened.proof in doubtful):
        unchanged = compare() or {}
        contact = _refuse_changed(contact, unchanged.get("contact", True))
        opened = _refuse_changed(opened, unchanged.get("answers", True)) if opened else None
    return OpenedSubmission(contact, opened)


def _refuse_changed(box: OpenedBox, unchanged: bool) -> OpenedBox:
    return box if unchanged or box.proof is None else _ALTERED_BOX


def _open_contact(boxes: SealedBoxes, keys: OpeningKeys) -> tuple[OpenedBox, ContactProof | None]:
    """The contact, and its proof when that was checked."""
    opened, data = _unseal(boxes.contact, open_contact, boxes, keys)
    if opened.error or boxes.contact is None:
        return opened, None
    if not content_proof.requires_proof(boxes.submission_id):
        return replace(opened, proof=ProofResult.BEFORE_PROOFS), None
    proof = content_proof.parse_contact_proof(data)
    if proof is None:
        return _ALTERED_BOX, None
    form_key = keys.form.find(proof.form_key_id)
    if form_key is None:
        return replace(opened, proof=ProofResult.UNCHECKABLE), None
    digest = content_proof.digest_values(proof.secret, opened.values)
    expected = content_proof.derive_submission_id(form_key, digest, proof.answers_digest)
    if not hmac.compare_digest(expected, boxes.submission_id):
        return _ALTERED_BOX, None
    return replace(opened, proof=ProofResult.CHECKED), proof


def _open_answers(boxes: SealedBoxes, keys: OpeningKeys, proof: ContactProof | None) -> OpenedBox:
    opened, secret = _unseal(boxes.answers, open_answers, boxes, keys)
    if opened.error or boxes.answers is None:
        return opened
    if not content_proof.requires_proof(boxes.submission_id):
        return replace(opened, proof=ProofResult.BEFORE_PROOFS)
    if len(secret) != content_proof.SECRET_BYTES:
        return _ALTERED_BOX
    if proof is None:
        return replace(opened, proof=ProofResult.UNCHECKABLE)
    digest = content_proof.digest_values(secret, opened.values)
    fits = hmac.compare_digest(digest, proof.answers_digest)
    return replace(opened, proof=ProofResult.CHECKED) if fits else _ALTERED_BOX


def _unseal(
    box: bytes | None, opening: Callable[..., bytes], boxes: SealedBoxes, keys: OpeningKeys
) -> tuple[OpenedBox, bytes]:
    """The values of *box*, not checked yet, and the proof that lies beside them."""
    if box is None:
        return OpenedBox(), b""
    try:
        plain = opening(box, keys.private, study=keys.study, submission=boxes.submission_id)
        return OpenedBox(unpack_values(plain)), unpack_proof(plain)
    except AlteredBoxError as fault:
        return OpenedBox(error=str(fault), proof=ProofResult.ALTERED), b""
    except UserError as fault:
        return OpenedBox(error=str(fault)), b""
    except ValueError:
        return OpenedBox(error=DAMAGED, proof=ProofResult.ALTERED), b""


_ALTERED_BOX = OpenedBox(error=ALTERED, proof=ProofResult.ALTERED)
