"""Invented submissions for tests: sealed for nobody, or really sealed; no person stands behind any of them."""

import os
from dataclasses import replace
from datetime import UTC
from datetime import datetime

from screener.submissions.envelope import Envelope
from screener.submissions.envelope import Sealed

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def sealed(number: int = 0, **changes: object) -> Sealed:
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
    return Sealed(replace(envelope, **changes), contact=b"contact %d" % number, answers=b"answers %d" % number)  # type: ignore[arg-type]
