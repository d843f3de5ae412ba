"""Logging, configured once: a line an event on standard error, in text or JSON, with allow-listed keys only.

An event is a constant text; what varies goes into ``extra``, under one of *ALLOWED_KEYS*, so that nothing that was
typed can slip into a log: ``log.warning("job failed", extra={"job": "retention", **describe_defect(error)})``. Any
other key, the text of an exception and its traceback are dropped. ``tests/laws`` read every call.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any

#: ``reason`` is the sentence of a *ScreenerError*, which never carries an answer, a name or a key.
ALLOWED_KEYS = ("job", "endpoint", "status", "count", "reason", "fault", "place", "line")
#: Loggers whose arguments are numbers and signals of processes; of any other library the bare template is printed.
FORMATS_ARGUMENTS = ("screener", "gunicorn")


class LogFormatter(logging.Formatter):
    """Time (UTC, milliseconds), level, logger, event and the allowed keys, as text or as one JSON object."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        if self.as_json:
            return json.dumps(fields, ensure_ascii=False)
        time, level, logger, event = (fields.pop(name) for name in ("time", "level", "logger", "event"))
        return " ".join((time, level, logger, event, *(f"{name}={_quoted(value)}" for name, value in fields.items())))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC)
    event = record.getMessage() if record.name.startswith(FORMATS_ARGUMENTS) else str(record.msg)
    known = {name: record.__dict__[name] for name in ALLOWED_KEYS if name in record.__dict__}
    time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"time": time, "level": record.levelname, "logger": record.name, "event": event, **known}


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(sign in text for sign in ' "=\n') else text


class StandardErrorHandler(logging.Handler):
    """Writes to what standard error is at that moment, which tests and daemons replace."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr)
        except OSError:
            self.handleError(record)


def configure_logging(format_name: str) -> None:
    """Send every log of this process to standard error: ours from INFO on, others' from WARNING on.

    *format_name* is ``text`` or ``json`` (``SCREENER_LOG``). Calling it again replaces the former configuration.
    """
    handler = StandardErrorHandler()
    handler.setFormatter(LogFormatter(as_json=format_name == "json"))
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, StandardErrorHandler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("screener").setLevel(logging.INFO)


def describe_defect(error: BaseException) -> Mapping[str, object]:
    """Where *error* was raised, as log keys: its class, function and line, without a word of its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = {"place": frames[-1].name, "line": frames[-1].lineno} if frames else {}
    return {"fault": type(error).__name__, **place}
