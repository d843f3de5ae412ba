"""Where a WSGI server finds us: ``gunicorn 'wsgi:public()'``."""

import sys

from flask import Flask

from screener.problems import Problem
from screener.public_app import create_public_app
from screener.settings import load_settings


def public() -> Flask:
    """The public process; a start that is refused says why in one sentence and exits with 2."""
    try:
        return create_public_app(load_settings())
    except Problem as problem:
        print(problem, file=sys.stderr)
        raise SystemExit(2) from None
