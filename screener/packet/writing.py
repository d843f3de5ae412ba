"""Write a packet: from a study folder to an HTML file and, with a browser, the PDF of it."""

import tempfile
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from screener import clock
from screener import files
from screener.errors import UserError
from screener.files import AtomicFile
from screener.packet import chromium
from screener.packet import pictures
from screener.packet.approval_status import read_approval_status
from screener.packet.document import PacketSubject
from screener.packet.document import render_packet
from screener.packet.renderer import PageRenderer
from screener.packet.screens import SCREENS
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study_checks.sentences import WordingFault
from screener.web.locales import SOURCE_LOCALE

ProgressCallback = Callable[[int], None]
#: Steps of the progress bar: a picture of each screen, then the PDF.
PROGRESS_STEPS = len(SCREENS) + 1
HTML, PDF = ".html", ".pdf"


@dataclass(frozen=True)
class PacketRequest:
    """Which packet, of a locale that the study has; where to, and with what."""

    locale: str
    out: Path
    faults: tuple[WordingFault, ...]
    #: None makes a packet without pictures and without a PDF.
    browser: Path | None

    @property
    def pdf(self) -> Path:
        return self.out.with_suffix(PDF)


@dataclass(frozen=True)
class PacketSizes:
    """What was written: the sizes in bytes; 0 where there is no file."""

    html: int
    pdf: int


def write_packet(settings: Settings, order: PacketRequest, step: ProgressCallback) -> PacketSizes:
    """Write the packet that was ordered; *step* hears of each thing that is done. Raises *UserError*."""
    if order.out.suffix != HTML:
        raise UserError("The packet is an HTML file, and a PDF beside it: give --out a name that ends in .html.")
    with files.write_errors(order.out, option="--out"), AtomicFile(order.out) as page:
        subject, pages = _drawn(settings, order)
        if order.browser is None:
            return PacketSizes(_publish(page, render_packet(subject, pages, {})), 0)
        with files.write_errors(order.pdf, option="--out"), AtomicFile(order.pdf) as printed:
            html, pdf = _pictured(subject, pages, order.browser, step)
            return PacketSizes(_publish(page, html), _publish(printed, pdf))


def _drawn(settings: Settings, order: PacketRequest) -> tuple[PacketSubject, Mapping[str, str]]:
    """What the packet is about, and its pages by the names of the screens."""
    study, at = load_study(settings.study), clock.now()
    spoken = {locale: load_wording(settings.study, study, locale) for locale in list_locales(settings.study)}
    words = spoken[order.locale]
    subject = PacketSubject(
        settings=settings,
        study=study,
        words=words,
        english=spoken.get(SOURCE_LOCALE, words),
        standing=read_approval_status(settings, words, at.date()),
        faults=order.faults,
        at=at,
    )
    renderer = PageRenderer(study, words, spoken, at)
    return subject, {screen.name: screen.render(renderer) for screen in SCREENS}


def _pictured(
    subject: PacketSubject, pages: Mapping[str, str], program: Path, step: ProgressCallback
) -> tuple[bytes, bytes]:
    """The packet with pictures, and its print."""
    with tempfile.TemporaryDirectory(prefix="screener-packet-") as folder, chromium.open_chromium(program) as browser:
        taken = {}
        for name, file in pictures.write_page_files(Path(folder), pages).items():
            taken[name] = pictures.take_pictures(browser, file)
            step(1)
        html = render_packet(subject, pages, taken)
        whole = Path(folder, "packet.html")
        whole.write_bytes(html)
        pdf = pictures.print_pdf(browser, whole)
        step(1)
    return html, pdf


def _publish(new: AtomicFile, content: bytes) -> int:
    new.file.write(content)
    new.sync()
    new.publish()
    return len(content)
