"""Send the head of the audit trail outside once a day, so that a trail that was rewritten as a whole is found out.

It goes to an email address or is added to a file, as the site names it. A refusal is recorded and reported once a day,
tried again at each run, and stops no other job.
"""

import os
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.board.board import WORKER
from screener.db import reading
from screener.db import writing
from screener.mail.compose import compose_email
from screener.mail.lead_notices import enqueue_in_transaction
from screener.mail.messages.audit_head import AuditHead
from screener.mail.messages.audit_head_refused import AuditHeadRefused
from screener.mail.outbox import LeasedMessage
from screener.mail.transport import DeliveryError
from screener.mail.transport import open_transport
from screener.settings import Settings
from screener.worker.context import JobContext
from screener.worker.context import log

SENT = "worker:audit_head:sent"
REFUSED = "worker:audit_head:refused"


def send_audit_head(context: JobContext) -> None:
    """Send today's head, unless it went already. Raises *UnavailableError* for the store only."""
    target, now = context.settings.audit_head_to, clock.now()
    if not target:
        return
    with reading(context.store) as connection:
        if _is_recorded(connection, SENT, now):
            return
        head = audit.read_head(connection)
    try:
        _send(context.settings, target, head, at=now)
    except (DeliveryError, OSError) as fault:
        log.warning("head of the audit trail not sent", extra={"reason": type(fault).__name__})
        _record_refusal(context.store, at=now)
        return
    with writing(context.store) as connection:
        audit.record(connection, actor=WORKER, action="worker:audit_head:sent", detail={"head": head}, at=now)


def _is_recorded(connection: sa.Connection, action: str, now: datetime) -> bool:
    """Whether the last event of this kind is of today (UTC); one dated ahead of today was another clock's."""
    last = audit.last_recorded(connection, action)
    return last is not None and last.date() == now.date()


def _send(settings: Settings, target: str, head: str, *, at: datetime) -> None:
    if target.startswith("/"):
        _append_line(Path(target), f"{at.isoformat(timespec='seconds')} {head}\n")
        return
    # The same Message-ID for the same head: sent again after a kill, it can be known as one.
    message = LeasedMessage(f"head.{head.replace(':', '.')[:60]}", target, AuditHead.kind, {"audit_head": head}, at, 1)
    with open_transport(settings) as transport:
        transport.send(compose_email(message, settings))


def _append_line(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _record_refusal(store: sa.Engine, *, at: datetime) -> None:
    with writing(store) as connection:
        if _is_recorded(connection, REFUSED, at):
            return
        audit.record(connection, actor=WORKER, action="worker:audit_head:refused", at=at)
        enqueue_in_transaction(connection, AuditHeadRefused(day=at.date()), at=at)
