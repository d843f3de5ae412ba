"""How gunicorn serves the public process, here and in production (``--config python:screener.public_server``).

It listens on loopback only: in production a reverse proxy stands in front, which ends TLS and takes in slow
bodies whole, because a threaded server starves on them. There is no access log, so no address and no time
of a visit is written down; a proxy that logs should keep to path and status. gunicorn's own settings can be
overridden as gunicorn says (``GUNICORN_CMD_ARGS``).
"""

import os
import socket
import sys
from typing import Any

from screener.errors import ScreenerError
from screener.settings import load_settings

try:
    settings = load_settings()
except ScreenerError as error:
    print(error, file=sys.stderr)
    raise SystemExit(2) from None

ADDRESS = "127.0.0.1"

bind = f"{ADDRESS}:{settings.public_port}"
workers = 2
worker_class = "screener.web.gunicorn_worker.Worker"
logger_class = "screener.web.gunicorn_worker.QuietLog"
threads = 4
#: Faults in study, wording or templates show before a worker is started, and the workers share what was made.
preload_app = True
#: Nobody steers this server through a file in somebody's home folder.
control_socket_disable = True

#: A worker that hangs is replaced after this many seconds; a quiet connection is kept for a few.
timeout = 30
graceful_timeout = 10
keepalive = 5
limit_request_line = 2048
limit_request_fields = 50
limit_request_field_size = 8190

accesslog = None
loglevel = "warning"
#: gunicorn's beat file goes to memory: a disk that is slow or full must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - nothing of ours is in it


def on_starting(server: Any) -> None:
    """Say in a sentence that the port is taken; gunicorn would try five times and print a traceback's worth."""
    if "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, settings.public_port))
        except OSError:
            sentence = "is in use by another program, or needs more rights; set SCREENER_PUBLIC_PORT to a free one."
            print(f"Port {settings.public_port} {sentence}", file=sys.stderr)
            raise SystemExit(2) from None


def when_ready(server: Any) -> None:
    """Say what to open, and where everything lies."""
    print(f"Open http://{bind} to see the form. Everything that it keeps is in {settings.data}.")
    if not settings.in_production and not settings.key_passphrase:
        print("Development: the keys carry no passphrase, so give it invented people only. Ctrl-C ends it.")
    sys.stdout.flush()
