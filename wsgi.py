"""WSGI applications for a server: ``gunicorn 'wsgi:public()'`` and ``gunicorn 'wsgi:desk()'``.

Each process imports its own side only: the code that opens boxes is not even loaded in the public process.
"""

from collections.abc import Callable

from flask import Flask

from screener.errors import ScreenerError
from screener.errors import exit_with_error
from screener.logs import configure_logging
from screener.settings import Settings
from screener.settings import load_settings


def public() -> Flask:
    """Create the public application, or exit with 2 and one sentence."""
    from screener.public_app import create_public_app  # noqa: PLC0415 - the desk must not load it

    return _create_or_exit(create_public_app)


def desk() -> Flask:
    """Create the desk, or exit with 2 and one sentence."""
    from screener.desk_app import create_desk_app  # noqa: PLC0415 - the public side must not load it

    return _create_or_exit(create_desk_app)


def _create_or_exit(create: Callable[[Settings], Flask]) -> Flask:
    try:
        settings = load_settings()
        configure_logging(settings.log)
        return create(settings)
    except ScreenerError as error:
        exit_with_error(error)
