"""Who may come in, said at each route, and what the audit trail will say of it.

Every route of the desk carries one of the first two marks below; ``tests/laws`` read them from the URL map. A route
that takes something away, or lets something out, carries the third as well.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort
from flask_login import current_user

from screener.auth import sessions
from screener.auth.credentials import prove_again
from screener.auth.forms import FreshSignInForm
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

WRONG_PROOF = "That password or code is not right. After ten wrong attempts an account is locked for 15 minutes."

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


def is_proven(form: FreshSignInForm) -> bool:
    """Whether *form* holds a password or code of the person who is signed in; if not, it says so."""
    if not form.validate():
        return False
    if prove_again(current_user, form.proof.data):
        return True
    form.add_error(WRONG_PROOF, "proof")
    return False


def stepped_up(view: View) -> View:
    """Mark a view that wants a password or a code of the last ten minutes; stands below *needs*.

    Who gave none is asked for one, on a page that carries everything they sent, and the view then does what they
    wanted: nothing is typed twice.
    """

    @wraps(view)
    def fresh(*args: Any, **kwargs: Any) -> Any:
        if sessions.is_fresh():
            return view(*args, **kwargs)
        form = FreshSignInForm()
        if form.proof.data is None or not is_proven(form):
            return step_up_page(form)
        sessions.freshen()
        return view(*args, **kwargs)

    fresh.step_up = True  # type: ignore[attr-defined]
    return fresh
