"""The public pages that are opened by their address: start, about the study, the form's first steps, privacy."""

from flask import Response
from flask import request
from werkzeug.wrappers import Response as BaseResponse

from screener import clock
from screener.intake.context import intake_context
from screener.intake.page_cache import PageAddress
from screener.intake.responses import html_response
from screener.intake.responses import notice_response
from screener.intake.responses import redirect_to
from screener.intake.responses import requested_source
from screener.intake.responses import source_query
from screener.questionnaire.form import STEP_PATHS
from screener.questionnaire.page_token import mint_token
from screener.web.locales import best_locale


def redirect_to_locale() -> BaseResponse:
    """Redirect to the start page in the language that the browser asks for."""
    context = intake_context()
    locales = tuple(context.locales)
    readable = context.availability.check(locales[0]).readable_locales
    offered = tuple(locale for locale in locales if locale in readable) or locales
    response = redirect_to(f"/{best_locale(request.headers.get('Accept-Language', ''), offered)}/")
    response.headers["Vary"] = "Accept-Language"
    return response


def redirect_to_start(locale: str) -> BaseResponse:
    """Redirect to the start page from its address without the last slash."""
    return redirect_to(f"/{locale}/")


def show_start(locale: str) -> Response:
    """What this is, who sees it, what happens next; or the notice that the form is not open."""
    context = intake_context()
    here, availability = context.locales[locale], context.availability.check(locale)
    address = PageAddress("/", source_query(requested_source()))
    if not availability.is_open:
        return notice_response(here, availability, address)
    return html_response(here.pages.render_cached("intake/start.html", availability, address))


def show_step(locale: str, step: str) -> Response:
    """A blank step with a fresh token: the first one, or the second for a participant who skips the questions."""
    context = intake_context()
    here, availability = context.locales[locale], context.availability.check(locale)
    source = requested_source()
    address = PageAddress(f"/{STEP_PATHS[step]}", source_query(source))
    if not availability.is_open or availability.keys is None:
        return notice_response(here, availability, address)
    body = here.pages.render_cached(
        "intake/step.html",
        availability,
        address,
        insert=mint_token(availability.keys.form, clock.now()),
        source=source,
        **here.blank_steps[step],
    )
    return html_response(body)


def redirect_to_form(locale: str) -> BaseResponse:
    """Redirect to the form from pages that exist only as answers to a POST."""
    return redirect_to(f"/{locale}/{STEP_PATHS['questions']}")


def show_about(locale: str) -> Response:
    """What the public list says about the study; only in a wording that may be read now."""
    context = intake_context()
    availability = context.availability.check(locale)
    if locale not in availability.readable_locales:
        address = PageAddress("/about", source_query(requested_source()))
        return notice_response(context.locales[locale], availability, address)
    return _text_page(locale, "about", "intake/about.html")


def show_text(locale: str, name: str) -> Response:
    """A page of text, privacy or accessibility: shown whether or not the form is open."""
    return _text_page(locale, name, "intake/text.html")


def _text_page(locale: str, name: str, template: str) -> Response:
    context = intake_context()
    pages, availability = context.locales[locale].pages, context.availability.check(locale)
    address = PageAddress(f"/{name}", source_query(requested_source()))
    words = pages.wording.pages[name]
    return html_response(pages.render_cached(template, availability, address, key=name, words=words))
