"""The public pages, each at its address, and what a person gets there."""

from dataclasses import dataclass

from flask import Blueprint
from flask import Response
from flask import g
from flask import request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.exceptions import TooManyRequests
from werkzeug.exceptions import UnsupportedMediaType

from screener import clock
from screener.i18n import best_locale
from screener.intake import rows
from screener.intake.form import STAMP
from screener.intake.form import InterestForm
from screener.intake.gate import Door
from screener.intake.gate import Keys
from screener.intake.reading import FORM
from screener.intake.reading import body_of
from screener.intake.reading import read_posted
from screener.intake.room import Locale
from screener.intake.room import room
from screener.intake.sending import send
from screener.intake.token import mint
from screener.problems import Unavailable

#: Seconds after which it makes sense to try again.
LATER = {"Retry-After": "60"}

front = Blueprint("front", __name__)
intake = Blueprint("intake", __name__)


class Closed(ServiceUnavailable):
    """A page came in while the form is closed; *notice* says how."""

    def __init__(self, notice: str) -> None:
        super().__init__()
        self.notice = notice


@dataclass(frozen=True)
class Visit:
    """One page that came in while it could be taken: what it said, and the house at that moment."""

    locale: Locale
    door: Door
    keys: Keys
    form: InterestForm


@front.get("/")
def welcome() -> Response:
    """Lead to the pages in the language that the browser asks for."""
    locale = best_locale(request.headers.get("Accept-Language", ""), tuple(room().locales))
    answer = lead(f"/{locale}/")
    answer.headers["Vary"] = "Accept-Language"
    return answer


@intake.get("")
def slash(locale: str) -> Response:
    """Lead to the start page from its address without the last slash."""
    return lead(f"/{locale}/")


@intake.get("/")
def start(locale: str) -> Response:
    """What this is, who sees it, what happens next; or why the form is not open."""
    here, door = room().locales[locale], room().gate.door(locale)
    return page(here.pages.ready("intake/start.html", door)) if door.open else notice(here, door)


@intake.get("/interest")
def interest(locale: str) -> Response:
    """The form, blank, with a fresh token in it."""
    here, door = room().locales[locale], room().gate.door(locale)
    if not door.open or door.keys is None:
        return notice(here, door)
    token = mint(door.keys.form, clock.now())
    return page(here.pages.ready("intake/interest.html", door, gap=token, **here.blank))


@intake.post("/interest")
def change(locale: str) -> Response:
    """The form again, with everything that was typed, from the check page."""
    visit = arrived(locale)
    return form_page(visit, 200) if visit.form.validate() else given_back(visit)


@intake.post("/check")
def check(locale: str) -> Response:
    """Every answer once more, before anything is sent."""
    visit = arrived(locale)
    return check_page(visit) if visit.form.validate() else given_back(visit)


@intake.post("/received")
def received(locale: str) -> Response:
    """Take in one submission, and give its reference; the same page says the same when it comes twice."""
    visit = arrived(locale)
    wording = visit.locale.pages.wording
    if not visit.form.validate():
        only_token = visit.form.errors.keys() == {STAMP}
        return check_page(visit, wording.errors.token, status=400) if only_token else given_back(visit)
    try:
        reference = send(room(), visit.form, visit.keys)
    except Unavailable:
        answer = check_page(visit, *wording.error_pages.unavailable.body, status=503)
        answer.headers.update(LATER)
        return answer
    words = wording.pages.received if visit.door.open else wording.notices.grace
    key = "received" if visit.door.open else "grace"
    return page(visit.locale.pages.ready("intake/received.html", visit.door, key=key, gap=reference, words=words))


@intake.get("/check")
@intake.get("/received")
def too_early(locale: str) -> Response:
    """Lead to the form: these pages exist only as answers to it."""
    return lead(f"/{locale}/interest")


@intake.get("/privacy", endpoint="privacy")
@intake.get("/accessibility", endpoint="accessibility")
def about(locale: str) -> Response:
    """A page that only says something; it needs nothing to be open."""
    here, name = room().locales[locale], str(request.endpoint).rpartition(".")[2]
    words = getattr(here.pages.wording.pages, name)
    return page(here.pages.ready("intake/text.html", room().gate.door(locale), key=name, words=words))


def arrived(locale: str) -> Visit:
    """Read the page that came in; raises what refuses it, with the answers left in ``g`` for the page that says so."""
    here = room().locales[locale]
    if request.mimetype != FORM:
        raise UnsupportedMediaType
    g.posted = read_posted(body_of(request), here.names)
    if not room().limit.allows(request.remote_addr):
        raise TooManyRequests
    door = room().gate.door(locale)
    chosen = "" if door.fault else door.notice
    if door.keys is None:
        raise Closed(chosen)
    now = clock.now()
    form = here.form(g.posted, door.keys.form, now)
    if not door.takes(form.signed.minted_at if form.signed else None, now):
        raise Closed(chosen)
    return Visit(here, door, door.keys, form)


def page(body: bytes | str, status: int = 200) -> Response:
    """An answer that shows *body*."""
    return Response(body, status, mimetype="text/html")


def lead(path: str) -> Response:
    """An answer that leads to *path*; always one of ours, and never with a word in it."""
    return Response(status=303, headers={"Location": path})


def notice(here: Locale, door: Door) -> Response:
    """Why the form is not open: somebody's choice (200), or a fault that will pass (503)."""
    words = here.pages.wording.notices[door.notice]
    answer = page(here.pages.ready("intake/text.html", door, key=f"notice {door.notice}", words=words))
    if door.fault:
        answer.status_code = 503
        answer.headers.update(LATER)
    return answer


def given_back(visit: Visit) -> Response:
    """The form with every answer in it, and what could not be read said at the top and beside the field."""
    return form_page(visit, 400 if STAMP in visit.form.errors else 422)


def form_page(visit: Visit, status: int) -> Response:
    form = visit.form
    shown = rows.parts(form)
    facts = {
        "parts": shown,
        "wrong": [row for part in shown for row in part.rows if row.error],
        "sentences": form.errors.get(STAMP, ()),
        "failed": bool(form.errors),
        "trap": "1" if form.trapped else "",
    }
    token = form[STAMP].current_token
    return page(visit.locale.pages.drawn("intake/interest.html", visit.door, gap=token, **facts), status)


def check_page(visit: Visit, *alert: str, status: int = 200) -> Response:
    form = visit.form
    facts = {
        "told": rows.told(form),
        "pairs": rows.hidden(form),
        "token": form[STAMP].current_token,
        "alert": alert,
    }
    return page(visit.locale.pages.drawn("intake/check.html", visit.door, **facts), status)
