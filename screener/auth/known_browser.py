"""The cookie of a known browser: signed and long-lived, with a random id in it and no account.

It opens nothing. It says that a full sign-in was once completed in this browser; of which accounts, the store knows by
a keyed hash of the id and the account (``lockout``).
"""

import secrets

import sqlalchemy as sa
from flask import after_this_request
from flask import current_app
from flask import request
from itsdangerous import BadData
from itsdangerous import URLSafeSerializer
from werkzeug.wrappers import Response

from screener import clock
from screener.auth import lockout
from screener.auth.context import auth_context

ID_BYTES = 16


def read_browser_id() -> str:
    """The id in the cookie of the current request; empty without one that we signed."""
    try:
        return str(_serializer().loads(request.cookies.get(_cookie_name(), "")))
    except BadData:
        return ""


def remember_browser(connection: sa.Connection, account_id: str) -> None:
    """Make this browser a known browser of *account_id*, who has signed in fully; the response sets the cookie."""
    browser_id = read_browser_id() or secrets.token_hex(ID_BYTES)
    lockout.add_known_browser(connection, auth_context().keys.browser, account_id, browser_id, at=clock.now())

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            _cookie_name(),
            str(_serializer().dumps(browser_id)),
            max_age=lockout.KNOWN_BROWSER_LIFETIME,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Strict",
        )
        return response


def _cookie_name() -> str:
    return ("__Host-" if current_app.config["SESSION_COOKIE_SECURE"] else "") + "screener-browser"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(auth_context().keys.browser, salt="screener browser")
