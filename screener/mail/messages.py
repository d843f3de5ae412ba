"""What a letter says: how many forms are waiting, or the reference of the one; or which approval ends, and when.

Mail is read by servers, watches and whoever looks over a shoulder. So a letter has no word about a study, a health
condition or a person, and says the same whatever a form says.
"""

from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from screener.mail.models import APPROVAL_ENDS
from screener.mail.models import ARRIVED
from screener.mail.outbox import Owed
from screener.settings import Settings
from screener.web.app import create_template_environment
from screener.web.locales import language_name

#: The subject, the text and the same text with a link, of each kind of letter.
PARTS = {
    ARRIVED: ("email/arrived/subject.txt", "email/arrived/body.txt", "email/arrived/body.html"),
    APPROVAL_ENDS: (
        "email/approval_ends/subject.txt",
        "email/approval_ends/body.txt",
        "email/approval_ends/body.html",
    ),
}
#: Digits of a version: enough to find it in `screener wording list`.
SHORT = 12
_TEMPLATES = create_template_environment()


def compose(letter: Owed, settings: Settings) -> EmailMessage:
    """*letter* as a message; the same one however often it is made, so that a repeat is known as one."""
    subject, text, page = PARTS[letter.kind]
    facts = _facts(letter, settings)
    message = EmailMessage()
    message["Subject"] = _part(subject, facts).strip()
    message["From"] = settings.mail_from
    message["To"] = letter.to
    message["Date"] = format_datetime(letter.owed_at)
    message["Message-ID"] = f"<{letter.id}@{urlsplit(settings.desk_address).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_part(text, facts))
    message.add_alternative(_part(page, facts), subtype="html")
    message.set_boundary(letter.id)
    return message


def _facts(letter: Owed, settings: Settings) -> dict[str, object]:
    if not (letter.locale and letter.wording_version and letter.last_day):
        return {"number": letter.number, "reference": letter.reference, "desk": settings.desk_address}
    return {
        "locale": letter.locale,
        "language": language_name(letter.locale),
        "version": letter.wording_version[:SHORT],
        "last_day": f"{letter.last_day:%B} {letter.last_day.day}, {letter.last_day.year}",
        #: As it was when the letter was owed, so that a repeat says the same; negative when it is over.
        "left": (letter.last_day - letter.owed_at.date()).days,
    }


def _part(name: str, facts: dict[str, object]) -> str:
    return _TEMPLATES.get_template(name).render(facts)
