"""The last step: name it, shut it, put it into the inbox. Nothing else may happen before the answer.

Each answer is in a box before anything is written, and a box that cannot be shut is a reason to say so:
there is no other way to keep a submission. The plain envelope knows nothing of the answers but the one
preference that the desk routes by, the language of the call.
"""

from datetime import timedelta

from screener import clock
from screener.errors import UnavailableError
from screener.intake.availability import Keys
from screener.intake.context import Room
from screener.questionnaire.form import InterestForm
from screener.questionnaire.page_token import submission_id
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.submissions import inbox
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import Sealed
from screener.submissions.payload import canonical
from screener.submissions.payload import pack
from screener.submissions.reference import reference_of

#: A page that comes back sooner than this was filled in by no person.
SOONEST = timedelta(seconds=3)


def send(room: Room, form: InterestForm, keys: Keys) -> str:
    """Put what *form* says into the inbox, sealed, and give its reference; the same one however often it is sent.

    Raises *UnavailableError* when it could not be shut or kept; then nothing was.
    """
    if form.verified_token is None:
        raise UnavailableError("A page without a token cannot be sent.")
    contact, answers = form.contact(), form.answers()
    now = clock.now()
    envelope = Envelope(
        id=submission_id(form.verified_token, canonical(contact, answers)),
        received_at=now,
        wording_version=form.wording.version,
        locale=form.wording.locale,
        source=room.study.source(form.source),
        call_language=str(contact["lang"]),
        suspected_spam=form.is_honeypot_filled or now - form.verified_token.minted_at < SOONEST,
    )
    sealed = Sealed(
        envelope=envelope,
        contact=seal_contact(pack(contact), keys.public, study=room.study.id, submission=envelope.id),
        answers=seal_answers(pack(answers), keys.public, study=room.study.id, submission=envelope.id),
    )
    inbox.add(room.inbox, sealed)
    return reference_of(envelope.id)
