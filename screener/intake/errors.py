"""Error handlers of the public pages: a sentence, the telephone number, and what was typed.

These pages need no database and check no availability. Whatever the POST carried and could be read
is in ``g.parsed_body`` and is given back, with a button that tries again. The log gets the endpoint, the
status and the class of the exception: never a value, and so never the text of an exception.
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

from screener.intake.context import LocaleContext
from screener.intake.context import intake_context
from screener.intake.page_cache import PageAddress
from screener.intake.responses import RETRY_AFTER
from screener.intake.responses import html_response
from screener.intake.responses import requested_source
from screener.intake.responses import source_query
from screener.intake.submit_views import RECEIVED
from screener.intake.submit_views import FormClosedError
from screener.logs import describe_defect
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import SOURCE
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.post_body import ParsedBody
from screener.questionnaire.post_body import parse_request
from screener.study.wording import PageWording
from screener.web.locales import best_locale

log = logging.getLogger("screener.public")

#: The key of each status's words in ``error_pages`` of the wording; any other status reads as ``wrong_type``.
ERROR_PAGES = {
    404: "not_found",
    405: "method",
    413: "too_large",
    414: "header",
    431: "header",
    415: "wrong_type",
    429: "busy",
    500: "failed",
    502: "unreachable",
    503: "unavailable",
}


def register_error_handlers(app: Flask) -> None:
    """Answer every HTTP error and every exception with a page of ours."""
    app.register_error_handler(HTTPException, render_http_error)
    app.register_error_handler(Exception, render_server_error)


def render_http_error(error: HTTPException) -> Response:
    """The page for an HTTP error, or the notice for a form that closed meanwhile."""
    status = error.code or 500
    here = _requested_locale()
    wording = here.pages.wording
    name = ERROR_PAGES.get(status, "wrong_type")
    if isinstance(error, FormClosedError) and error.notice:
        body = _render(here, status, name + error.notice, wording.notices[error.notice], is_notice=True)
    else:
        body = _render(here, status, name, wording.error_pages[name])
    response = html_response(body, status)
    if status in (429, 503):
        response.headers.update(RETRY_AFTER)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def render_server_error(error: Exception) -> Response:
    """The page for a defect of ours; the answers are given back if the body that carried them can be parsed."""
    log.error("request failed", extra={"endpoint": request.endpoint, "status": 500, **describe_defect(error)})
    return render_http_error(InternalServerError())


def _render(here: LocaleContext, status: int, key: str, words: PageWording, *, is_notice: bool = False) -> bytes | str:
    availability = intake_context().availability.last_known(here.pages.wording.locale)
    checked = here.pages.checked_sentence(availability) if is_notice else ""
    parsed_body = _recover_body(here, status)
    if parsed_body is None:
        start = PageAddress("/", source_query(requested_source()))
        return here.pages.render_cached("errors/error.html", availability, start, key=key, words=words, checked=checked)
    path = _retry_path()
    source = intake_context().study.source(dict(parsed_body.pairs).get(SOURCE, ""))
    # Choosing a language submits nothing.
    address = PageAddress(f"/{CHECK if path == RECEIVED else path}", source_query(source))
    return here.pages.render(
        "errors/kept.html",
        availability,
        address,
        words=words,
        checked=checked,
        pairs=parsed_body.hidden_pairs(),
        action=f"/{here.pages.wording.locale}/{path}",
    )


def _recover_body(here: LocaleContext, status: int) -> ParsedBody | None:
    """What the POST carried; parsed here when it had no view, or when a defect came before the parsing."""
    if status in (404, 500) and request.method == "POST" and "parsed_body" not in g:
        with suppress(HTTPException):  # what cannot be read cannot be given back
            parsed_body = parse_request(request, here.field_names)
            return parsed_body if parsed_body.pairs else None
    found: ParsedBody | None = g.get("parsed_body")
    return found


def _retry_path() -> str:
    """The page that was requested, in whatever language; a POST without a view leads to the check page."""
    requested = request.path.rpartition("/")[2]
    if requested == RECEIVED and request.endpoint:
        return requested
    return requested if requested in STEP_PATHS.values() else CHECK


def _requested_locale() -> LocaleContext:
    """The locale that the address names, whether or not there is such a page; else the browser's."""
    locales = intake_context().locales
    named = request.path.split("/")[1]
    return locales.get(named) or locales[best_locale(request.headers.get("Accept-Language", ""), tuple(locales))]
