"""How gunicorn serves the desk, here and in production (``--config python:screener.desk_server``).

As the public process it listens on loopback only, behind a proxy that ends TLS, and keeps no access log: who did what
stands in the audit trail, and from where is nobody's business. One worker is plenty for a team, and counts everybody's
tries in one place.
"""

import os
import socket
import sys
from typing import Any

from screener import clock
from screener.db import connect
from screener.db import writing
from screener.errors import ScreenerError
from screener.settings import load_settings
from screener.staff import invitations
from screener.staff.accounts import By

try:
    settings = load_settings()
except ScreenerError as error:
    print(error, file=sys.stderr)
    raise SystemExit(2) from None

ADDRESS = "127.0.0.1"

bind = f"{ADDRESS}:{settings.desk_port}"
#: Where people find it: behind the proxy in production, here in development.
WHERE = settings.desk_address
workers = 1
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
            probe.bind((ADDRESS, settings.desk_port))
        except OSError:
            sentence = "is in use by another program, or needs more rights; set SCREENER_DESK_PORT to a free one."
            print(f"Port {settings.desk_port} {sentence}", file=sys.stderr)
            raise SystemExit(2) from None


def when_ready(server: Any) -> None:
    """Say where to sign in; in development, until somebody has come, with the invitation of the first administrator."""
    print(f"The desk is at {WHERE}.")
    if not settings.in_production and (link := _first_invitation()):
        print(f"Nobody works there yet. Your invitation, good for 72 hours and once: {link}")
    sys.stdout.flush()


def _first_invitation() -> str:
    now = clock.now()
    with writing(connect(settings.store, may="write")) as connection:
        code = invitations.invite_first(connection, by=By("desk", "first start"), at=now)
    return f"{WHERE}/invitation/{code}" if code else ""
