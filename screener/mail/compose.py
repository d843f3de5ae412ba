"""Compose a message as an email from the templates of its kind."""

from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from screener.mail.kinds import TEMPLATE_FILES
from screener.mail.kinds import parse_message
from screener.mail.outbox import LeasedMessage
from screener.settings import Settings
from screener.web.app import create_template_environment

_TEMPLATES = create_template_environment()


def compose_email(leased: LeasedMessage, settings: Settings) -> EmailMessage:
    """*leased* as an email: the same bytes however often it is composed, so that a repeat is known as one.

    Raises *KeyError* or *pydantic.ValidationError* for a kind or facts that are not ours.
    """
    message = parse_message(leased.kind, leased.facts)
    values = {**message.template_values(settings, leased.created_at), "audit_head": message.audit_head}
    files = (_TEMPLATES.get_template(f"email/{leased.kind}/{name}") for name in TEMPLATE_FILES)
    subject, text, html = (file.render(values) for file in files)
    if message.audit_head:
        text = f"{text}\n{_TEMPLATES.get_template('components/audit_head.txt').render(values)}"
    email = EmailMessage()
    email["Subject"] = subject.strip()
    email["From"] = settings.mail_from
    email["To"] = leased.to
    email["Date"] = format_datetime(leased.created_at)
    email["Message-ID"] = f"<{leased.id}@{urlsplit(settings.desk_address).hostname}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(text)
    email.add_alternative(html, subtype="html")
    email.set_boundary(leased.id)
    return email
