"""What somebody had typed when they were asked to sign in: it goes along with the sign-in, and is there afterwards.

It travels in the page, signed, and is kept nowhere. Only what came from a page of ours is taken along (the browser
says so in a header that no page can set): else another site could put words into somebody's mouth.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request
from itsdangerous import BadData
from itsdangerous import URLSafeSerializer

from screener.auth.context import office
from screener.web.forms import submitted_pairs

#: Fields that belong to a page and not to what was typed.
PAGE_FIELDS = ("csrf_token", "held", "proof")
#: More than this is not taken along; the longest honest page of the desk weighs about 5,000 bytes.
MOST = 48 * 1024

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Held:
    """An address somebody wanted, and what they sent there; nothing was sent when they only opened it."""

    path: str
    pairs: Pairs | None


def is_from_us() -> bool:
    """Whether the request was made by a page of this desk."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def sent() -> Pairs:
    """What the page sent, without what is ours."""
    return submitted_pairs(without=PAGE_FIELDS)


def wanted() -> str:
    """The address of this request, with its question."""
    return request.full_path if request.query_string else request.path


def hold() -> str:
    """This request, to be gone on with after a sign-in; empty when it cannot be."""
    if request.method == "GET":
        return signed(Held(wanted(), None))
    if request.method == "POST" and is_from_us():
        return signed(Held(request.path, sent()))
    return ""


def signed(held: Held) -> str:
    """*held* as a page carries it."""
    text = str(_serializer().dumps([held.path, held.pairs]))
    return text if len(text) <= MOST else ""


def held(text: str) -> Held | None:
    """What a page carried; None when it is nothing, or not from us."""
    try:
        path, pairs = _serializer().loads(text)
    except (BadData, ValueError):
        return None
    return Held(path, None if pairs is None else [(name, value) for name, value in pairs])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(office().keys.session, salt="screener held", serializer=json)
