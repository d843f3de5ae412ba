"""Build backend of this checkout: an editable install (``make install``), and no wheel.

Templates and migrations lie beside the package, and a site deploys, updates and verifies a checkout; a wheel without
them would start nothing. So ``pip wheel`` says that in one sentence.
"""

from typing import NoReturn

from flit_core.buildapi import build_editable
from flit_core.buildapi import get_requires_for_build_editable
from flit_core.buildapi import prepare_metadata_for_build_editable

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "prepare_metadata_for_build_editable",
]
SENTENCE = "Screener is deployed from a checkout, not from a wheel: clone it and run `make install` (docs/operate.md)."


def build_wheel(*args: object, **options: object) -> NoReturn:
    """Refuse, with the sentence that says what to do instead."""
    raise SystemExit(SENTENCE)


build_sdist = build_wheel
