"""Answers that every public page may give: a page, a way to another one, and why the form is not open."""

from flask import Response

from screener.intake.availability import Door
from screener.intake.context import Locale
from screener.intake.page_cache import Place

#: Seconds after which it makes sense to try again.
LATER = {"Retry-After": "60"}


def page(body: bytes | str, status: int = 200) -> Response:
    """An answer that shows *body*."""
    return Response(body, status, mimetype="text/html")


def lead(path: str) -> Response:
    """An answer that leads to *path*; always one of ours, and never with a word that somebody typed in it."""
    return Response(status=303, headers={"Location": path})


def notice(here: Locale, door: Door, place: Place) -> Response:
    """Why the form is not open: somebody's choice (200), or a fault that will pass (503)."""
    words = here.pages.wording.notices[door.notice]
    checked = here.pages.checked(door)
    answer = page(here.pages.ready("intake/notice.html", door, place, key=door.notice, words=words, checked=checked))
    if door.fault:
        answer.status_code = 503
        answer.headers.update(LATER)
    return answer
