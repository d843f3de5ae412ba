"""Route decorators: the permission that a view requires, and the audit action that it records.

Every route of the desk carries ``permission_required`` or ``allow_anonymous``; ``tests/laws`` read both from the URL
map. A route that deletes data, exports it or changes an account carries ``requires_fresh_sign_in`` as well.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort
from flask_login import current_user

from screener.auth import sessions
from screener.auth.credentials import check_fresh_proof
from screener.auth.forms import FreshSignInForm
from screener.auth.rendering import render_fresh_sign_in
from screener.staff.roles import AUDIT
from screener.staff.roles import CONFIRM
from screener.staff.roles import CONTENT
from screener.staff.roles import EXPORT
from screener.staff.roles import ROLE_PERMISSIONS
from screener.staff.roles import SELF
from screener.staff.roles import TEAM
from screener.staff.roles import Actor
from screener.staff.roles import current_actor

__all__ = [
    "AUDIT",
    "CONFIRM",
    "CONTENT",
    "EXPORT",
    "ROLE_PERMISSIONS",
    "SELF",
    "TEAM",
    "Actor",
    "allow_anonymous",
    "current_actor",
    "permission_required",
    "requires_fresh_sign_in",
]

WRONG_PROOF = "That password or code is not right. After ten wrong attempts this step is locked for 15 minutes."

ViewFunction = Callable[..., Any]


def permission_required(permission: str, *, audit_action: str | None) -> Callable[[ViewFunction], ViewFunction]:
    """Decorate a view: require *permission*, and name the audit action that it records (None: it shows no content)."""

    def decorate(view: ViewFunction) -> ViewFunction:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                abort(401)
            if permission not in current_actor().permissions:
                abort(403)
            return view(*args, **kwargs)

        guarded.permission, guarded.audit_action = permission, audit_action  # type: ignore[attr-defined]
        return guarded

    return decorate


def allow_anonymous(view: ViewFunction) -> ViewFunction:
    """Decorate a view that needs no sign-in."""
    view.permission, view.audit_action = "", None  # type: ignore[attr-defined]
    return view


def requires_fresh_sign_in(view: ViewFunction) -> ViewFunction:
    """Decorate a view that needs a password or a code from the last ten minutes; goes below *permission_required*.

    Otherwise the person is asked for one, on a page that carries the whole request; the view is then called with it,
    so that nothing has to be typed twice.
    """

    @wraps(view)
    def fresh(*args: Any, **kwargs: Any) -> Any:
        if sessions.is_fresh_sign_in():
            return view(*args, **kwargs)
        form = FreshSignInForm()
        if form.proof.data is None or not validate_fresh_sign_in(form):
            return render_fresh_sign_in(form)
        sessions.mark_fresh_sign_in()
        return view(*args, **kwargs)

    fresh.fresh_sign_in = True  # type: ignore[attr-defined]
    return fresh


def validate_fresh_sign_in(form: FreshSignInForm) -> bool:
    """Whether *form* holds the password or a code of the current account; otherwise the form gets an error."""
    if not form.validate():
        return False
    if check_fresh_proof(current_user, form.proof.data):
        return True
    form.add_error(WRONG_PROOF, "proof")
    return False
