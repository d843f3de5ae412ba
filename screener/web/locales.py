"""Which of our languages a visitor reads, and how a date is written in it.

A locale is served when the study folder holds its wording, so there is no list of languages here to
keep in step. The choice is made from the browser's own preference, once, at ``/``; after that the
address says it, and nobody is moved to another language behind their back.
"""

from collections.abc import Sequence
from datetime import date

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

#: The locale that the others are translated from.
SOURCE = "en"
#: Older names that browsers still send for a language of ours (BCP 47: ``tl`` is Tagalog).
ALSO_CALLED = {"tl": "fil"}


def best_locale(accept_language: str, served: Sequence[str]) -> str:
    """The served locale that *accept_language* (the browser's header) likes best; the source if it likes none.

    A wish is met by its very tag, else by whatever is served in its language: who asks for Chinese as written in
    Taiwan, Hong Kong or Beijing reads the Chinese that there is, rather than English.
    """
    for tag, quality in parse_accept_header(accept_language, LanguageAccept):
        for locale in served if quality else ():
            if tag.lower() == locale.lower():
                return locale
        for locale in served if quality else ():
            if _language(tag) == _language(locale):
                return locale
    return SOURCE if SOURCE in served else served[0]


def _language(tag: str) -> str:
    language = tag.lower().replace("_", "-").split("-")[0]
    return ALSO_CALLED.get(language, language)


def written(day: date, locale: str) -> str:
    """*day* as people write it in *locale* (CLDR's long form); in a locale that nobody knows, as in the source."""
    return format_date(day, format="long", locale=_known(locale) or Locale.parse(SOURCE))


def called(locale: str) -> str:
    """What the language of *locale* is called in the source; one that nobody knows goes by its code."""
    known = _known(locale)
    return (known.get_language_name(SOURCE) if known else None) or locale


def _known(locale: str) -> Locale | None:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
