"""Transports for email: an SMTP server, or in development a folder of files.

Errors say what kind of fault it was and nothing that a server answered: an answer may quote an address.
"""

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

from screener import files
from screener.errors import UserError
from screener.settings import Settings

#: For connecting, and for each answer of the server.
SMTP_TIMEOUT_SECONDS = 10.0


class DeliveryError(Exception):
    """An email was not delivered; the text is the kind of fault."""


class TemporaryFailure(DeliveryError):
    """The transport does not take email now; it may later."""


class PermanentFailure(DeliveryError):
    """The transport will not take this email, now or later; others it may."""


class Transport(Protocol):
    """An open way to send email."""

    def send(self, email: EmailMessage) -> None:
        """Hand *email* over. Raises *TemporaryFailure* or *PermanentFailure*."""


@dataclass(frozen=True)
class FolderTransport:
    """Email as files, for a machine without a mail server."""

    path: Path

    def send(self, email: EmailMessage) -> None:
        """Write *email* into the folder; the same one replaces itself."""
        name = str(email["Message-ID"]).strip("<>").partition("@")[0]
        try:
            files.make_folder(self.path, 0o700)
            files.replace_file(self.path / f"{name}.eml", email.as_bytes(), mode=0o600)
        except UserError:
            raise TemporaryFailure("folder not writable") from None


@dataclass(frozen=True)
class SmtpTransport:
    """An open connection to an SMTP server."""

    smtp: smtplib.SMTP

    def send(self, email: EmailMessage) -> None:
        """Hand *email* to the server; a 5xx answer about one recipient or content is permanent for this email only."""
        with _as_temporary_failure():
            try:
                self.smtp.send_message(email)
            except smtplib.SMTPRecipientsRefused as refusal:
                if all(500 <= code < 600 for code, _ in refusal.recipients.values()):
                    raise PermanentFailure("SMTPRecipientsRefused") from None
                raise
            except smtplib.SMTPDataError as refusal:
                if 500 <= refusal.smtp_code < 600:
                    raise PermanentFailure("SMTPDataError") from None
                raise


@contextmanager
def open_transport(settings: Settings) -> Iterator[Transport]:
    """The transport that *settings* name. Raises *TemporaryFailure* when it cannot be opened."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        yield FolderTransport(settings.email_folder)
        return
    with _as_temporary_failure():
        smtp = _connect(url)
    try:
        yield SmtpTransport(smtp)
    finally:
        _disconnect(smtp)


@contextmanager
def _as_temporary_failure() -> Iterator[None]:
    """Turn what smtplib and the network raise into a *TemporaryFailure*."""
    try:
        yield
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise TemporaryFailure(type(error).__name__) from None


def _connect(url: str) -> smtplib.SMTP:
    """smtps:// is TLS from the start; smtp:// uses STARTTLS where the server offers it, and must with a password."""
    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()
    smtp: smtplib.SMTP
    if parts.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_TIMEOUT_SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(host, parts.port or 25, timeout=SMTP_TIMEOUT_SECONDS)
    try:
        smtp.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        elif parts.scheme == "smtp" and parts.username:
            raise smtplib.SMTPNotSupportedError("a password is not sent without TLS")
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _disconnect(smtp: smtplib.SMTP) -> None:
    """Quit; a server that is gone already is no fault of the emails that it took."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()
