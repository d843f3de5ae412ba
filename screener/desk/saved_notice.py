"""The notice of what was just saved, carried over the redirect by a cookie of its own and shown once.

It holds one word of a fixed list: nothing of a person, and no right to anything. The session keeps no such thing,
because every key of a session is a column of the store, and a notice would cost two writes.
"""

from datetime import timedelta
from typing import TypeVar

from flask import current_app
from flask import request
from werkzeug.wrappers import Response

from screener.desk import words

NOTICE_LIFETIME = timedelta(minutes=1)
Answer = TypeVar("Answer", bound=Response)


def set_saved_notice(response: Answer, name: str) -> Answer:
    """Let the next record that is shown say that the form *name* was saved."""
    config = current_app.config
    response.set_cookie(
        _cookie_name(),
        name,
        max_age=NOTICE_LIFETIME,
        secure=config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite=config["SESSION_COOKIE_SAMESITE"],
    )
    return response


def load_saved_notice() -> str:
    """The form that was just saved; empty when none was, or when the cookie holds anything else."""
    name = request.cookies.get(_cookie_name(), "")
    return name if name in words.SAVED else ""


def clear_saved_notice(response: Answer) -> Answer:
    """Forget the notice, once it was shown."""
    if _cookie_name() in request.cookies:
        response.delete_cookie(_cookie_name(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True)
    return response


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-saved"
