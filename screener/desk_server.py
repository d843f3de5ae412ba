"""gunicorn settings of the desk, here and in production (``--config python:screener.desk_server``).

One worker is plenty for a team, and it counts every sign-in attempt in one place. Who did what is in the audit trail.
"""

import sys
from typing import Any

from screener import clock
from screener.db import connect
from screener.db import writing
from screener.deployment.process_access import DESK_PROCESS
from screener.deployment.process_access import describe_missing_separation
from screener.operations.database_roles import with_rights
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.web.gunicorn_settings import gunicorn_settings
from screener.web.gunicorn_settings import load_server_settings

settings = load_server_settings()
globals().update(gunicorn_settings(port=settings.desk_port, port_setting="SCREENER_DESK_PORT", workers=1))


def when_ready(server: Any) -> None:
    """Print where to sign in; in development, until anyone has, with the invitation of the first administrator."""
    print(f"The desk is at {settings.desk_address}.")
    if not settings.in_production and (link := _first_invitation()):
        print(f"There is no account yet. Your invitation, good for 72 hours and once: {link}")
    if said := describe_missing_separation(settings, with_rights(DESK_PROCESS)):
        print(said)
    sys.stdout.flush()


def _first_invitation() -> str:
    now = clock.now()
    with writing(connect(settings.store, may="write")) as connection:
        code = invitations.invite_first_administrator(connection, by=AuditActor("desk", "first start"), at=now)
    return invitations.invitation_link(settings.desk_address, code) if code else ""
