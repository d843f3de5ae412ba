"""``screener wording packet``: every word of a locale in one file, for the review by an IRB."""

import sys
from pathlib import Path

import click

from screener.cli.wording_check import describe_fault
from screener.cli.wording_check import faults_of
from screener.errors import UserError
from screener.packet import chromium
from screener.packet.writing import STEPS
from screener.packet.writing import Order
from screener.packet.writing import Written
from screener.packet.writing import write
from screener.settings import Settings
from screener.study.loader import locales


@click.command()
@click.option("--locale", required=True, help="Whose words, such as en.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="FILE.html; none is replaced."
)
@click.pass_obj
def packet(settings: Settings, locale: str, out: Path) -> None:
    """Write every screen, notice, error, email and promise of a locale into FILE, and a PDF beside it.

    It is what a site sends to its IRB: one file that needs no other and asks nothing of any machine. It says on every
    page which version of the words it shows, and what changed since the last approval. The pictures and the PDF need
    a Chromium or Chrome; without one the file is written all the same.
    """
    known = locales(settings.study)
    if locale not in known:
        raise UserError(f"There is no wording for that locale; the study has: {', '.join(known)}.")
    browser = chromium.find(settings.chromium)
    order = Order(locale, out, faults_of(settings.study, locale), browser)
    with click.progressbar(length=STEPS if browser else 0, label="Making the packet", file=sys.stderr) as bar:
        written = write(settings, order, bar.update)
    _tell(settings.study, order, written)


def _tell(folder: Path, order: Order, written: Written) -> None:
    click.echo(f"Wrote {order.out} ({_size(written.html)}).")
    if order.browser:
        click.echo(f"Wrote {order.pdf} ({_size(written.pdf)}).")
    else:
        click.echo(
            "There is no Chromium on this machine, so the pictures and the PDF were left out. Install chromium or "
            "google-chrome, or name one with SCREENER_CHROMIUM, and make the packet again under another name."
        )
    if order.faults:
        click.echo(
            f"The check of the words found {len(order.faults)} to mend; the first page of the packet lists them:"
        )
        for fault in order.faults:
            click.echo(describe_fault(folder, order.locale, fault))


def _size(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB"
