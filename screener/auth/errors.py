"""What somebody at the desk sees when a page cannot be given; what they had typed goes along wherever that is safe.

The log gets the endpoint, the status and the kind of fault: never a value, and so never the text of an exception.
"""

import logging

from flask import Flask
from flask import Response
from flask import current_app
from flask import request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import SecurityError

from screener.auth.rendering import draw
from screener.auth.rendering import draw_alone
from screener.auth.rendering import give_back
from screener.auth.rendering import lead
from screener.auth.resume import Held
from screener.auth.resume import hold
from screener.auth.resume import is_from_us
from screener.auth.resume import sent
from screener.auth.resume import wanted
from screener.auth.sign_in import sign_in_page
from screener.errors import UnavailableError
from screener.logs import describe_defect
from screener.web.app import FOREIGN_HOST

log = logging.getLogger("screener.desk")

#: status → heading and sentence; any other refusal reads as one that could not be read.
WORDS = {
    400: ("We could not accept that", "The page did not come from this desk, or could not be read. Open it again."),
    403: ("You do not have access to this page", "Your roles do not include it. An administrator can change them."),
    404: ("Page not found", "The address may be old or mistyped."),
    405: ("That request does not work here", "Go back, and use the buttons on the page."),
    413: ("That was too long", "Shorten the longest text, and send it again."),
    429: ("Too many attempts", "Please wait a minute, then try again."),
    500: ("Something went wrong", "The error is on our side. Nothing that was saved before is lost."),
    503: ("The desk cannot reach its store", "Nothing was saved. Please try again in a minute."),
}
RETRY = {"Retry-After": "60"}


def handle_errors(app: Flask) -> None:
    """Let *app* answer every refusal and every fault with a page of ours."""
    app.register_error_handler(SecurityError, refuse_foreign_host)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(UnavailableError, unavailable)
    app.register_error_handler(Exception, failed)


def refuse_foreign_host(error: SecurityError) -> Response:
    """One sentence, and no page, for a Host header that is not in ``TRUSTED_HOSTS``."""
    return Response(FOREIGN_HOST, 403, mimetype="text/plain")


def refused(error: HTTPException) -> Response:
    """The page for a refusal."""
    status = error.code or 500
    if status == 401:
        return _asked_to_sign_in()
    if isinstance(error, CSRFError) and is_from_us():
        return _stale_page()
    drawn = draw if status < 500 else draw_alone
    answer = drawn("staff/refused.html", status, words=WORDS.get(status, WORDS[400]))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if status in (429, 503):
        answer.headers.update(RETRY)
    return answer


def unavailable(error: UnavailableError) -> Response:
    """The page for a store that does not answer; what was sent can be sent again."""
    log.error("service unavailable", extra={"endpoint": request.endpoint, "status": 503, "reason": str(error)})
    if request.method == "POST" and is_from_us() and not _is_a_way_in():
        answer = draw_alone("staff/again.html", 503, path=request.path, pairs_sent=sent())
    else:
        answer = draw_alone("staff/refused.html", 503, words=WORDS[503])
    answer.headers.update(RETRY)
    return answer


def failed(error: Exception) -> Response:
    """The page for a defect of ours."""
    log.error("request failed", extra={"endpoint": request.endpoint, "status": 500, **describe_defect(error)})
    return draw_alone("staff/refused.html", 500, words=WORDS[500])


def _asked_to_sign_in() -> Response:
    """The page that asks for a password, with what was wanted or typed in it.

    A link in an email comes from another site, and brings no cookie along (SameSite); a step within our own pages
    does. So such a visitor is led through one page of ours first, and only then asked.
    """
    name = current_app.config["SESSION_COOKIE_NAME"]
    if (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") == "cross-site"
        and name not in request.cookies
    ):
        return draw("staff/through.html", path=wanted())
    return sign_in_page(hold(), status=401)


def _stale_page() -> Response:
    """A page of ours from before somebody signed in anew: what was typed, under a fresh token."""
    if not current_user.is_authenticated:
        return lead("/sign-in")
    return give_back(Held(request.path, sent()), 400)


def _is_a_way_in() -> bool:
    """Whether a password was typed here: that is typed again, and goes into no page."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "permission", None) == ""
