"""Choose the locale of a visitor by the browser's preference, and format dates in it.

A locale is served when the study folder has its wording, so there is no list of languages here to keep in step. The
choice is made once, at ``/``; after that the address says the locale, and no visitor is moved to another language.
"""

from collections.abc import Sequence
from datetime import date

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

#: The locale that the others are translated from.
SOURCE_LOCALE = "en"
#: Older names that browsers still send for a language of ours (BCP 47: ``tl`` is Tagalog).
LOCALE_ALIASES = {"tl": "fil"}


def best_locale(accept_language: str, served: Sequence[str]) -> str:
    """The served locale that *accept_language* (the browser's header) prefers; the source locale if it prefers none.

    A preference is met by its exact tag, or else by a locale of the same language: a visitor who asks for Chinese as
    written in Taiwan, Hong Kong or Beijing reads the Chinese that is served, rather than English.
    """
    for tag, quality in parse_accept_header(accept_language, LanguageAccept):
        for locale in served if quality else ():
            if tag.lower() == locale.lower():
                return locale
        for locale in served if quality else ():
            if _language(tag) == _language(locale):
                return locale
    return SOURCE_LOCALE if SOURCE_LOCALE in served else served[0]


def _language(tag: str) -> str:
    language = tag.lower().replace("_", "-").split("-")[0]
    return LOCALE_ALIASES.get(language, language)


def format_long_date(day: date, locale: str) -> str:
    """*day* in the long date format of *locale* (CLDR); an unknown locale is formatted as the source locale."""
    return format_date(day, format="long", locale=_parse_locale(locale) or Locale.parse(SOURCE_LOCALE))


def language_name(locale: str) -> str:
    """The name of *locale*'s language in the source locale; the code itself when it is unknown."""
    known = _parse_locale(locale)
    return (known.get_language_name(SOURCE_LOCALE) if known else None) or locale


def _parse_locale(locale: str) -> Locale | None:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
