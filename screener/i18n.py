"""Which of our languages a visitor reads.

A locale is served when the study folder holds its wording, so there is no list of languages here to
keep in step. The choice is made from the browser's own preference, once, at ``/``; after that the
address says it, and nobody is moved to another language behind their back.
"""

from collections.abc import Sequence

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

#: The locale that the others are translated from.
SOURCE = "en"


def best_locale(accept_language: str, served: Sequence[str]) -> str:
    """The served locale that *accept_language* (the browser's header) likes best; the source if it likes none."""
    fallback = SOURCE if SOURCE in served else served[0]
    return parse_accept_header(accept_language, LanguageAccept).best_match(served, fallback) or fallback
