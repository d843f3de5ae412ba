"""From the bytes of a POST to text, with nothing changed on the way without a word.

Flask would turn bytes that are no UTF-8 into U+FFFD and drop what it does not understand, silently; what a
person sent and what we keep would then differ. So the pairs are taken apart here: bytes that are no UTF-8
and control characters are *named* as unreadable (the form says so beside the field), and the part that
can be read goes back into the field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestEntityTooLarge

FORM = "application/x-www-form-urlencoded"
#: Our own page has fewer than fifty pairs; more than this is no page of ours.
MOST_PAIRS = 1000
#: Every character of Unicode's category Cc.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
MARK = "\N{REPLACEMENT CHARACTER}"
#: Fields whose unreadable part was already replaced on a page that we gave back.
UNREAD = "unread"


@dataclass(frozen=True)
class Posted:
    """What a page sent: the pairs that are ours, in their order, and which of them could not be read."""

    pairs: tuple[tuple[str, str], ...]
    unreadable: frozenset[str] = frozenset()

    def values(self) -> MultiDict[str, str]:
        """The pairs as WTForms takes them."""
        return MultiDict(self.pairs)

    def carried(self) -> tuple[tuple[str, str], ...]:
        """The pairs for a page that gives everything back, with what was unreadable still named."""
        return self.pairs + tuple((UNREAD, name) for name in sorted(self.unreadable))


def body_of(request: Request) -> bytes:
    """The whole body of *request*, or 413 when it is too long, or 400 when its pieces do not fit together.

    A body that comes in chunks has no length to be judged by, and werkzeug cuts it at the limit without a word: so
    one more byte is asked for, which says that there is none or that it was too long.
    """
    try:
        body = request.get_data()
        request.stream.read(1)
    except HTTPException:
        raise
    except Exception:  # what a server makes of a broken line is its own; none of it is a fault of ours
        raise BadRequest from None
    return body


def read_posted(body: bytes, ours: Mapping[bytes, str]) -> Posted:
    """The pairs of *body* whose keys are *ours*; raises 413 when there are too many of them to be a page."""
    if body.count(b"&") >= MOST_PAIRS:
        raise RequestEntityTooLarge
    pairs = []
    unreadable = set()
    marked = set()
    for pair in body.split(b"&"):
        raw_name, _, raw_value = pair.partition(b"=")
        name = ours.get(raw_name) or ours.get(_decoded(raw_name))
        if name is None:
            continue
        value, readable = _text(_decoded(raw_value))
        if name == UNREAD:
            marked.add(value)
            continue
        pairs.append((name, value))
        if not readable:
            unreadable.add(name)
    unreadable |= {name for name, value in pairs if name in marked and MARK in value}
    return Posted(tuple(pairs), frozenset(unreadable))


def _decoded(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" ")) if b"%" in raw or b"+" in raw else raw


def _text(raw: bytes) -> tuple[str, bool]:
    """The text of *raw*, and whether that is all of it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return CONTROL.sub(MARK, raw.decode("utf-8", errors="replace")), False
    readable = CONTROL.sub(MARK, text)
    return readable, readable == text
