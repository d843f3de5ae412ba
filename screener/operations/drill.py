"""Try a backup archive: restore it into an empty folder that goes away again, prove the keys, and record the event."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from screener import audit
from screener.db import connect
from screener.db import writing
from screener.operations.restore import RestoreReport
from screener.operations.restore import RestoreRequest
from screener.operations.restore import restore_backup
from screener.settings import Settings


def drill_archive(settings: Settings, request: RestoreRequest, *, step: Callable[[int], object]) -> RestoreReport:
    """Restore the archive beside the deployment of *settings*, which stays as it is but for one audit event.

    Raises *UserError* when it does not restore; then no drill is recorded.
    """
    with tempfile.TemporaryDirectory(prefix=".drill-", dir=settings.data, ignore_cleanup_errors=True) as folder:
        urls = {"inbox_url": "", "board_url": "", "database_url": ""}
        empty = settings.model_copy(update={**urls, "data": Path(folder, "data")})
        report = restore_backup(empty, replace(request, trail=()), step=step)
    opened_with = f"recovery key {request.key.recovery.key_id}" if request.key.recovery else "passphrase"
    with writing(connect(settings.store, may="write")) as connection:
        detail = {"file": request.source.name, "made_at": report.made_at, "opened_with": opened_with}
        audit.record(connection, actor=request.account, action="cli:backup:tried", detail=detail)
    return report
