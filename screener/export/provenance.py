"""Whether the store knows a manifest: only its audit trail can say that a file is the one that was written.

A manifest proves that its file is whole. Whoever changes a file can also write a new manifest for it; what they
cannot write is the event in the trail that holds the manifest's SHA-256.
"""

import sqlalchemy as sa

from screener import audit
from screener.db import reading
from screener.errors import UnavailableError
from screener.export.request import WAYS
from screener.export.request import finished


def why_not_genuine(store: sa.Engine, manifest_sha256: str) -> str:
    """Empty when *store* vouches for the manifest, else the reason why nothing is proven."""
    try:
        with reading(store) as connection:
            ends = (finished(way) for way in WAYS)
            if not any(audit.has_event(connection, action=end, subject=manifest_sha256) for end in ends):
                return "the audit trail of this store knows no such manifest"
            if not audit.verify(connection).whole:
                return "the audit trail of this store is broken: run 'screener audit verify'"
    except UnavailableError:
        return "no store is at hand"
    return ""
