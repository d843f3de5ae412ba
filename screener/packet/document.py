"""Render the packet as one self-contained HTML file; the wording version stands on every printed page."""

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
from screener.packet.approval_status import ApprovalStatus
from screener.packet.emails import list_example_emails
from screener.packet.page_text import PageText
from screener.packet.page_text import extract_page_text
from screener.packet.pictures import ScreenPicture
from screener.packet.screens import SCREENS
from screener.packet.screens import PacketScreen
from screener.settings import Settings
from screener.study.model import Study
from screener.study.wording import Wording
from screener.study_checks.sentences import WordingFault
from screener.web.app import create_template_environment
from screener.web.locales import SOURCE_LOCALE
from screener.web.locales import format_long_date

STYLE = Path(__file__).with_name("packet.css")
#: Digits of the version that stand on every page.
VERSION_DIGITS = 12
PRINT_PAGE_STYLE = """
@page {{
  @bottom-left {{ content: "Screener packet: {locale}, version {version}"; letter-spacing: .02em; }}
  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); }}
}}
"""
#: What the browser may do with the file: show it, with the pictures and the style that are in it.
CONTENT_SECURITY_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class PacketSubject:
    """The wording that a packet shows, with its study, its approvals and its faults."""

    settings: Settings
    study: Study
    words: Wording
    english: Wording
    standing: ApprovalStatus
    faults: Sequence[WordingFault]
    at: datetime


@dataclass(frozen=True)
class RenderedScreen:
    """One screen as the packet shows it."""

    number: int
    screen: PacketScreen
    text: PageText
    pictures: Sequence[ScreenPicture]


def render_packet(
    subject: PacketSubject, pages: Mapping[str, str], pictures: Mapping[str, Sequence[ScreenPicture]]
) -> bytes:
    """The packet of *subject*, with its *pages* and the *pictures* of them, both by the names of the screens."""
    study, words = subject.study, subject.words
    screens = [
        RenderedScreen(number, screen, extract_page_text(pages[screen.name]), pictures.get(screen.name, ()))
        for number, screen in enumerate(SCREENS, start=1)
    ]
    translated = words.locale != SOURCE_LOCALE
    html = _template().render(
        subject=subject,
        study=study,
        w=words,
        standing=subject.standing,
        version=words.version,
        short=words.version[:VERSION_DIGITS],
        policy=CONTENT_SECURITY_POLICY,
        style=_style(words),
        release=__version__,
        made=f"{format_long_date(subject.at.date(), SOURCE_LOCALE)}, {subject.at:%H:%M} UTC",
        placeholders=study.placeholders(),
        screens=screens,
        frame=screens[0].text,
        fields=tables.list_field_rows(study, words),
        modules=tables.list_module_rows(study),
        errors=tables.list_error_rows(words),
        interface=tables.list_interface_rows(words),
        keeping=tables.list_retention_rows(subject.settings.study, study, words),
        emails=list_example_emails(subject.settings, words, subject.at),
        beside=tables.list_translation_rows(subject.english, words) if translated else (),
        pictured=bool(pictures),
    )
    return html.encode()


def _style(words: Wording) -> Markup:
    """The style sheet as a ``style`` element: the file loads nothing."""
    page = PRINT_PAGE_STYLE.format(locale=words.locale, version=words.version[:VERSION_DIGITS])
    return Markup("<style>{}</style>").format(Markup(STYLE.read_text(encoding="utf-8") + page))  # noqa: S704 - a file of ours


@cache
def _template() -> jinja2.Template:
    return create_template_environment().get_template("packet/packet.html")
