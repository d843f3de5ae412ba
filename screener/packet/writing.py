"""A packet from a study folder to two files: the HTML, and beside it the PDF made from it."""

import tempfile
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from screener import clock
from screener import files
from screener.errors import UserError
from screener.files import NewFile
from screener.packet import chromium
from screener.packet import pictures
from screener.packet.approval_status import standing
from screener.packet.document import Subject
from screener.packet.document import document
from screener.packet.renderer import Stage
from screener.packet.screens import SCREENS
from screener.settings import Settings
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study_checks.sentences import Fault
from screener.web.locales import SOURCE_LOCALE

Step = Callable[[int], None]
#: What a browser does one after the other, for a progress bar: a picture of each screen, then the print.
STEPS = len(SCREENS) + 1
HTML, PDF = ".html", ".pdf"


@dataclass(frozen=True)
class Order:
    """Which packet, of a locale that the study has; where to, and with what."""

    locale: str
    out: Path
    faults: tuple[Fault, ...]
    #: None makes a packet without pictures and without a PDF.
    browser: Path | None

    @property
    def pdf(self) -> Path:
        return self.out.with_suffix(PDF)


@dataclass(frozen=True)
class Written:
    """What was written: the sizes in bytes; 0 where there is no file."""

    html: int
    pdf: int


def write(settings: Settings, order: Order, step: Step) -> Written:
    """Write the packet that was ordered; *step* hears of each thing that is done. Raises *UserError*."""
    if order.out.suffix != HTML:
        raise UserError("The packet is an HTML file, and a PDF beside it: give --out a name that ends in .html.")
    with files.write_errors(order.out, option="--out"), NewFile(order.out) as page:
        subject, pages = _drawn(settings, order)
        if order.browser is None:
            return Written(_publish(page, document(subject, pages, {})), 0)
        with files.write_errors(order.pdf, option="--out"), NewFile(order.pdf) as printed:
            html, pdf = _pictured(subject, pages, order.browser, step)
            return Written(_publish(page, html), _publish(printed, pdf))


def _drawn(settings: Settings, order: Order) -> tuple[Subject, Mapping[str, str]]:
    """What the packet is about, and its pages by the names of the screens."""
    study, at = load_study(settings.study), clock.now()
    spoken = {locale: load_wording(settings.study, study, locale) for locale in locales(settings.study)}
    words = spoken[order.locale]
    subject = Subject(
        settings=settings,
        study=study,
        words=words,
        english=spoken.get(SOURCE_LOCALE, words),
        standing=standing(settings, words, at.date()),
        faults=order.faults,
        at=at,
    )
    stage = Stage(study, words, spoken, at)
    return subject, {screen.name: screen.draw(stage) for screen in SCREENS}


def _pictured(subject: Subject, pages: Mapping[str, str], program: Path, step: Step) -> tuple[bytes, bytes]:
    """The packet with pictures, and its print."""
    with tempfile.TemporaryDirectory(prefix="screener-packet-") as folder, chromium.opened(program) as browser:
        taken = {}
        for name, file in pictures.lay_out(Path(folder), pages).items():
            taken[name] = pictures.taken(browser, file)
            step(1)
        html = document(subject, pages, taken)
        whole = Path(folder, "packet.html")
        whole.write_bytes(html)
        pdf = pictures.printed(browser, whole)
        step(1)
    return html, pdf


def _publish(new: NewFile, content: bytes) -> int:
    new.file.write(content)
    new.sync()
    new.publish()
    return len(content)
