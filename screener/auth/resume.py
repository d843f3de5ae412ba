"""Carry a pending request across a sign-in: what was typed when a session had ended is there afterwards.

The request travels in the page, signed, and is stored nowhere. Only a request that a page of the desk sent is carried
(the browser says so in ``Sec-Fetch-Site``, which no page can set): otherwise another site could submit words in the
name of the person who signs in.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request
from itsdangerous import BadData
from itsdangerous import URLSafeSerializer

from screener.auth.context import auth_context
from screener.web.forms import submitted_pairs

#: Fields that belong to a page and not to what was typed.
PAGE_FIELDS = ("csrf_token", "held", "proof")
#: A longer request is not carried; the longest page of the desk weighs about 5,000 bytes.
MAX_SIGNED_BYTES = 48 * 1024

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class PendingRequest:
    """The path of a request, and the fields that were posted to it; None for a GET."""

    path: str
    pairs: Pairs | None


def is_same_origin() -> bool:
    """Whether a page of this desk made the current request (Fetch Metadata, or else the ``Origin`` header)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def list_typed_pairs() -> Pairs:
    """The names and values that were posted, without those that belong to the page."""
    return submitted_pairs(without=PAGE_FIELDS)


def requested_path() -> str:
    """The path of the current request, with its query string."""
    return request.full_path if request.query_string else request.path


def sign_current_request() -> str:
    """The current request, signed, to be resumed after a sign-in; empty when it cannot be."""
    if request.method == "GET":
        return sign_request(PendingRequest(requested_path(), None))
    if request.method == "POST" and is_same_origin():
        return sign_request(PendingRequest(request.path, list_typed_pairs()))
    return ""


def sign_request(pending: PendingRequest) -> str:
    """*pending* as a hidden field carries it; empty when it is too long."""
    text = str(_serializer().dumps([pending.path, pending.pairs]))
    return text if len(text) <= MAX_SIGNED_BYTES else ""


def load_request(signed: str) -> PendingRequest | None:
    """The request that *signed* carries; None when it is empty or its signature is not ours."""
    try:
        path, pairs = _serializer().loads(signed)
    except (BadData, ValueError):
        return None
    return PendingRequest(path, None if pairs is None else [(name, value) for name, value in pairs])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(auth_context().keys.session, salt="screener held", serializer=json)
