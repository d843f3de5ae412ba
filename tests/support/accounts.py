"""Accounts in a store, without the desk: for commands that name one."""

import uuid

import sqlalchemy as sa

from screener import clock
from screener.auth import access_changes
from screener.db import connect
from screener.db import writing
from screener.settings import Settings
from screener.staff.accounts import AuditActor
from screener.staff.models import AccessChange
from screener.staff.models import AccessState
from screener.staff.models import Account
from tests.support.submissions import NOON


def add_account(settings: Settings, email: str, *, roles: str = "coordinator", **more: object) -> str:
    """Add an active account with a confirmed address, and return its address."""
    values: dict[str, object] = {
        "name": email.partition("@")[0].title(),
        "email": email,
        "role_names": roles,
        "languages": "en",
        "active": True,
        "created_at": NOON,
        "confirmed_at": NOON,
        "fs_uniquifier": uuid.uuid4().hex,
        **more,
    }
    with writing(connect(settings.store, may="write")) as connection:
        connection.execute(sa.insert(Account).values(values))
    return email


def confirm_waiting_changes(settings: Settings, *, lead: str = "lin@example.org") -> None:
    """Let a study lead, who is added where there is none of that address, confirm every change of access that waits."""
    store = connect(settings.store, may="write")
    with writing(store) as connection:
        is_there = connection.scalar(sa.select(Account.id).where(Account.email == lead))
    if not is_there:
        add_account(settings, lead, roles="study_lead")
    with writing(store) as connection:
        waiting = sa.select(AccessChange.id).where(AccessChange.state == AccessState.WAITING)
        for change_id in connection.scalars(waiting).all():
            by = AuditActor("desk", lead)
            access_changes.confirm_change(connection, change_id, by=by, at=clock.now())
