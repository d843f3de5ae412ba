"""gunicorn settings of the public process, here and in production (``--config python:screener.public_server``)."""

import sys
from typing import Any

from screener.deployment.process_access import PUBLIC_PROCESS
from screener.deployment.process_access import describe_missing_separation
from screener.web.gunicorn_settings import ADDRESS
from screener.web.gunicorn_settings import gunicorn_settings
from screener.web.gunicorn_settings import load_server_settings

settings = load_server_settings()
globals().update(gunicorn_settings(port=settings.public_port, port_setting="SCREENER_PUBLIC_PORT", workers=2))


def when_ready(server: Any) -> None:
    """Print what to open, and where everything is kept."""
    print(f"Open http://{ADDRESS}:{settings.public_port} to see the form. Everything is kept in {settings.data}.")
    if not settings.in_production and not settings.key_passphrase:
        print("Development: the keys have no passphrase, so enter invented people only. Ctrl-C ends it.")
    if said := describe_missing_separation(settings, PUBLIC_PROCESS):
        print(said)
    sys.stdout.flush()
