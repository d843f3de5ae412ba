"""How a person may be reached: what they gave, what they allowed, and what they have stopped since.

A link that dials, writes or mails is made only where it may be used; whatever else was typed is text.
"""

import re
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from screener.submissions.payload import FieldValue

#: What people write between the digits of a telephone number.
BETWEEN = re.compile(r"[\s().\-/\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}]+")
DIALLED = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True)
class Way:
    """One way to reach somebody."""

    channel: str
    #: As it was typed; empty when they did not give it.
    typed: str
    #: What the link leads to; empty when nobody may or can use it.
    link: str
    #: Why there is no link: ``stopped``, ``not_allowed``, ``unread``; empty when there is one, or nothing was typed.
    why: str


def ways(contact: Mapping[str, FieldValue], stopped: Collection[str]) -> tuple[Way, ...]:
    """Calls, texts and email, in this order."""
    phone, email = str(contact.get("phone", "")).strip(), str(contact.get("email", "")).strip()
    number = BETWEEN.sub("", phone)
    number = number if DIALLED.fullmatch(number) else ""
    may_text = contact.get("sms_ok") == "1"
    return (
        _way("call", phone, f"tel:{number}" if number else "", stopped),
        _way("text", phone, f"sms:{number}" if number else "", stopped, allowed=may_text),
        _way("email", email, f"mailto:{quote(email, safe='@.+-_')}" if "@" in email else "", stopped),
    )


def _way(channel: str, typed: str, link: str, stopped: Collection[str], *, allowed: bool = True) -> Way:
    why = ""
    if channel in stopped:
        why = "stopped"
    elif typed and not allowed:
        why = "not_allowed"
    elif typed and not link:
        why = "unread"
    return Way(channel, typed, "" if why else link, why)
