"""What each role may do, said at each route: who may come in, and what the audit trail will say.

Every route of the desk carries one of the two marks below; ``tests/laws`` read them from the URL map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import abort
from flask_login import current_user

from screener.staff.models import ADMINISTRATOR
from screener.staff.models import COORDINATOR
from screener.staff.models import STUDY_LEAD

View = Callable[..., Any]

#: Work on submissions, and read what people sent.
CONTENT = "content"
#: Write what people sent into a file.
EXPORT = "export"
#: Read the audit trail.
AUDIT = "audit"
#: Accounts: invite, change, disable. Never content.
TEAM = "team"
#: One's own account.
SELF = "self"

MAY: dict[str, frozenset[str]] = {
    COORDINATOR: frozenset({CONTENT, EXPORT, SELF}),
    STUDY_LEAD: frozenset({CONTENT, EXPORT, AUDIT, SELF}),
    ADMINISTRATOR: frozenset({TEAM, SELF}),
}


@dataclass(frozen=True)
class Actor:
    """Who is signed in, as the desk and the audit trail name them."""

    id: str
    name: str
    email: str
    permissions: frozenset[str]


def actor() -> Actor:
    """Who is signed in; only to be asked behind *needs*."""
    may = frozenset[str]().union(*(MAY[role] for role in current_user.role_names.split(",")))
    return Actor(current_user.id, current_user.name, current_user.email, may)


def needs(permission: str, *, audits: str | None) -> Callable[[View], View]:
    """Mark a view: who may use it, and the audit action it leaves (None: it shows no content)."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                abort(401)
            if permission not in actor().permissions:
                abort(403)
            return view(*args, **kwargs)

        guarded.permission, guarded.audits = permission, audits  # type: ignore[attr-defined]
        return guarded

    return mark


def open_to_all(view: View) -> View:
    """Mark a view that nobody needs to sign in for."""
    view.permission, view.audits = "", None  # type: ignore[attr-defined]
    return view


def stepped_up(view: View) -> View:
    """Mark a view that wants a fresh sign-in before it is used."""
    view.step_up = True  # type: ignore[attr-defined]
    return view
