"""Normalize typed text: its length, its Unicode form, control characters and whitespace, here and nowhere else.

Raw length comes first. Normalizing sorts the combining characters of each letter (Unicode Standard Annex #15), and
Python's sort is quadratic: 15,000 accents take a second. So nothing longer than *MAX_NORMALIZED* is ever normalized; it
is longer than anything that a form takes. ``tests/laws/test_typed_text.py`` holds that no other module normalizes.
"""

import re
import unicodedata
from typing import Literal

#: Characters up to which a text is normalized.
MAX_NORMALIZED = 1000
#: A letter that was typed with its accents apart is at most four characters (UAX #15: U+1F82).
CHARACTERS_PER_LETTER = 4
#: Characters of an email address (RFC 5321, 4.5.3.1).
MAX_EMAIL_CHARACTERS = 254
#: Characters of a code that is read aloud or copied, with whatever stands between its letters.
MAX_CODE_CHARACTERS = 100
#: Every character of Unicode's category Cc.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
#: Those that are no part of a text of several lines.
_CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def is_longer(text: str, max_characters: int) -> bool:
    """Whether *text* has more than *max_characters*; a letter counts once, however its accents were typed (NFC)."""
    if len(text) <= max_characters:
        return False
    return len(text) > CHARACTERS_PER_LETTER * max_characters or len(_normalize("NFC", text)) > max_characters


def normalize_width(text: str) -> str:
    """*text* with the wide letters and digits of East Asian keyboards as plain ones (NFKC); never stored so."""
    return _normalize("NFKC", text)


def normalize_password(password: str, max_characters: int) -> str:
    """*password* as it is hashed (NFKD, as the library stores it), cut to *max_characters*; NFKD never shortens."""
    return _normalize("NFKD", password[:max_characters])[:max_characters]


def normalize_email(text: str | None) -> str:
    """An email address as it is looked up: lower case, no blanks around it, no NUL (PostgreSQL takes none).

    What is longer than an address can be is cut, and then belongs to no account.
    """
    return (text or "").strip()[: MAX_EMAIL_CHARACTERS + 1].lower().replace("\0", REPLACEMENT)


def normalize_code(text: str) -> str:
    """The letters and digits of a code, in lower case; hyphens, blanks, dots and marks of any kind do not count.

    Empty when *text* is too long to be one.
    """
    if len(text) > MAX_CODE_CHARACTERS:
        return ""
    return "".join(character for character in normalize_width(text) if character.isalnum()).lower()


def collapse_whitespace(text: str) -> str:
    """*text* in one line, with single spaces."""
    return " ".join(text.split())


def strip_line(text: str | None) -> str:
    """A filter: one line, single spaces, and no character that cannot be printed (PostgreSQL takes no NUL)."""
    return "".join(character for character in collapse_whitespace(text or "") if character.isprintable())


def strip_lines(text: str | None) -> str:
    """A filter: several lines ended by line feeds, without control characters."""
    return _CONTROL_IN_LINES.sub("", (text or "").replace("\r\n", "\n"))


def is_single_line(text: str, max_characters: int) -> bool:
    """Whether *text* says something, in one line of at most *max_characters* that can be printed."""
    return len(text) <= max_characters and is_printable(text) and bool(text.strip())


def is_printable(text: str) -> bool:
    """Whether *text* is one line without control characters; the empty text is."""
    return text.isprintable()


def has_control_characters(text: str) -> bool:
    """Whether *text* has a character of Unicode's category Cc."""
    return _CONTROL.search(text) is not None


def replace_control_characters(text: str) -> str:
    """*text* with U+FFFD for each control character."""
    return _CONTROL.sub(REPLACEMENT, text)


def _normalize(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    return unicodedata.normalize(form, text) if len(text) <= MAX_NORMALIZED else text
