"""The POSTs of the form: on to a step, back, to a change and back to the check page, and the submission.

Each button of a page is a POST to the page that it leads to, with everything typed in it. On the way forward the step
that was filled in is validated, and is shown again while something in it cannot be read; on the way back, and to
the same step in another language, nothing is asked. The check page and the submission validate everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask import g
from flask import request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.exceptions import TooManyRequests

from screener import clock
from screener.errors import UnavailableError
from screener.intake.availability import FormAvailability
from screener.intake.availability import IntakeKeys
from screener.intake.context import LocaleContext
from screener.intake.context import intake_context
from screener.intake.page_cache import PageAddress
from screener.intake.responses import RETRY_AFTER
from screener.intake.responses import html_response
from screener.intake.responses import source_query
from screener.intake.submit import submit_form
from screener.questionnaire import view_model
from screener.questionnaire.form import CHECK
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.form import InterestForm
from screener.questionnaire.post_body import parse_request

RECEIVED = "received"
#: The pages of the form in their order, by the names of the steps.
SEQUENCE = (*STEP_PATHS, CHECK, RECEIVED)


class FormClosedError(ServiceUnavailable):
    """A POST came while the form is closed; *notice* names the decision of the staff, and is empty for a fault."""

    def __init__(self, notice: str) -> None:
        super().__init__()
        self.notice = notice


@dataclass(frozen=True)
class FormPost:
    """One accepted POST: the form that was sent, and what answers it."""

    locale: LocaleContext
    availability: FormAvailability
    keys: IntakeKeys
    form: InterestForm

    @property
    def source(self) -> str:
        return intake_context().study.source(self.form.source)

    def address(self, path: str) -> PageAddress:
        """The address of the page that answers."""
        return PageAddress(f"/{path}", source_query(self.source))


def go_to_step(locale: str, target: str) -> Response:
    """Render the step *target* with what was typed there before; or the one before it, when that is invalid."""
    post = load_post(locale)
    return reject_invalid(post, target) or render_step(post, target, then=post.form.then)


def check_answers(locale: str) -> Response:
    """Render every answer once more, before anything is submitted."""
    post = load_post(locale)
    return reject_invalid(post, CHECK) or render_check(post)


def submit_interest(locale: str) -> Response:
    """Seal and store one submission, and render its reference; the same page posted twice renders the same one."""
    post = load_post(locale)
    if rejected := reject_invalid(post, RECEIVED):
        return rejected
    wording = post.locale.pages.wording
    try:
        reference = submit_form(intake_context(), post.form, post.keys)
    except UnavailableError:
        response = render_check(post, *wording.error_pages.unavailable.body, status=503)
        response.headers.update(RETRY_AFTER)
        return response
    is_open = post.availability.is_open
    words, key = (wording.pages.received, "received") if is_open else (wording.notices.grace, "grace")
    # No path: in another language there is nothing to show again.
    address = PageAddress("", source_query(post.source))
    body = post.locale.pages.render_cached(
        "intake/received.html", post.availability, address, key=key, insert=reference, words=words
    )
    return html_response(body)


def load_post(locale: str) -> FormPost:
    """Parse the POST, and refuse one that cannot be accepted now; its answers stay in ``g`` for the error page.

    Raises 413 and 415 for a body that is no page of ours, 429 for too many of one network, and *FormClosedError*.
    """
    context = intake_context()
    here = context.locales[locale]
    g.parsed_body = parse_request(request, here.field_names)
    if not context.rate_limit.allows_request(request.remote_addr):
        raise TooManyRequests
    availability = context.availability.check(locale)
    notice = "" if availability.is_fault else availability.notice
    if availability.keys is None:
        raise FormClosedError(notice)
    now = clock.now()
    form = here.form.load(g.parsed_body, availability.keys.form, now)
    if not availability.accepts(form.verified_token.minted_at if form.verified_token else None, now):
        raise FormClosedError(notice)
    return FormPost(here, availability, availability.keys, form)


def reject_invalid(post: FormPost, target: str) -> Response | None:
    """The step that must be corrected on the way to *target* (422; 400 for the token); None when nothing must."""
    form = post.form
    form.validate()
    invalid = _first_invalid_step(form, target)
    if form.token_errors:
        return _render_with_new_token(post, target, invalid)
    if not invalid:
        return None
    return render_step(post, invalid, then=_return_step(form, invalid, target), failed=True, status=422)


def _first_invalid_step(form: InterestForm, target: str) -> str:
    invalid = form.invalid_steps
    if target in (CHECK, RECEIVED):
        return invalid[0] if invalid else ""
    is_forward = form.step in STEP_PATHS and SEQUENCE.index(form.step) < SEQUENCE.index(target)
    return form.step if is_forward and not form.is_skipping_questions and form.step in invalid else ""


def _return_step(form: InterestForm, invalid: str, target: str) -> str:
    """Where the invalid step leads: to the check page, if that was the target and is not the next page anyway."""
    leads_to_check = invalid == SEQUENCE[SEQUENCE.index(CHECK) - 1]
    return form.then if target in STEP_PATHS else ("" if leads_to_check else CHECK)


def _render_with_new_token(post: FormPost, target: str, invalid: str) -> Response:
    """The page once more with a new token, because its own could not be verified."""
    form = post.form
    if not invalid and form.step == CHECK and form.invalid_steps:
        invalid = form.invalid_steps[0]
    step = invalid or form.step or ("permission" if target == CHECK else target)
    if step in (CHECK, RECEIVED):
        return render_check(post, form.error_message("token"), status=400)
    return render_step(post, step, then=form.then, failed=True, show_errors=bool(invalid), status=400)


def render_step(
    post: FormPost, step: str, *, then: str, failed: bool = False, show_errors: bool = True, status: int = 200
) -> Response:
    """The page of *step* with everything that was typed; if it *failed*, with the errors of its fields.

    A page that failed for its token alone does not show them: its fields were not asked about yet.
    """
    context = view_model.step_context(post.form, step, then, failed=failed, show_errors=show_errors)
    return _render(post, "intake/step.html", STEP_PATHS[step], context, status)


def render_check(post: FormPost, *alert: str, status: int = 200) -> Response:
    """Every answer, and the button that submits them."""
    return _render(post, "intake/check.html", CHECK, view_model.check_context(post.form, *alert), status)


def _render(post: FormPost, template: str, path: str, context: Mapping[str, Any], status: int) -> Response:
    pages, address = post.locale.pages, post.address(path)
    return html_response(pages.render(template, post.availability, address, source=post.source, **context), status)
