"""Where a WSGI server finds us: ``gunicorn 'wsgi:public()'`` and ``gunicorn 'wsgi:desk()'``.

Each process imports its own side only: what opens boxes is not even loaded where the public is served.
"""

import sys
from collections.abc import Callable

from flask import Flask

from screener.errors import ScreenerError
from screener.settings import Settings
from screener.settings import load_settings


def public() -> Flask:
    """The public process; a start that is refused says why in one sentence and exits with 2."""
    from screener.public_app import create_public_app  # noqa: PLC0415 - the desk must not load it

    return _started(create_public_app)


def desk() -> Flask:
    """The desk; a start that is refused says why in one sentence and exits with 2."""
    from screener.desk_app import create_desk_app  # noqa: PLC0415 - the public side must not load it

    return _started(create_desk_app)


def _started(create: Callable[[Settings], Flask]) -> Flask:
    try:
        return create(load_settings())
    except ScreenerError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
