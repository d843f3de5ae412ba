"""gunicorn settings that the public process and the desk share, as ``--config python:screener.…_server`` reads them.

Both listen on loopback only: in production a reverse proxy stands in front, which ends TLS and buffers slow bodies,
because a threaded server starves on them. There is no access log, so no address and no time of a visit is written down;
a proxy that logs should keep to path and status. Any of these can be overridden with ``GUNICORN_CMD_ARGS``.
"""

import os
import socket
from collections.abc import Callable
from typing import Any

from screener.errors import ScreenerError
from screener.errors import exit_with_error
from screener.logs import configure_logging
from screener.settings import Settings
from screener.settings import load_settings

ADDRESS = "127.0.0.1"


def load_server_settings() -> Settings:
    """The settings of this process, with logging configured; exits with 2 and a sentence when they cannot be read."""
    try:
        settings = load_settings()
    except ScreenerError as error:
        exit_with_error(error)
    configure_logging(settings.log)
    return settings


def gunicorn_settings(*, port: int, port_setting: str, workers: int) -> dict[str, object]:
    """The settings by gunicorn's names; *port_setting* is the environment variable that chose *port*."""
    return {
        "bind": f"{ADDRESS}:{port}",
        "workers": workers,
        "worker_class": "screener.web.gunicorn_worker.RedactingWorker",
        "logger_class": "screener.web.gunicorn_worker.RedactedLogger",
        "threads": 4,
        # A fault in study, wording or templates shows before a worker starts, and workers share what was loaded.
        "preload_app": True,
        # No control through a file in a home folder.
        "control_socket_disable": True,
        # A hanging worker is replaced after this many seconds; an idle connection is kept for a few.
        "timeout": 30,
        "graceful_timeout": 10,
        "keepalive": 5,
        # No header of a request becomes the path or the user of the WSGI environment: gunicorn would take SCRIPT_NAME
        # and PATH_INFO from whoever it trusts as a proxy, and a proxy passes on what a browser sends.
        "forwarder_headers": "",
        # A link with the labels of an advertisement, a browser with many cookies, a Kerberos ticket at the desk.
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "limit_request_field_size": 32768,
        "accesslog": None,
        "loglevel": "warning",
        # gunicorn's heartbeat file goes to memory: a slow or full disk must not look like a worker that hangs.
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - nothing of ours is in it
        "on_starting": _refuse_taken_port(port, port_setting),
    }


def _refuse_taken_port(port: int, port_setting: str) -> Callable[[Any], None]:
    def on_starting(server: Any) -> None:
        """Say in a sentence that the port is taken; gunicorn would try five times and print a traceback."""
        if "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ:
            return
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                sentence = "is in use by another program, or needs more rights; set"
                exit_with_error(f"Port {port} {sentence} {port_setting} to a free one.")

    return on_starting
