"""What gunicorn may say, to a log and to a stranger: nothing of what was sent.

A request that is no HTTP can hold anything, a form's body above all. gunicorn quotes such a request in its log, with
the address that it came from, and in its answer. Ours says that there was one, and no more.
"""

from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.util import write_error
from gunicorn.workers.gthread import ThreadWorker


class QuietLog(Logger):
    """gunicorn's log, without the text and the frames of a fault: both may hold what somebody typed."""

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log that something failed; which request it was is not told."""
        self.error_log.error("A request failed in the server, before or after our pages.")


class Worker(ThreadWorker):
    """Threads that answer a request which cannot be read without repeating it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse what is no request of ours. gunicorn calls this for every fault outside the application."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("A request that is no HTTP was refused (%s).", type(exc).__name__)
        try:
            write_error(client, 400, "Bad Request", "")
        except OSError:
            self.log.debug("Whoever sent it did not wait for the answer.")
