"""gunicorn's worker and log, which quote nothing of a request that cannot be parsed.

Such a request can hold anything, a form's body above all. gunicorn itself repeats it in its log, with the client's
address, and in its answer; these classes log that there was one, and no more.
"""

from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.errors import LimitRequestLine
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from screener.web.refused_requests import render_refused_page

#: The status of each refusal; of any other it is 400.
REFUSAL_STATUSES = {LimitRequestLine: 414, LimitRequestHeaders: 431}


class RedactedLogger(Logger):
    """gunicorn's log in our format, without the text and frames of a fault: both may hold what a participant typed."""

    def setup(self, cfg: Any) -> None:
        """Hand the lines to the logging that ``screener.logs`` configured."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log that something failed, and not which request it was."""
        self.error_log.error("a request failed in the server, outside the application")


class RedactingWorker(ThreadWorker):
    """Threaded worker that answers an unparsable request with the application's page, without repeating it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a parse error with 400, 414 or 431; gunicorn calls this for every fault outside the application."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("a request that is not HTTP was refused", extra={"fault": type(exc).__name__})
        status = REFUSAL_STATUSES.get(type(exc), 400)
        line, headers, body = render_refused_page(self.wsgi, status)
        try:
            client.sendall(f"HTTP/1.1 {line}\r\n".encode() + headers + b"\r\n" + body)
        except OSError:
            self.log.debug("the client did not wait for the answer")
