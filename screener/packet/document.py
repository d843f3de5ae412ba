"""The packet as one HTML file: it asks nothing of any machine, and its version stands on every page of its print."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from screener import __version__
from screener.packet import tables
from screener.packet.approval_status import Standing
from screener.packet.emails import list_example_emails
from screener.packet.page_text import Said
from screener.packet.page_text import said
from screener.packet.pictures import Picture
from screener.packet.screens import SCREENS
from screener.packet.screens import Screen
from screener.settings import Settings
from screener.study.model import Study
from screener.study.wording import Wording
from screener.study_checks.sentences import Fault
from screener.web.app import create_template_environment
from screener.web.locales import SOURCE_LOCALE
from screener.web.locales import format_long_date

STYLE = Path(__file__).with_name("packet.css")
#: Digits of the version that stand on every page.
SHORT = 12
PAGE = """
@page {{
  @bottom-left {{ content: "Screener packet: {locale}, version {version}"; letter-spacing: .02em; }}
  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); }}
}}
"""
#: What the browser may do with the file: show it, with the pictures and the style that are in it.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Subject:
    """What a packet is about: one wording, and all that is known of it."""

    settings: Settings
    study: Study
    words: Wording
    english: Wording
    standing: Standing
    faults: Sequence[Fault]
    at: datetime


@dataclass(frozen=True)
class Drawn:
    """One screen as the packet shows it."""

    number: int
    screen: Screen
    said: Said
    pictures: Sequence[Picture]


def document(subject: Subject, pages: Mapping[str, str], pictures: Mapping[str, Sequence[Picture]]) -> bytes:
    """The packet of *subject*, with its *pages* and the *pictures* of them, both by the names of the screens."""
    study, words = subject.study, subject.words
    screens = [
        Drawn(number, screen, said(pages[screen.name]), pictures.get(screen.name, ()))
        for number, screen in enumerate(SCREENS, start=1)
    ]
    translated = words.locale != SOURCE_LOCALE
    html = _template().render(
        subject=subject,
        study=study,
        w=words,
        standing=subject.standing,
        version=words.version,
        short=words.version[:SHORT],
        policy=POLICY,
        style=_style(words),
        release=__version__,
        made=f"{format_long_date(subject.at.date(), SOURCE_LOCALE)}, {subject.at:%H:%M} UTC",
        placeholders=study.placeholders(),
        screens=screens,
        frame=screens[0].said,
        fields=tables.fields(study, words),
        modules=tables.modules(study),
        errors=tables.errors(words),
        interface=tables.interface(words),
        keeping=tables.keeping(subject.settings.study, study, words),
        emails=list_example_emails(subject.settings, words, subject.at),
        beside=tables.beside(subject.english, words) if translated else (),
        pictured=bool(pictures),
    )
    return html.encode()


def _style(words: Wording) -> Markup:
    """Our own style, in the file itself: there is no other place from which a packet could have it."""
    page = PAGE.format(locale=words.locale, version=words.version[:SHORT])
    return Markup("<style>{}</style>").format(Markup(STYLE.read_text(encoding="utf-8") + page))  # noqa: S704 - a file of ours


@cache
def _template() -> jinja2.Template:
    return create_template_environment().get_template("packet/packet.html")
