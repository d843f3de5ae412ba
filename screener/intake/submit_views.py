"""The steps of the form as they come in: forward, back, to a change and home again, and at last the sending.

Each button of a page is a POST to the page that it leads to, with everything typed in it. On the way forward the step
that was filled in is read, and stays in front of the person while something in it cannot be; on the way back, and to
the same step in another language, nothing is asked. The check page and the sending read everything.
"""

from dataclasses import dataclass

from flask import Response
from flask import g
from flask import request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.exceptions import TooManyRequests
from werkzeug.exceptions import UnsupportedMediaType

from screener import clock
from screener.errors import UnavailableError
from screener.intake.availability import Door
from screener.intake.availability import Keys
from screener.intake.context import Locale
from screener.intake.context import room
from screener.intake.page_cache import Place
from screener.intake.responses import LATER
from screener.intake.responses import page
from screener.intake.submit import send
from screener.intake.views import intake
from screener.intake.views import tail
from screener.questionnaire import view_model
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import InterestForm
from screener.questionnaire.post_body import FORM_TYPE
from screener.questionnaire.post_body import parse_body
from screener.questionnaire.post_body import read_body

RECEIVED = "received"
WAY = (*STEP_PATHS, CHECK, RECEIVED)


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

    @property
    def source(self) -> str:
        return room().study.source(self.form.source)

    def place(self, address: str) -> Place:
        """Where the person is now."""
        return Place(f"/{address}", tail(self.source))


@intake.post("/interest", endpoint="to_questions")
@intake.post("/contact", endpoint="to_contact")
@intake.post("/permission", endpoint="to_permission")
def step(locale: str) -> Response:
    """A step with what was typed there before; or the one before it, when that could not be read."""
    visit = arrived(locale)
    wanted = str(request.endpoint).rpartition("to_")[2]
    return held_up(visit, wanted) or step_page(visit, wanted, then=visit.form.then)


@intake.post("/check")
def check(locale: str) -> Response:
    """Every answer once more, before anything is sent."""
    visit = arrived(locale)
    return held_up(visit, CHECK) or check_page(visit)


@intake.post("/received")
def received(locale: str) -> Response:
    """Take in one submission, and give its reference; the same page says the same when it comes twice."""
    visit = arrived(locale)
    if page_before := held_up(visit, RECEIVED):
        return page_before
    wording = visit.locale.pages.wording
    try:
        reference = send(room(), visit.form, visit.keys)
    except UnavailableError:
        answer = check_page(visit, *wording.error_pages.unavailable.body, status=503)
        answer.headers.update(LATER)
        return answer
    words, key = (wording.pages.received, "received") if visit.door.open else (wording.notices.grace, "grace")
    nowhere = Place("", tail(visit.source))
    ready = visit.locale.pages.ready("intake/received.html", visit.door, nowhere, key=key, gap=reference, words=words)
    return page(ready)


def arrived(locale: str) -> Visit:
    """Read the page that came in; raises what refuses it, with the answers left in ``g`` for the page that says so."""
    here = room().locales[locale]
    if request.mimetype != FORM_TYPE:
        raise UnsupportedMediaType
    g.posted = parse_body(read_body(request), here.names)
    if not room().limit.allows_request(request.remote_addr):
        raise TooManyRequests
    door = room().gate.door(locale)
    chosen = "" if door.fault else door.notice
    if door.keys is None:
        raise Closed(chosen)
    now = clock.now()
    form = here.form.load(g.posted, door.keys.form, now)
    if not door.takes(form.verified_token.minted_at if form.verified_token else None, now):
        raise Closed(chosen)
    return Visit(here, door, door.keys, form)


def held_up(visit: Visit, wanted: str) -> Response | None:
    """The page that has to be looked at again on the way to *wanted*; None when the way is free."""
    form = visit.form
    form.validate()
    unread = form.invalid_steps
    wrong = _first_in_the_way(form, wanted, unread)
    if form.token_errors:
        return _given_back(visit, wanted, wrong or (unread[0] if unread and form.step == CHECK else ""))
    if not wrong:
        return None
    return step_page(visit, wrong, then=_then(wrong, wanted, form), failed=True, status=422)


def _first_in_the_way(form: InterestForm, wanted: str, unread: tuple[str, ...]) -> str:
    if wanted in (CHECK, RECEIVED):
        return unread[0] if unread else ""
    forward = form.step in STEP_PATHS and WAY.index(form.step) < WAY.index(wanted)
    return form.step if forward and not form.is_skipping_questions and form.step in unread else ""


def _then(wrong: str, wanted: str, form: InterestForm) -> str:
    """Where the step leads that is shown instead: to the check page, if that was wanted from somewhere else."""
    leads_there = wrong == WAY[WAY.index(CHECK) - 1]
    return form.then if wanted in STEP_PATHS else ("" if leads_there else CHECK)


def _given_back(visit: Visit, wanted: str, wrong: str) -> Response:
    """The page once more with a token of ours, because its own could not be read."""
    form = visit.form
    at = wrong or form.step or ("permission" if wanted == CHECK else wanted)
    if at in (CHECK, RECEIVED):
        return check_page(visit, form.error_message("token"), status=400)
    return step_page(visit, at, then=form.then, failed=True, judged=bool(wrong), status=400)


def step_page(
    visit: Visit, name: str, *, then: str, failed: bool = False, judged: bool = True, status: int = 200
) -> Response:
    """The step *name* with everything that was typed; if it *failed*, with the reason, and what could not be read.

    A page that failed for its token alone is not *judged*: nobody asked yet whether its fields can be read.
    """
    facts = {
        **view_model.step_context(visit.form, name, then, failed=failed, show_errors=judged),
        "source": visit.source,
    }
    return page(
        visit.locale.pages.drawn("intake/step.html", visit.door, visit.place(STEP_PATHS[name]), **facts), status
    )


def check_page(visit: Visit, *alert: str, status: int = 200) -> Response:
    """Everything that was said, and the button that sends it."""
    facts = {**view_model.check_context(visit.form, *alert), "source": visit.source}
    return page(visit.locale.pages.drawn("intake/check.html", visit.door, visit.place(CHECK), **facts), status)
