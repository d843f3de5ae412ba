"""Why a form of the desk came without its token, where the browser is the reason, in words for its user.

A page before the sign-in would otherwise come back blank for ever: a browser without cookies loses the token's other
half, and over TLS the library wants to know from which page a form was sent.
"""

from urllib.parse import urlsplit

from flask import current_app
from flask import request

NO_COOKIE = (
    "Your browser did not send back the cookie that signing in needs, so nobody can sign in. Allow cookies for {host} "
    "in the settings of your browser or its extensions, then try again."
)
NO_REFERRER = (
    "Your browser does not say from which page a form was sent (the Referer header), so the desk cannot tell its own "
    "forms from others. Allow it for {host} in the settings of your browser, its extensions or your network, then try "
    "again."
)
OUTDATED = (
    "This page was out of date: it was open for a long time, or you signed in or out in another tab. Please try again. "
    "If you see this twice in a row, allow cookies for {host} in your browser."
)


def explain_refused_form() -> str:
    """The sentence for the current request, whose CSRF token was refused."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        sentence = NO_COOKIE
    elif has_foreign_referrer():
        sentence = NO_REFERRER
    else:
        sentence = OUTDATED
    return sentence.format(host=urlsplit(request.host_url).hostname)


def has_foreign_referrer() -> bool:
    """Whether the request, over TLS, names no page of this desk as the one that it came from."""
    return request.is_secure and urlsplit(request.referrer or "").netloc != request.host


def is_foreign_origin() -> bool:
    """Whether the browser says that another site made the request; one that says nothing may still be ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.host
