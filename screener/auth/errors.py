"""Error handlers of the desk: the page for each error, with what was typed wherever it is safe to carry that.

The log gets the endpoint, the status and the kind of error: never a value, and so never the text of an exception.
"""

import logging

from flask import Flask
from flask import Response
from flask import current_app
from flask import redirect
from flask import request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response as AnyResponse

from screener.auth.browser_faults import explain_refused_form
from screener.auth.browser_faults import has_foreign_referrer
from screener.auth.browser_faults import is_foreign_origin
from screener.auth.forms import InvitationCodeForm
from screener.auth.forms import SignInForm
from screener.auth.invitation_views import render_invitation_code
from screener.auth.rendering import home_path
from screener.auth.rendering import render_error_page
from screener.auth.rendering import render_staff_page
from screener.auth.rendering import render_unsent_request
from screener.auth.resume import PendingRequest
from screener.auth.resume import is_same_origin
from screener.auth.resume import list_typed_pairs
from screener.auth.resume import requested_path
from screener.auth.resume import sign_current_request
from screener.auth.sign_in import render_sign_in
from screener.errors import UnavailableError
from screener.logs import describe_defect
from screener.web.app import FOREIGN_HOST

log = logging.getLogger("screener.desk")

#: The heading and the sentence of each status; any other status reads as a 400.
ERROR_TEXTS = {
    400: ("We could not accept that", "The page did not come from this desk, or could not be read. Open it again."),
    403: ("You do not have access to this page", "Your roles do not include it. An administrator can change them."),
    404: ("Page not found", "The address may be old or mistyped."),
    405: ("That request does not work here", "Go back, and use the buttons on the page."),
    413: ("That was too long", "Shorten the longest text, and send it again."),
    414: ("That address was too long", "Open the desk again from its home page."),
    431: ("Your browser sent more than we can read", "Clear the cookies of this site, or use a private window."),
    429: ("Too many attempts", "Please wait a minute, then try again."),
    500: ("Something went wrong", "The error is on our side. Nothing that was saved before is lost."),
    503: ("The desk cannot reach its store", "Nothing was saved. Please try again in a minute."),
}
RETRY_AFTER = {"Retry-After": "60"}


def register_desk_error_handlers(app: Flask) -> None:
    """Let *app* answer every HTTP error and every exception with a page of the desk."""
    app.register_error_handler(SecurityError, refuse_foreign_host)
    app.register_error_handler(HTTPException, render_staff_error)
    app.register_error_handler(UnavailableError, render_unavailable)
    app.register_error_handler(Exception, render_failure)


def refuse_foreign_host(error: SecurityError) -> Response:
    """One sentence, and no page, for a Host header that is not in ``TRUSTED_HOSTS``."""
    return Response(FOREIGN_HOST, 403, mimetype="text/plain")


def render_staff_error(error: HTTPException) -> AnyResponse:
    """Render an HTTP error; a 401 asks for a sign-in, and an old CSRF token gives back what was typed."""
    status = error.code or 500
    if status == 401:
        return _ask_for_sign_in()
    if isinstance(error, CSRFError) and not is_foreign_origin():
        return _answer_refused_form()
    render = render_staff_page if status < 500 else render_error_page
    response = render("staff/refused.html", status, words=ERROR_TEXTS.get(status, ERROR_TEXTS[400]))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if status in (429, 503):
        response.headers.update(RETRY_AFTER)
    return response


def render_unavailable(error: UnavailableError) -> Response:
    """Render a 503 for a store that does not answer, with a button that sends the same request again."""
    log.error("service unavailable", extra={"endpoint": request.endpoint, "status": 503, "reason": str(error)})
    if request.method == "POST" and is_same_origin() and not _is_anonymous_view():
        response = render_error_page("staff/again.html", 503, path=request.path, pairs_sent=list_typed_pairs())
    else:
        response = render_error_page("staff/refused.html", 503, words=ERROR_TEXTS[503])
    response.headers.update(RETRY_AFTER)
    return response


def render_failure(error: Exception) -> Response:
    """Render a 500 for a defect."""
    log.error("request failed", extra={"endpoint": request.endpoint, "status": 500, **describe_defect(error)})
    return render_error_page("staff/refused.html", 500, words=ERROR_TEXTS[500])


def _ask_for_sign_in() -> AnyResponse:
    """Render the sign-in page, which carries the request.

    A link in an email comes from another site, and the browser sends no cookie with it (SameSite=Strict); a link on a
    page of the desk brings it. So such a request gets a page of the desk first, and asks for a sign-in only then.
    """
    name = current_app.config["SESSION_COOKIE_NAME"]
    if (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") == "cross-site"
        and name not in request.cookies
    ):
        return render_staff_page("staff/through.html", path=requested_path())
    return render_sign_in(sign_current_request(), status=401)


def _answer_refused_form() -> AnyResponse:
    """Answer a form whose token does not fit, and say why: what was typed, under a fresh token, but no password.

    Where the browser does not even say that the form is the desk's own, what was typed is not given back.
    """
    if _is_anonymous_view():
        return redirect(home_path(), 303) if current_user.is_authenticated else _ask_again()
    if not is_same_origin():
        return render_staff_page("staff/refused.html", 400, words=(ERROR_TEXTS[400][0], explain_refused_form()))
    pending = PendingRequest(request.path, list_typed_pairs())
    return render_unsent_request(pending, 400, problem=explain_refused_form() if has_foreign_referrer() else "")


def _ask_again() -> AnyResponse:
    """The form before the sign-in once more, with the reason why it was refused."""
    if (request.endpoint or "").startswith("invitation."):
        form = InvitationCodeForm()
        form.add_error(explain_refused_form())
        return render_invitation_code(form, status=400)
    sent = SignInForm()
    return render_sign_in(sent.held.data or "", email=sent.email.data or "", error=explain_refused_form(), status=400)


def _is_anonymous_view() -> bool:
    """Whether the view needs no sign-in: then a password may have been typed, which no page carries."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "permission", None) == ""
