"""Permissions of each role, and the actor who is signed in."""

from dataclasses import dataclass
from datetime import datetime

from flask_login import current_user

from screener.staff.models import Role

#: Work on submissions, and read what people sent.
CONTENT = "content"
#: Write what people sent into a file.
EXPORT = "export"
#: Read the audit trail.
AUDIT = "audit"
#: Accounts: invite, change, disable. Never content.
TEAM = "team"
#: Confirm or refuse changes of access.
CONFIRM = "confirm"
#: The person's own account.
SELF = "self"

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.COORDINATOR: frozenset({CONTENT, EXPORT, SELF}),
    Role.STUDY_LEAD: frozenset({CONTENT, EXPORT, AUDIT, CONFIRM, SELF}),
    Role.ADMINISTRATOR: frozenset({TEAM, CONFIRM, SELF}),
}


@dataclass(frozen=True)
class Actor:
    """The person who is signed in, as the desk and the audit trail name them."""

    id: str
    name: str
    email: str
    permissions: frozenset[str]
    #: When another person last reset the password or the second factor of this account.
    sign_in_reset_at: datetime | None = None


def current_actor() -> Actor:
    """The actor who is signed in; only to be called behind ``permission_required``."""
    may = frozenset[str]().union(*(ROLE_PERMISSIONS[role] for role in current_user.role_names.split(",")))
    return Actor(current_user.id, current_user.name, current_user.email, may, current_user.sign_in_reset_at)
