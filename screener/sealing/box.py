"""The binary format of a box (an HPKE-encrypted envelope of bytes), shared by sealing and opening.

    magic 4 | format 1 | suite 1 | recipients 1 | (key id 8 | wrapped content key 1168) each | nonce 12 | body

The body is AES-256-GCM over the padded plaintext, under a content key made for this box alone; each recipient gets that
content key in an HPKE message of its own (RFC 9180, X-Wing). Rotating a key therefore changes one short part and leaves
the body as it was.

Invariants: the length of a box tells its bucket and nothing else. Every box is bound to its study, compartment and
submission as associated data, so a box that was moved to another row does not open. A reader checks format and suite
before it trusts a byte of the rest, so both can change without touching old rows.
"""

import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.hpke import AEAD
from cryptography.hazmat.primitives.hpke import KDF
from cryptography.hazmat.primitives.hpke import KEM
from cryptography.hazmat.primitives.hpke import Suite

CONTACT = "contact"
ANSWERS = "answers"
COMPARTMENTS = (CONTACT, ANSWERS)
#: Sizes in bytes to which plain bytes are padded. One size holds all but very long names and access needs;
#: answers have one size only, because their length must tell nothing at all.
BUCKETS = {CONTACT: (1024, 2048, 4096), ANSWERS: (1024,)}

MAGIC = b"SBOX"
FORMAT = 1
#: 1 = MLKEM768_X25519 (X-Wing), HKDF-SHA256, AES-256-GCM. A new number for a new suite.
SUITE = 1
HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SUITE_NAME = "HPKE MLKEM768_X25519 HKDF_SHA256 AES_256_GCM"

KEY_ID = 8
CONTENT_KEY = 32
WRAPPED = 1168
NONCE = 12
TAG = 16
_HEAD = struct.Struct(">4sBBB")
_LENGTH = struct.Struct(">I")


class MalformedBoxError(Exception):
    """These bytes are not a box that this version knows; says why in few words, and no value."""


@dataclass(frozen=True)
class ParsedBox:
    """A parsed box: the recipients that can unwrap its content key, and the encrypted body."""

    recipients: tuple[tuple[str, bytes], ...]
    nonce: bytes
    body: bytes

    def to_bytes(self) -> bytes:
        """The one form in which a box is stored."""
        head = _HEAD.pack(MAGIC, FORMAT, SUITE, len(self.recipients))
        wraps = b"".join(bytes.fromhex(key_id) + wrapped for key_id, wrapped in self.recipients)
        return head + wraps + self.nonce + self.body


def parse_box(data: bytes) -> ParsedBox:
    """The parts of the box *data*. Raises *MalformedBoxError*."""
    wraps_end = _find_nonce(data)
    starts = range(_HEAD.size, wraps_end, KEY_ID + WRAPPED)
    recipients = tuple(
        (data[start : start + KEY_ID].hex(), data[start + KEY_ID : start + KEY_ID + WRAPPED]) for start in starts
    )
    return ParsedBox(recipients, data[wraps_end : wraps_end + NONCE], data[wraps_end + NONCE :])


def nonce_and_body(data: bytes) -> bytes:
    """The part of the box *data* that a key rotation leaves as it is. Raises *MalformedBoxError*."""
    return data[_find_nonce(data) :]


def _find_nonce(data: bytes) -> int:
    """Where the nonce of a box begins, behind its recipients."""
    if len(data) < _HEAD.size or not data.startswith(MAGIC):
        raise MalformedBoxError("it is not a box")
    _, format_version, suite, count = _HEAD.unpack_from(data)
    if (format_version, suite) != (FORMAT, SUITE):
        raise MalformedBoxError("it has a format that this version does not know")
    wraps_end: int = _HEAD.size + count * (KEY_ID + WRAPPED)
    if count == 0 or len(data) - wraps_end - NONCE <= TAG + _LENGTH.size:
        raise MalformedBoxError("it is cut off")
    return wraps_end


def associated_data(purpose: str, *, compartment: str, study: str, submission: bytes) -> bytes:
    """What a box belongs to, as bytes that no other box shares; *purpose* keeps wrap and body apart.

    Each part carries its length, so that no two different lists of parts are the same bytes.
    """
    parts = (b"screener box", purpose.encode(), study.encode(), compartment.encode(), submission)
    return bytes((FORMAT, SUITE)) + b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def pad_plaintext(plain: bytes, compartment: str) -> bytes | None:
    """*plain* behind its length, filled up to the smallest bucket that holds it; None when none does."""
    for bucket in BUCKETS[compartment]:
        if _LENGTH.size + len(plain) <= bucket:
            return (_LENGTH.pack(len(plain)) + plain).ljust(bucket, b"\0")
    return None


def unpad_plaintext(padded: bytes, compartment: str) -> bytes:
    """What *pad_plaintext* was given. Raises *MalformedBoxError* for anything that *pad_plaintext* does not make."""
    (length,) = _LENGTH.unpack_from(padded)
    plain = padded[_LENGTH.size : _LENGTH.size + length]
    if pad_plaintext(plain, compartment) != padded:
        raise MalformedBoxError("its padding is not ours")
    return plain
