"""Submit a form: give it its id, seal it, add it to the inbox. Nothing else may happen before the response.

Each answer is sealed before anything is written, and a submission that cannot be sealed is refused:
there is no other way to keep one. The plain envelope contains nothing of the answers but the one
preference that routing needs, the language of the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from screener import clock
from screener.errors import UnavailableError
from screener.intake.availability import IntakeKeys
from screener.intake.context import IntakeContext
from screener.questionnaire.form import InterestForm
from screener.questionnaire.page_token import Token
from screener.questionnaire.page_token import derive_release_1_id
from screener.sealing.form_key import form_key_id
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.submissions import content_proof
from screener.submissions import inbox
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission
from screener.submissions.payload import FieldValue
from screener.submissions.payload import canonical_bytes
from screener.submissions.payload import pack_values
from screener.submissions.reference import derive_reference

#: A form that is submitted sooner than this was filled in by a program.
MIN_FILL_TIME = timedelta(seconds=3)


def submit_form(context: IntakeContext, form: InterestForm, keys: IntakeKeys) -> str:
    """Seal *form*, add it to the inbox and return its reference; the same one however often it is submitted.

    Raises *UnavailableError* when it could not be sealed or stored; then nothing was stored.
    """
    if form.verified_token is None:
        raise UnavailableError("A page without a token cannot be sent.")
    contact, answers = form.contact(), form.answers()
    now = clock.now()
    packed = pack_submission(form.verified_token, contact, answers)
    envelope = Envelope(
        id=packed.id,
        received_at=now,
        wording_version=form.wording.version,
        locale=form.wording.locale,
        source=context.study.source(form.source),
        call_language=str(contact["lang"]),
        suspected_spam=form.is_honeypot_filled or now - form.verified_token.minted_at < MIN_FILL_TIME,
    )
    sealed = SealedSubmission(
        envelope=envelope,
        contact=seal_contact(packed.contact, keys.public, study=context.study.id, submission=envelope.id),
        answers=seal_answers(packed.answers, keys.public, study=context.study.id, submission=envelope.id),
    )
    inbox.add_submission(context.inbox, sealed)
    return derive_reference(envelope.id)


@dataclass(frozen=True)
class PackedSubmission:
    """The id of a submission, and what goes into its boxes."""

    id: bytes
    contact: bytes
    answers: bytes


def pack_submission(
    token: Token, contact: Mapping[str, FieldValue], answers: Mapping[str, FieldValue]
) -> PackedSubmission:
    """Serialize both compartments with their proofs, and derive the id from them; the same whenever it is repeated."""
    if token.of_release_1:
        content = canonical_bytes(contact, answers)
        return PackedSubmission(derive_release_1_id(token, content), pack_values(contact), pack_values(answers))
    secrets = content_proof.derive_content_secrets(token.key, token.nonce)
    answers_digest = content_proof.digest_values(secrets.answers, answers)
    contact_digest = content_proof.digest_values(secrets.contact, contact)
    proof = content_proof.ContactProof(secrets.contact, answers_digest, form_key_id(token.key))
    return PackedSubmission(
        content_proof.derive_submission_id(token.key, contact_digest, answers_digest),
        pack_values(contact, proof.to_bytes()),
        pack_values(answers, secrets.answers),
    )
