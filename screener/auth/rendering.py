"""How the pages around signing in are put together."""

from typing import Any

from flask import Response
from flask import current_app
from flask import render_template
from flask import request
from flask import url_for
from flask_login import current_user

from screener.auth.resume import Held
from screener.auth.resume import held
from screener.auth.resume import hold
from screener.auth.resume import sent
from screener.auth.resume import wanted
from screener.staff.roles import AUDIT
from screener.staff.roles import CONTENT
from screener.staff.roles import EXPORT
from screener.staff.roles import SELF
from screener.staff.roles import TEAM
from screener.staff.roles import actor

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


def standing(one: Any) -> str:
    """What stands in somebody's way, or that nothing does."""
    if one.disabled_at is not None:
        return f"Disabled {one.disabled_at:%Y-%m-%d}"
    if one.confirmed_at is None:
        return "Invited, not accepted yet"
    return "Can sign in" if one.tf_totp_secret else "Can sign in; no second factor yet"


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


def step_up_page(*, wrong: bool = False) -> Response:
    """Ask for a password or a code before going on; what was sent goes along."""
    posted = request.method == "POST"
    carried = [("held", text) for text in request.form.getlist("held")]
    return draw(
        "staff/step_up.html",
        422 if wrong else 403,
        action=wanted() if posted else url_for("own.prove"),
        pairs_sent=[*sent(), *carried] if posted else [("held", hold())],
        has_app=bool(current_user.tf_totp_secret),
        error="That did not work. After ten wrong tries an account rests for 15 minutes." if wrong else "",
    )
