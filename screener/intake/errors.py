"""What a person sees when a page cannot be given: a sentence, the telephone number, and what they typed.

These pages need no database and ask the gate nothing. Whatever a page of ours carried and could be read
stands in ``g.posted`` and is given back, with a button that tries again. The log gets the endpoint, the
status and the kind of fault: never a value, and so never the text of an exception.
"""

import logging
from contextlib import suppress

from flask import Flask
from flask import Response
from flask import g
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import MethodNotAllowed

from screener.intake.context import Locale
from screener.intake.context import room
from screener.intake.page_cache import Place
from screener.intake.responses import LATER
from screener.intake.responses import page
from screener.intake.submit_views import RECEIVED
from screener.intake.submit_views import Closed
from screener.intake.views import source
from screener.intake.views import tail
from screener.logs import describe_defect
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import SOURCE
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.post_body import FORM_TYPE
from screener.questionnaire.post_body import ParsedBody
from screener.questionnaire.post_body import parse_body
from screener.questionnaire.post_body import read_body
from screener.web.locales import best_locale

log = logging.getLogger("screener.public")

#: The words for each status; any other refusal reads as one that could not be read.
WORDS = {
    404: "not_found",
    405: "method",
    413: "too_large",
    415: "wrong_type",
    429: "busy",
    500: "failed",
    503: "unavailable",
}


def handle_errors(app: Flask) -> None:
    """Let *app* answer every refusal and every fault with a page of ours."""
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, failed)


def refused(error: HTTPException) -> Response:
    """The page for a refusal."""
    status = error.code or 500
    here = _locale()
    wording = here.pages.wording
    chosen = error.notice if isinstance(error, Closed) else ""
    name = WORDS.get(status, "wrong_type")
    words = wording.notices[chosen] if chosen else wording.error_pages[name]
    door = room().gate.last_seen(wording.locale)
    posted = _what_came(here, status)
    checked = here.pages.checked(door) if chosen else ""
    if posted is None:
        ready = here.pages.ready
        start = Place("/", tail(source()))
        body = ready("errors/error.html", door, start, key=name + chosen, words=words, checked=checked)
        answer = page(body, status)
    else:
        address = _address()
        action = f"/{wording.locale}/{address}"
        facts = {"words": words, "checked": checked, "pairs": posted.hidden_pairs(), "action": action}
        # Nothing is sent by choosing a language.
        answer = page(here.pages.drawn("errors/kept.html", door, _place(posted, address), **facts), status)
    if status in (429, 503):
        answer.headers.update(LATER)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def failed(error: Exception) -> Response:
    """The page for a defect of ours; the answers are given back if the page that carried them can be read."""
    log.error("request failed", extra={"endpoint": request.endpoint, "status": 500, **describe_defect(error)})
    return refused(InternalServerError())


def _what_came(here: Locale, status: int) -> ParsedBody | None:
    """What a page of ours carried; read here when it led to no page, or when a defect came before the reading."""
    if status in (404, 500) and request.method == "POST" and request.mimetype == FORM_TYPE and "posted" not in g:
        with suppress(HTTPException):  # what cannot be read cannot be given back
            posted = parse_body(read_body(request), here.names)
            return posted if posted.pairs else None
    found: ParsedBody | None = g.get("posted")
    return found


def _address() -> str:
    """The page of ours that was wanted, whatever its language; from a page that nobody can find nothing is sent."""
    wanted = request.path.rpartition("/")[2]
    if wanted == RECEIVED and request.endpoint:
        return wanted
    return wanted if wanted in STEP_PATHS.values() else CHECK


def _place(posted: ParsedBody, address: str) -> Place:
    """Where the person would be in another language: before the sending, if that is what was tried."""
    label = room().study.source(dict(posted.pairs).get(SOURCE, ""))
    return Place(f"/{CHECK if address == RECEIVED else address}", tail(label))


def _locale() -> Locale:
    """The locale that the address names, whether or not there is such a page; else the browser's."""
    locales = room().locales
    named = request.path.split("/")[1]
    return locales.get(named) or locales[best_locale(request.headers.get("Accept-Language", ""), tuple(locales))]
