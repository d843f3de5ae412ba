"""The one-time token that a page carries, from which the id of what is sent is derived.

A token is minted once, at the first GET, and travels unchanged through error pages, check, change and
back. It never expires, because people pause for days, and it needs no cookie. It is not a defence
against forged posts: there is no authority to borrow. It is what makes one page one submission: the id is
derived from the token's nonce and from the content (``submissions.content_proof``), so the same page sent
twice has the same id, and an edited one has another. The nonce is never kept or logged, so an id tells
nothing about an answer.

    key id (4 bytes) ‖ minted, milliseconds (8) ‖ nonce (16) ‖ HMAC-SHA256 (32), in base64url: 80 characters

A page of release 1 may still be open: its token has another label under its signature, and keeps the id rule of
that release, so that what was sent before an upgrade and is sent again after it is one submission.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import Protocol

from wtforms.csrf.core import CSRF
from wtforms.validators import ValidationError

#: Separates the signature of a token from everything else that is made with a form key (domain separation).
LABEL = b"screener token 2\0"
#: The same of release 1, whose ids are made of a message that starts with a nonce.
LABEL_OF_RELEASE_1 = b"screener token 1\0"
KEY_ID_BYTES = 4
TIMESTAMP_BYTES = 8
NONCE_BYTES = 16
SIGNED_BYTES = KEY_ID_BYTES + TIMESTAMP_BYTES + NONCE_BYTES
SIGNATURE_BYTES = 32


class SigningKeys(Protocol):
    """The form keys: the one that signs, and those that it replaced and that still verify."""

    @property
    def current(self) -> bytes: ...

    @property
    def previous(self) -> tuple[bytes, ...]: ...


@dataclass(frozen=True)
class Token:
    """A token that one of our keys signed."""

    minted_at: datetime
    nonce: bytes
    key: bytes
    #: Whether its page was rendered by release 1, whose ids prove nothing.
    of_release_1: bool = False


def mint_token(keys: SigningKeys, at: datetime) -> str:
    """A fresh token, signed with the current key."""
    timestamp = int(at.timestamp() * 1000).to_bytes(TIMESTAMP_BYTES, "big")
    signed = _key_id(keys.current) + timestamp + secrets.token_bytes(NONCE_BYTES)
    return base64.urlsafe_b64encode(signed + _signature(keys.current, LABEL + signed)).decode()


def verify_token(text: str, keys: SigningKeys) -> Token | None:
    """The token in *text*, or None when it is malformed or none of our keys signed it."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    # Python reads "+" for "-" too; a token has one spelling.
    if len(raw) != SIGNED_BYTES + SIGNATURE_BYTES or base64.urlsafe_b64encode(raw).decode() != text:
        return None
    signed, signature = raw[:SIGNED_BYTES], raw[SIGNED_BYTES:]
    for key in (keys.current, *keys.previous):
        if _key_id(key) == signed[:KEY_ID_BYTES] and (label := _label_of(key, signed, signature)):
            milliseconds = int.from_bytes(signed[KEY_ID_BYTES : KEY_ID_BYTES + TIMESTAMP_BYTES], "big")
            return Token(
                datetime.fromtimestamp(milliseconds / 1000, UTC),
                signed[KEY_ID_BYTES + TIMESTAMP_BYTES :],
                key,
                of_release_1=label == LABEL_OF_RELEASE_1,
            )
    return None


def derive_release_1_id(token: Token, content: bytes) -> bytes:
    """The id of what a page of release 1 sends, always the same: 32 bytes that only the form key can make."""
    return hmac.new(token.key, token.nonce + content, hashlib.sha256).digest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]


def _label_of(key: bytes, signed: bytes, signature: bytes) -> bytes:
    """The label under which *key* made the *signature*; empty when it made none."""
    for label in (LABEL, LABEL_OF_RELEASE_1):
        if hmac.compare_digest(_signature(key, label + signed), signature):
            return label
    return b""


def _signature(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


class OneTimeToken(CSRF):
    """The token in WTForms' place for one: carries a verified token on, and replaces one that is not."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        form = csrf_token_field._form
        form.verified_token = verify_token(csrf_token_field.data or "", form.meta.csrf_context)
        if form.verified_token is not None:
            return str(csrf_token_field.data)
        return str(form.mint_token())

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if form.verified_token is None or len(field.raw_data) > 1:
            raise ValidationError(form.error_message("token"))
