"""The public pages that are opened at their address: start, about the study, the form's first steps, privacy."""

from flask import Blueprint
from flask import Response
from flask import request

from screener import clock
from screener.intake.context import room
from screener.intake.page_cache import Place
from screener.intake.responses import lead
from screener.intake.responses import notice
from screener.intake.responses import page
from screener.questionnaire.page_token import mint_token
from screener.study.model import DIRECT
from screener.web.locales import best_locale

#: What a link to the form may carry: a label of the place where it stood.
LABEL = "s"

front = Blueprint("front", __name__)
intake = Blueprint("intake", __name__)


def source() -> str:
    """Where the link stood that led here, as far as the study knows the place."""
    return room().study.source(request.args.get(LABEL, ""))


def tail(label: str) -> str:
    """What our links carry on of *label*."""
    return "" if label == DIRECT else f"?{LABEL}={label}"


@front.get("/")
def welcome() -> Response:
    """Lead to the pages in the language that the browser asks for."""
    served = tuple(room().locales)
    spoken = room().gate.door(served[0]).spoken
    readable = tuple(locale for locale in served if locale in spoken) or served
    locale = best_locale(request.headers.get("Accept-Language", ""), readable)
    answer = lead(f"/{locale}/{tail(source())}")
    answer.headers["Vary"] = "Accept-Language"
    return answer


@intake.get("")
def slash(locale: str) -> Response:
    """Lead to the start page from its address without the last slash."""
    return lead(f"/{locale}/{tail(source())}")


@intake.get("/")
def start(locale: str) -> Response:
    """What this is, who sees it, what happens next; or why the form is not open."""
    here, door = room().locales[locale], room().gate.door(locale)
    place = Place("/", tail(source()))
    return page(here.pages.ready("intake/start.html", door, place)) if door.open else notice(here, door, place)


@intake.get("/interest", endpoint="questions")
@intake.get("/contact", endpoint="contact")
def blank(locale: str) -> Response:
    """The first step, or the second for whoever leaves the questions out: blank, with a fresh token in it."""
    here, door = room().locales[locale], room().gate.door(locale)
    label = source()
    place = Place(request.path.removeprefix(f"/{locale}"), tail(label))
    if not door.open or door.keys is None:
        return notice(here, door, place)
    step = str(request.endpoint).rpartition(".")[2]
    token = mint_token(door.keys.form, clock.now())
    return page(here.pages.ready("intake/step.html", door, place, gap=token, source=label, **here.blank[step]))


@intake.get("/permission")
@intake.get("/check")
@intake.get("/received")
def too_early(locale: str) -> Response:
    """Lead to the form: these pages exist only as answers to it."""
    return lead(f"/{locale}/interest{tail(source())}")


@intake.get("/about", endpoint="about")
@intake.get("/privacy", endpoint="privacy")
@intake.get("/accessibility", endpoint="accessibility")
def told(locale: str) -> Response:
    """A page that only says something; it needs nothing to be open.

    What is kept of people, and how the pages can be used, is said whatever happens. The study is told of only in words
    that may be read now.
    """
    here, name = room().locales[locale], str(request.endpoint).rpartition(".")[2]
    door, place = room().gate.door(locale), Place(f"/{name}", tail(source()))
    if name == "about" and locale not in door.spoken:
        return notice(here, door, place)
    template = "intake/about.html" if name == "about" else "intake/text.html"
    return page(here.pages.ready(template, door, place, key=name, words=here.pages.wording.pages[name]))
