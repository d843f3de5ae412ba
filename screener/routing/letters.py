"""What a letter says: how many forms are waiting, or the reference of the one, and where to sign in.

Mail is read by servers, watches and whoever looks over a shoulder. So a letter has no word about a study, a health
condition or a person, and says the same whatever a form says.
"""

from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from screener.routing.outbox import Owed
from screener.settings import Settings
from screener.web import templates

_TEMPLATES = templates()


def compose(letter: Owed, settings: Settings) -> EmailMessage:
    """*letter* as a message; the same one however often it is made, so that a repeat is known as one."""
    facts = {"number": letter.number, "reference": letter.reference, "desk": settings.desk_address}
    message = EmailMessage()
    message["Subject"] = _part("email/arrived/subject.txt", facts).strip()
    message["From"] = settings.mail_from
    message["To"] = letter.to
    message["Date"] = format_datetime(letter.owed_at)
    message["Message-ID"] = f"<{letter.id}@{urlsplit(settings.desk_address).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_part("email/arrived/body.txt", facts))
    message.add_alternative(_part("email/arrived/body.html", facts), subtype="html")
    message.set_boundary(letter.id)
    return message


def _part(name: str, facts: dict[str, object]) -> str:
    return _TEMPLATES.get_template(name).render(facts)
