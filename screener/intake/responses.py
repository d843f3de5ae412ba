"""Responses that every public page may give: a page, a redirect, and the notice that the form is not open."""

from flask import Response
from flask import redirect
from flask import request
from werkzeug.wrappers import Response as BaseResponse

from screener.intake.availability import FormAvailability
from screener.intake.context import LocaleContext
from screener.intake.context import intake_context
from screener.intake.page_cache import PageAddress
from screener.study.model import DIRECT

#: Tells a browser after how many seconds it makes sense to try again.
RETRY_AFTER = {"Retry-After": "60"}
#: The parameter of a link to the form that says where the link was published.
SOURCE_PARAMETER = "s"


def html_response(body: bytes | str, status: int = 200) -> Response:
    """A page."""
    return Response(body, status, mimetype="text/html")


def redirect_to(path: str) -> BaseResponse:
    """A redirect (303) to *path*, one of our own, that keeps the source of the link; nothing typed is in it."""
    response = redirect(f"{path}{source_query(requested_source())}", 303)
    response.set_data("")  # the library's page is in English, and in no wording that an IRB read
    return response


def requested_source() -> str:
    """Where the link was published that led here, as far as the study knows the place."""
    return intake_context().study.source(request.args.get(SOURCE_PARAMETER, ""))


def source_query(source: str) -> str:
    """The query string by which our links carry *source* on."""
    return "" if source == DIRECT else f"?{SOURCE_PARAMETER}={source}"


def notice_response(locale: LocaleContext, availability: FormAvailability, address: PageAddress) -> Response:
    """The notice instead of the form: 200 by a decision of the staff, 503 for a fault."""
    pages = locale.pages
    body = pages.render_cached(
        "intake/notice.html",
        availability,
        address,
        key=availability.notice,
        words=pages.wording.notices[availability.notice],
        checked=pages.checked_sentence(availability),
    )
    response = html_response(body)
    if availability.is_fault:
        response.status_code = 503
        response.headers.update(RETRY_AFTER)
    return response
