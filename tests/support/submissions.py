"""Invented submissions: what an invented person typed, and envelopes whose boxes are just bytes."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from typing import Any

from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission
from screener.submissions.payload import FieldValue

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA: Mapping[str, FieldValue] = {
    "name_pref": "Ada Example",
    "phone": "+1 415 555 0100",
    "email": "ada@example.org",
    "how_contact": "1",
    "sms_ok": "0",
    "voicemail": "",
    "when_call": ("2", "5"),
    "time_zone": "1",
    "lang": "en",
    "access": (),
    "access_text": "",
    "adult_self": "1",
}
ADAS_ANSWERS: Mapping[str, FieldValue] = {
    "age_years": "044",
    "dep_told": "1",
    "dep_now": "",
    "ad_tried": "4",
    "ad_now": "9",
    "tx_had": ("1", "0", "8"),
    "travel_sf": "2",
}


def sealed(number: int = 0, **changes: Any) -> SealedSubmission:
    """A submission whose boxes are just bytes; *number* tells two of them apart."""
    envelope = Envelope(
        id=os.urandom(32),
        received_at=NOON,
        wording_version="a" * 64,
        locale="en",
        source="direct",
        call_language="es",
        suspected_spam=False,
    )
    return SealedSubmission(
        replace(envelope, **changes), contact=b"contact %d" % number, answers=b"answers %d" % number
    )
