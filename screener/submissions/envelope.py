"""The plain part of a submission, and the two boxes that travel with it unopened."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime


@dataclass(frozen=True)
class Envelope:
    """All that is known of a submission without a key. Nothing here is made from an answer.

    The one exception is *id*, a keyed hash of the whole content, which tells nothing without the form key;
    nothing may sort, route or break ties by it.
    """

    id: bytes
    received_at: datetime
    wording_version: str
    locale: str
    source: str
    #: The code of the language wanted for the call; empty when the person chose none.
    call_language: str
    suspected_spam: bool

    def digest(self) -> str:
        """A fingerprint of everything above, for the audit trail."""
        said = {**vars(self), "id": self.id.hex(), "received_at": self.received_at.astimezone(UTC).isoformat()}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Sealed:
    """A submission as the public process leaves it: an envelope and two shut boxes."""

    envelope: Envelope
    contact: bytes
    answers: bytes
