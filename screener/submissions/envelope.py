"""The envelope of a submission, which anybody may read, and the two sealed boxes that travel with it."""

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
        """The SHA-256 of the envelope, for the audit trail."""
        facts = {**vars(self), "id": self.id.hex(), "received_at": self.received_at.astimezone(UTC).isoformat()}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SealedSubmission:
    """A submission as the public process leaves it: an envelope and two sealed boxes."""

    envelope: Envelope
    contact: bytes
    answers: bytes
