"""Submit a form: give it its id, seal it, add it to the inbox. Nothing else may happen before the response.

Each answer is sealed before anything is written, and a submission that cannot be sealed is refused:
there is no other way to keep one. The plain envelope contains nothing of the answers but the one
preference that routing needs, the language of the call.
"""

from datetime import timedelta

from screener import clock
from screener.errors import UnavailableError
from screener.intake.availability import IntakeKeys
from screener.intake.context import IntakeContext
from screener.questionnaire.form import InterestForm
from screener.questionnaire.page_token import submission_id
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.submissions import inbox
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission
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
    envelope = Envelope(
        id=submission_id(form.verified_token, canonical_bytes(contact, answers)),
        received_at=now,
        wording_version=form.wording.version,
        locale=form.wording.locale,
        source=context.study.source(form.source),
        call_language=str(contact["lang"]),
        suspected_spam=form.is_honeypot_filled or now - form.verified_token.minted_at < MIN_FILL_TIME,
    )
    sealed = SealedSubmission(
        envelope=envelope,
        contact=seal_contact(pack_values(contact), keys.public, study=context.study.id, submission=envelope.id),
        answers=seal_answers(pack_values(answers), keys.public, study=context.study.id, submission=envelope.id),
    )
    inbox.add_submission(context.inbox, sealed)
    return derive_reference(envelope.id)
