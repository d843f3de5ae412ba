"""The audit events of an export: one before its first byte, one after its last, or one that says that it failed.

They are the same for a file of the command line and a download of the desk; the channel begins the action's name.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.db import writing
from screener.errors import UnavailableError
from screener.export.manifest import ExportManifest
from screener.export.request import ExportChannel
from screener.export.request import ExportRequest
from screener.staff.accounts import describe_reset
from screener.staff.accounts import find_account
from screener.staff.models import Account

ActionByChannel = Mapping[ExportChannel, str]
STARTED_ACTIONS: ActionByChannel = {"cli": "cli:export:started", "desk": "desk:export:started"}
#: The file is whole; the subject is the manifest's SHA-256.
FINISHED_ACTIONS: ActionByChannel = {"cli": "cli:export:finished", "desk": "desk:export:finished"}
FAILED_ACTIONS: ActionByChannel = {"cli": "cli:export:failed", "desk": "desk:export:failed"}
#: The subject is the reference of a submission that does not hold what was sent.
ALTERED_ACTIONS: ActionByChannel = {"cli": "cli:box:altered", "desk": "desk:box:altered"}


@dataclass(frozen=True)
class ExportStart:
    """The beginning of an export: when, and the hash of the audit event that records it."""

    at: datetime
    event: str


def record_start(store: sa.Engine, request: ExportRequest, file_name: str) -> ExportStart:
    """Record who exports what and why. Raises *UnavailableError* when that fails: nothing may be exported then."""
    at = clock.now()
    detail: dict[str, str | int] = {"profile": request.profile, "purpose": request.purpose, "file": file_name}
    action = STARTED_ACTIONS[request.channel]
    with writing(store) as connection:
        account = find_account(connection, Account.email == request.account)
        detail |= describe_reset(account.sign_in_reset_at if account else None, at=at)
        event = audit.record(connection, actor=request.account, action=action, detail=detail, at=at)
    return ExportStart(at, event)


def record_finish(
    store: sa.Engine,
    request: ExportRequest,
    start: ExportStart,
    manifest: ExportManifest,
    manifest_sha256: str,
    *,
    altered: Sequence[str],
) -> None:
    """Record that the file is whole, with the SHA-256 of the manifest that proves it, and what does not fit in it."""
    detail: dict[str, str | int] = {"started": start.event, "rows": manifest.rows, "sha256": manifest.sha256}
    action = FINISHED_ACTIONS[request.channel]
    with writing(store) as connection:
        for reference in altered:
            action_on_one = ALTERED_ACTIONS[request.channel]
            audit.record(connection, actor=request.account, action=action_on_one, subject=reference)
        audit.record(connection, actor=request.account, action=action, subject=manifest_sha256, detail=detail)


def record_failure(store: sa.Engine, request: ExportRequest, start: ExportStart, error: BaseException) -> None:
    """Record that there will be no whole file.

    The store may be what failed: then the start alone stands in the audit trail, which means the same.
    """
    with suppress(UnavailableError), writing(store) as connection:
        detail = {"started": start.event, "why": type(error).__name__}
        audit.record(connection, actor=request.account, action=FAILED_ACTIONS[request.channel], detail=detail)
