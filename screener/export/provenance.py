"""Check the provenance of a manifest: whether the audit trail of this store has it.

A manifest proves that its file is whole. A person who changes a file can also write a new manifest for it; what they
cannot write is the audit event that holds the manifest's SHA-256.
"""

import sqlalchemy as sa

from screener import audit
from screener.db import reading
from screener.errors import UnavailableError
from screener.export.audit_events import FINISHED_ACTIONS


def find_provenance_fault(store: sa.Engine, manifest_sha256: str, audit_head: str) -> str:
    """Return the reason why the manifest is not proven to be of *store*, or an empty string when it is.

    *audit_head* is the head of the trail in the manifest, which has left the store with the file: an anchor for free.
    """
    try:
        with reading(store) as connection:
            if not any(
                audit.has_event(connection, action=action, subject=manifest_sha256)
                for action in FINISHED_ACTIONS.values()
            ):
                return "the audit trail of this store knows no such manifest"
            verdict = audit.verify(connection, anchor=(None, audit_head))
            if not verdict.whole:
                return f"the audit trail of this store is broken ({verdict.why}): run 'screener audit verify'"
    except UnavailableError:
        return "no store is at hand"
    return ""
