"""The proof of a note: a MAC of the desk's own key over the text and the place that it was written for.

    2 (1 byte) | HMAC-SHA256 (32) | id of the key (8) | text

So a note that was not written at the desk, or that was moved to another form or another entry of its history, is found
out when it is opened. Notes of release 1 are text alone.
"""

import hashlib
import hmac

from screener.submissions.opening import ProofResult

_WITH_PROOF = b"\2"
_MAC_BYTES = 32
_KEY_ID_BYTES = 8
_TEXT = 1 + _MAC_BYTES + _KEY_ID_BYTES


def pack_note(text: str, key: bytes, *, purpose: str, submission: bytes, version: int) -> bytes:
    """Serialize a note behind its MAC; *version* is that of the follow-up's event that it belongs to."""
    plain = text.encode()
    return _WITH_PROOF + _authenticate(plain, key, purpose, submission, version) + _key_id(key) + plain


def unpack_note(data: bytes, key: bytes, *, purpose: str, submission: bytes, version: int) -> tuple[str, ProofResult]:
    """The text of a note, empty when it does not fit, and what the check found. Raises *ValueError* for no text."""
    if data[:1] != _WITH_PROOF:
        return data.decode(), ProofResult.BEFORE_PROOFS
    mac, key_id, plain = data[1 : 1 + _MAC_BYTES], data[1 + _MAC_BYTES : _TEXT], data[_TEXT:]
    if key_id != _key_id(key):
        return plain.decode(), ProofResult.UNCHECKABLE
    if not hmac.compare_digest(mac, _authenticate(plain, key, purpose, submission, version)):
        return "", ProofResult.ALTERED
    return plain.decode(), ProofResult.CHECKED


def _authenticate(plain: bytes, key: bytes, purpose: str, submission: bytes, version: int) -> bytes:
    """The MAC over the parts, each behind its length, so that no two lists of parts are the same bytes."""
    parts = (b"screener note 2", purpose.encode(), submission, str(version).encode(), plain)
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"screener note key\0" + key).digest()[:_KEY_ID_BYTES]
