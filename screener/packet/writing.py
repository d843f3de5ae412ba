"""A packet from a study folder to two files: the HTML, and beside it the PDF made from it."""

import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from screener import clock
from screener.landing import Landing
from screener.packet import chromium
from screener.packet import pictures
from screener.packet.chromium import Chromium
from screener.packet.document import Subject
from screener.packet.document import document
from screener.packet.drawing import Stage
from screener.packet.pictures import Picture
from screener.packet.register import standing
from screener.packet.screens import SCREENS
from screener.problems import Problem
from screener.settings import Settings
from screener.study.loader import content_of
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.loader import locales
from screener.study.model import Study
from screener.study.sentences import Fault
from screener.study.wording import Wording

Step = Callable[[int], None]
#: What a browser does one after the other, for a progress bar: a picture of each screen, then the print.
STEPS = len(SCREENS) + 1
HTML, PDF = ".html", ".pdf"


@dataclass(frozen=True)
class Order:
    """Which packet, where to, and with what."""

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
    """Write the packet that was ordered; *step* hears of each thing that is done. Raises *Problem*."""
    if order.out.suffix != HTML:
        raise Problem("The packet is an HTML file, and a PDF beside it: give --out a name that ends in .html.")
    study = load_study(settings.study)
    spoken = {locale: load_wording(settings.study, study, locale) for locale in locales(settings.study)}
    if order.locale not in spoken:
        raise Problem(f"There is no wording for that locale; the study has: {', '.join(spoken)}.")
    with Landing(order.out) as landing:
        if order.browser is None:
            html = _html(settings, order, study, spoken, {})
            return Written(_land(landing, html.encode()), 0)
        with Landing(order.pdf) as printed:
            html, pdf = _pictured(settings, order, study, spoken, step)
            return Written(_land(landing, html.encode()), _land(printed, pdf))


def _pictured(
    settings: Settings, order: Order, study: Study, spoken: Mapping[str, Wording], step: Step
) -> tuple[str, bytes]:
    """The packet with pictures, and its print."""
    with _browser(order) as (browser, folder):
        files = pictures.lay_out(folder, _pages(order, study, spoken))
        taken = {}
        for name, file in files.items():
            taken[name] = pictures.taken(browser, file)
            step(1)
        html = _html(settings, order, study, spoken, taken)
        whole = folder / "packet.html"
        whole.write_text(html, encoding="utf-8")
        pdf = pictures.printed(browser, whole)
        step(1)
    return html, pdf


@contextmanager
def _browser(order: Order) -> Iterator[tuple[Chromium, Path]]:
    if order.browser is None:
        raise Problem("There is no browser to take pictures with.")
    with (
        tempfile.TemporaryDirectory(prefix="screener-packet-") as folder,
        chromium.opened(order.browser) as browser,
    ):
        yield browser, Path(folder)


def _pages(order: Order, study: Study, spoken: Mapping[str, Wording]) -> Mapping[str, str]:
    stage = Stage(study, spoken[order.locale], spoken, clock.now())
    return {screen.name: screen.draw(stage) for screen in SCREENS}


def _html(
    settings: Settings,
    order: Order,
    study: Study,
    spoken: Mapping[str, Wording],
    taken: Mapping[str, tuple[Picture, ...]],
) -> str:
    words, at = spoken[order.locale], clock.now()
    subject = Subject(
        settings=settings,
        study=study,
        words=words,
        english=spoken.get("en", words),
        standing=standing(settings, words, content_of(words, study), at.date()),
        faults=order.faults,
        at=at,
    )
    return document(subject, _pages(order, study, spoken), taken)


def _land(landing: Landing, content: bytes) -> int:
    landing.file.write(content)
    landing.settle()
    landing.land()
    return len(content)
