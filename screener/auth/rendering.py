"""Render the pages around sign-in, and the navigation of every page of the desk."""

from typing import Any

from flask import Response
from flask import current_app
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from screener.auth.context import auth_context
from screener.auth.forms import FreshSignInForm
from screener.auth.resume import PendingRequest
from screener.auth.resume import load_request
from screener.auth.resume import requested_path
from screener.auth.resume import sign_current_request
from screener.staff import invitations
from screener.staff.roles import AUDIT
from screener.staff.roles import CONFIRM
from screener.staff.roles import CONTENT
from screener.staff.roles import EXPORT
from screener.staff.roles import SELF
from screener.staff.roles import TEAM
from screener.staff.roles import current_actor
from screener.web.forms import submitted_pairs

#: The main navigation: endpoint, label, and the permission that it needs.
NAVIGATION = (
    ("desk.queue", "Queue", CONTENT),
    ("retention.list_erasures", "To be erased", CONTENT),
    ("export.show_export", "Export", EXPORT),
    ("audit.list_events", "Audit trail", AUDIT),
    ("team.list_team", "Team", TEAM),
    ("access.list_access", "Access", CONFIRM),
    ("account.show_account", "Your account", SELF),
)


def render_staff_page(template: str, status: int = 200, **facts: object) -> Response:
    """Render a page, with the navigation of the person who is signed in."""
    return Response(render_template(template, **facts), status, mimetype="text/html")


def render_error_page(template: str, status: int, **facts: object) -> Response:
    """Render a page without asking who is signed in, for when the store cannot answer that."""
    page = current_app.jinja_env.get_template(template).render(who=None, places=(), erasure_stops=(), **facts)
    return Response(page, status, mimetype="text/html")


def render_invitation_link(name: str, email: str, code: str) -> Response:
    """Show the link of an invitation, this once."""
    address = invitations.invitation_link(auth_context().base_url, code)
    return render_staff_page("staff/link.html", name=name, email=email, address=address)


def navigation_context() -> dict[str, Any]:
    """The template context of every page: who is signed in, and the pages that they may open."""
    if not current_user.is_authenticated:
        return {"who": None, "places": ()}
    who = current_actor()
    allowed = [
        (url_for(endpoint), label) for endpoint, label, permission in NAVIGATION if permission in who.permissions
    ]
    places = [(path, label, path == request.path) for path, label in allowed]
    return {"who": who, "places": places}


def home_path() -> str:
    """The first page that the current person may open."""
    return str(next(iter(navigation_context()["places"]))[0])


def resume_request(signed: str) -> AnyResponse:
    """After a sign-in: redirect to the requested page, or show what was typed, or redirect to the home page."""
    pending = load_request(signed)
    if pending is None:
        return redirect(home_path(), 303)
    return redirect(pending.path, 303) if pending.pairs is None else render_unsent_request(pending)


def render_unsent_request(pending: PendingRequest, status: int = 200, *, problem: str = "") -> Response:
    """Show what was typed, with a button that sends it; *problem* says why it would be refused again."""
    facts = {"path": pending.path, "pairs_sent": pending.pairs or [], "problem": problem}
    return render_staff_page("staff/again.html", status, **facts)


def render_fresh_sign_in(form: FreshSignInForm) -> Response:
    """Ask for a password or a code before the request goes on; the page carries the request."""
    posted = request.method == "POST"
    has_app = bool(current_user.tf_totp_secret)
    if has_app:
        form.proof.label.text = "Password, or a code from your app"
    return render_staff_page(
        "staff/step_up.html",
        422 if form.errors else 403,
        form=form,
        action=requested_path() if posted else url_for("account.submit_fresh_sign_in"),
        pairs_sent=submitted_pairs(without=("csrf_token", "proof")) if posted else [("held", sign_current_request())],
        has_app=has_app,
    )
