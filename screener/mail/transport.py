"""The post: a mail server, or in development a folder that a person can look into."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote
from urllib.parse import urlsplit

from screener.settings import Settings

#: Seconds that a mail server is waited for, at each step.
PATIENCE = 10
#: What smtplib and the network raise.
TROUBLE = (smtplib.SMTPException, OSError, ValueError)


class Refused(Exception):
    """The server will not take this letter, now or later; carries the kind of fault only."""


class Line(Protocol):
    """A way out that is open."""

    def send(self, message: EmailMessage) -> None:
        """Give *message* away. Raises *Refused* for good, or one of *TROUBLE*: then it may be tried later."""


@dataclass(frozen=True)
class Folder:
    """Letters as files, for a machine without a mail server."""

    path: Path

    def send(self, message: EmailMessage) -> None:
        """Put *message* into the folder; the same letter replaces itself."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        half = self.path / f".{name}.part"
        half.write_bytes(message.as_bytes())
        half.replace(self.path / f"{name}.eml")


@dataclass(frozen=True)
class Server:
    """An open connection to a mail server."""

    smtp: smtplib.SMTP

    def send(self, message: EmailMessage) -> None:
        """Hand *message* over; the server's word for one address counts for this letter only."""
        try:
            self.smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            if all(500 <= code < 600 for code, _ in refusal.recipients.values()):
                raise Refused("SMTPRecipientsRefused") from None
            raise
        except smtplib.SMTPDataError as refusal:
            if 500 <= refusal.smtp_code < 600:
                raise Refused("SMTPDataError") from None
            raise


@contextmanager
def opened(settings: Settings) -> Iterator[Line]:
    """The way out that *settings* name. Raises one of *TROUBLE* when it cannot be opened."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        yield Folder(settings.letters)
        return
    smtp = _connected(url)
    try:
        yield Server(smtp)
    finally:
        _closed(smtp)


def _connected(url: str) -> smtplib.SMTP:
    """smtps:// is TLS from the start; smtp:// takes STARTTLS where the server offers it, and must with a password."""
    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()
    smtp: smtplib.SMTP
    if parts.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=context)
    else:
        smtp = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
    try:
        smtp.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        elif parts.scheme == "smtp" and parts.username:
            raise smtplib.SMTPNotSupportedError("a password is not sent over an open line")
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _closed(smtp: smtplib.SMTP) -> None:
    """Say goodbye; a server that is gone already is no fault of the letters that it took."""
    try:
        smtp.quit()
    except TROUBLE:
        smtp.close()
