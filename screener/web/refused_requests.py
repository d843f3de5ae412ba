"""The page for a request that the server refuses before the application: too long an address or header, or no HTTP.

The server hands the status of the refusal to the application in the WSGI environment, where no client can put it, so
that the application answers with its own error page and its own headers.
"""

from flask import Flask
from flask import abort
from flask import request
from werkzeug.test import create_environ
from werkzeug.test import run_wsgi_app

#: The key of the environment; no header becomes one with a dot.
REFUSED_STATUS = "screener.refused_status"


def answer_refused_requests(app: Flask) -> None:
    """Let *app* answer what the server refused with its error page; register this before any other check."""

    @app.before_request
    def refuse() -> None:
        if status := request.environ.get(REFUSED_STATUS):
            abort(status)


def render_refused_page(app: Flask, status: int) -> tuple[str, bytes, bytes]:
    """The status line, the header lines and the body by which *app* refuses a request with *status*."""
    hosts = app.config.get("TRUSTED_HOSTS") or ["localhost"]
    environ = create_environ(headers={"Host": hosts[0]}) | {REFUSED_STATUS: status}
    body, line, headers = run_wsgi_app(app, environ)
    fields = [*headers, ("Connection", "close")]
    return line, "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1"), b"".join(body)
