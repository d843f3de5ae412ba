"""Contact links (``tel:``, ``sms:``, ``mailto:``): what the person gave, allowed, and has stopped since.

A link is made only where it may be used; everything else that was typed is shown as text.
"""

import re
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from screener.submissions.payload import FieldValue

#: What people write between the digits of a telephone number.
SEPARATORS = re.compile(r"[\s().\-/\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}]+")
TELEPHONE_NUMBER = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True)
class ContactLink:
    """One way to contact a person."""

    channel: str
    #: As it was typed; empty when they did not give it.
    typed: str
    #: The address of the link; empty when it may not or cannot be used.
    href: str
    #: Why there is no link, as a code: ``stopped``, ``not_allowed`` or ``unreadable``; empty when nothing was typed.
    blocked: str


def list_contact_links(contact: Mapping[str, FieldValue], stopped: Collection[str]) -> tuple[ContactLink, ...]:
    """Calls, texts and email, in this order."""
    phone, email = str(contact.get("phone", "")).strip(), str(contact.get("email", "")).strip()
    number = SEPARATORS.sub("", phone)
    number = number if TELEPHONE_NUMBER.fullmatch(number) else ""
    may_text = contact.get("sms_ok") == "1"
    return (
        _contact_link("call", phone, f"tel:{number}" if number else "", stopped),
        _contact_link("text", phone, f"sms:{number}" if number else "", stopped, allowed=may_text),
        _contact_link("email", email, f"mailto:{quote(email, safe='@.+-_')}" if "@" in email else "", stopped),
    )


def _contact_link(
    channel: str, typed: str, href: str, stopped: Collection[str], *, allowed: bool = True
) -> ContactLink:
    blocked = ""
    if channel in stopped:
        blocked = "stopped"
    elif typed and not allowed:
        blocked = "not_allowed"
    elif typed and not href:
        blocked = "unreadable"
    return ContactLink(channel, typed, "" if blocked else href, blocked)
