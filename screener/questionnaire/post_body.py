"""Parse the body of a POST (``application/x-www-form-urlencoded``) exactly: nothing is changed silently.

Flask would turn bytes that are no UTF-8 into U+FFFD and drop what it does not understand; what a participant
sent and what we keep would then differ. So the pairs are parsed here: bytes that are no UTF-8
and control characters are *named* as unreadable (the form shows an error beside the field), and the part that
can be read goes back into the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.exceptions import UnsupportedMediaType

from screener.typed_text import REPLACEMENT
from screener.typed_text import replace_control_characters

FORM_TYPE = "application/x-www-form-urlencoded"
#: The most pairs of one body; our own page has fewer than fifty.
MAX_PAIRS = 1000
#: Fields whose unreadable part was already replaced on a page that we gave back.
UNREADABLE = "unread"


@dataclass(frozen=True)
class ParsedBody:
    """What a page sent: the pairs that are ours, in their order, and which of them could not be read."""

    pairs: tuple[tuple[str, str], ...]
    unreadable: frozenset[str] = frozenset()

    def to_multidict(self) -> MultiDict[str, str]:
        """The pairs as WTForms takes them."""
        return MultiDict(self.pairs)

    def hidden_pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs for a page that gives everything back, with what was unreadable still named."""
        return self.pairs + tuple((UNREADABLE, name) for name in sorted(self.unreadable))


def parse_request(request: Request, names: Mapping[bytes, str]) -> ParsedBody:
    """The pairs of *request* whose keys are *names*; no view reads ``request.form``.

    Raises 415 for another content type, 413 for a body that is too long, 400 for one that is cut off.
    """
    if request.mimetype != FORM_TYPE:
        raise UnsupportedMediaType
    return parse_body(read_body(request), names)


def read_body(request: Request) -> bytes:
    """The whole body of *request*, or 413 when it is too long, or 400 when its pieces do not fit together.

    A body that comes in chunks has no length to be judged by, and werkzeug cuts it at the limit without a word: so
    one more byte is asked for, which says that there is none or that it was too long.
    """
    try:
        body = request.get_data()
        request.stream.read(1)
    except HTTPException:
        raise
    except Exception:  # each server raises its own for a broken connection; none is a defect of ours
        raise BadRequest from None
    return body


def parse_body(body: bytes, names: Mapping[bytes, str]) -> ParsedBody:
    """The pairs of *body* whose keys are *names*; raises 413 when there are too many of them to be a page."""
    if body.count(b"&") >= MAX_PAIRS:
        raise RequestEntityTooLarge
    pairs = []
    unreadable = set()
    marked = set()
    for pair in body.split(b"&"):
        raw_name, _, raw_value = pair.partition(b"=")
        name = names.get(raw_name) or names.get(_percent_decode(raw_name))
        if name is None:
            continue
        value, readable = _decode_text(_percent_decode(raw_value))
        if name == UNREADABLE:
            marked.add(value)
            continue
        pairs.append((name, value))
        if not readable:
            unreadable.add(name)
    unreadable |= {name for name, value in pairs if name in marked and REPLACEMENT in value}
    return ParsedBody(tuple(pairs), frozenset(unreadable))


def _percent_decode(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" ")) if b"%" in raw or b"+" in raw else raw


def _decode_text(raw: bytes) -> tuple[str, bool]:
    """The text of *raw*, and whether all of it could be decoded."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return replace_control_characters(raw.decode("utf-8", errors="replace")), False
    readable = replace_control_characters(text)
    return readable, readable == text
