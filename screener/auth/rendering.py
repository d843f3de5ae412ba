"""How the pages around signing in are put together."""

from typing import Any

from flask import Response
from flask import current_app
from flask import render_template
from flask import request
from flask import url_for
from flask_login import current_user

from screener.auth.forms import FreshSignInForm
from screener.auth.resume import Held
from screener.auth.resume import held
from screener.auth.resume import hold
from screener.auth.resume import wanted
from screener.staff.roles import AUDIT
from screener.staff.roles import CONTENT
from screener.staff.roles import EXPORT
from screener.staff.roles import SELF
from screener.staff.roles import TEAM
from screener.staff.roles import actor
from screener.web.forms import submitted_pairs

#: Where people go from the frame: endpoint, word, and who may. What this desk does not have is left out.
PLACES = (
    ("desk.queue", "Queue", CONTENT),
    ("exporting.export_page", "Export", EXPORT),
    ("trail.events", "Audit trail", AUDIT),
    ("team.everyone", "Team", TEAM),
    ("own.account", "Your account", SELF),
)


def draw(template: str, status: int = 200, **facts: object) -> Response:
    """A page."""
    return Response(render_template(template, **facts), status, mimetype="text/html")


def draw_alone(template: str, status: int, **facts: object) -> Response:
    """A page that asks nothing, not even who is there: for when the store cannot say."""
    page = current_app.jinja_env.get_template(template).render(who=None, places=(), **facts)
    return Response(page, status, mimetype="text/html")


def lead(path: str) -> Response:
    """An answer that leads to *path*."""
    return Response(status=303, headers={"Location": path})


def frame() -> dict[str, Any]:
    """What the frame of every page says: who is signed in, and where they can go."""
    if not current_user.is_authenticated:
        return {"who": None, "places": ()}
    who = actor()
    may = [(endpoint, word) for endpoint, word, needed in PLACES if needed in who.permissions]
    here = [(url_for(endpoint), word) for endpoint, word in may if endpoint in current_app.view_functions]
    return {"who": who, "places": [(path, word, path == request.path) for path, word in here]}


def home() -> str:
    """The first page for whoever is signed in."""
    return str(next(iter(frame()["places"]))[0])


def go_on(carried: str) -> Response:
    """After a sign-in: to the page that was wanted, or to what had been typed, or to the first page."""
    found = held(carried)
    if found is None:
        return lead(home())
    return lead(found.path) if found.pairs is None else give_back(found)


def give_back(found: Held, status: int = 200) -> Response:
    """What somebody had typed, with a button that sends it."""
    return draw("staff/again.html", status, path=found.path, pairs_sent=found.pairs or [])


def step_up_page(form: FreshSignInForm) -> Response:
    """Ask for a password or a code before going on; what was sent goes along."""
    posted = request.method == "POST"
    has_app = bool(current_user.tf_totp_secret)
    if has_app:
        form.proof.label.text = "Password, or a code from your app"
    return draw(
        "staff/step_up.html",
        422 if form.errors else 403,
        form=form,
        action=wanted() if posted else url_for("own.prove"),
        pairs_sent=submitted_pairs(without=("csrf_token", "proof")) if posted else [("held", hold())],
        has_app=has_app,
    )
