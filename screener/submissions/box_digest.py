"""Digests of the stored boxes, as the *received* event of the audit trail holds them.

A digest covers the nonce and the body of a box and leaves out the wrapped content keys, so that a key rotation changes
none. Each names its format: ``1:`` and the SHA-256 in hex.
"""

import hashlib
import json
from collections.abc import Mapping

import sqlalchemy as sa

from screener import audit
from screener.sealing.box import MalformedBoxError
from screener.sealing.box import nonce_and_body

RECEIVED = "worker:submission:received"
#: The event's details, by compartment.
DIGEST_DETAILS: Mapping[str, str] = {"contact": "contact_box", "answers": "answers_box"}
_FORMAT = "1:"


def digest_box(box: bytes) -> str:
    """The digest of *box*; bytes that are no box are digested whole."""
    try:
        return _FORMAT + hashlib.sha256(nonce_and_body(box)).hexdigest()
    except MalformedBoxError:
        return _FORMAT + hashlib.sha256(b"not a box\0" + box).hexdigest()


def compare_with_receipt(
    connection: sa.Connection, reference: str, boxes: Mapping[str, bytes | None]
) -> Mapping[str, bool] | None:
    """For each compartment, whether its box is the one that was received; None where the event has no digests.

    An erased box is compared with nothing. Boxes that were received before this release have no digests.
    """
    events = audit.EVENTS.c
    query = sa.select(events.detail).where(events.subject == reference, events.action == RECEIVED)
    # The first event: a later one of the same reference was added by hand.
    first = connection.scalar(query.order_by(events.seq).limit(1))
    detail = json.loads(first) if first else {}
    if not is_digested(detail):
        return None
    present = {name: box for name, box in boxes.items() if box is not None}
    return {name: detail[DIGEST_DETAILS[name]] == digest_box(box) for name, box in present.items()}


def is_digested(detail: Mapping[str, object]) -> bool:
    """Whether a *received* event has digests of both boxes in a format that this version knows."""
    return all(str(detail.get(key, "")).startswith(_FORMAT) for key in DIGEST_DETAILS.values())
