"""Who may come in, said at each route, and what the audit trail will say of it.

Every route of the desk carries one of the first two marks below; ``tests/laws`` read them from the URL map. A route
that takes something away, or lets something out, carries the third as well.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort
from flask import request
from flask_login import current_user

from screener.auth import sessions
from screener.auth.credentials import prove_again
from screener.auth.rendering import step_up_page
from screener.staff.roles import AUDIT
from screener.staff.roles import CONTENT
from screener.staff.roles import EXPORT
from screener.staff.roles import MAY
from screener.staff.roles import SELF
from screener.staff.roles import TEAM
from screener.staff.roles import Actor
from screener.staff.roles import actor

__all__ = [
    "AUDIT",
    "CONTENT",
    "EXPORT",
    "MAY",
    "SELF",
    "TEAM",
    "Actor",
    "actor",
    "needs",
    "open_to_all",
    "stepped_up",
]

View = Callable[..., Any]


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
    """Mark a view that wants a password or a code of the last ten minutes; stands below *needs*.

    Who gave none is asked for one, on a page that carries everything they sent, and the view then does what they
    wanted: nothing is typed twice.
    """

    @wraps(view)
    def fresh(*args: Any, **kwargs: Any) -> Any:
        if sessions.is_fresh():
            return view(*args, **kwargs)
        proof = request.form.get("proof") if request.method == "POST" else None
        if proof is None:
            return step_up_page()
        if not prove_again(current_user, proof):
            return step_up_page(wrong=True)
        sessions.freshen()
        return view(*args, **kwargs)

    fresh.step_up = True  # type: ignore[attr-defined]
    return fresh
