"""``screener wording packet``: every text of a locale in one file, for the review by an IRB."""

import sys
from pathlib import Path

import click

from screener.cli.wording_check import find_wording_faults
from screener.cli.wording_check import format_fault
from screener.errors import UserError
from screener.packet import chromium
from screener.packet.writing import PROGRESS_STEPS
from screener.packet.writing import PacketRequest
from screener.packet.writing import PacketSizes
from screener.packet.writing import write_packet
from screener.settings import Settings
from screener.study.loader import list_locales


@click.command("packet")
@click.option("--locale", required=True, help="The locale, such as en.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="FILE.html; no file is replaced."
)
@click.pass_obj
def packet_command(settings: Settings, locale: str, out: Path) -> None:
    """Write every screen, notice, error message, email and promise of a locale to FILE, and a PDF beside it.

    This is what a site sends to its IRB: one file that needs no other file and no network. Every page shows the version
    of the words, and what changed since the last approval. The pictures and the PDF need Chromium or Chrome; without
    it, the file is written all the same.
    """
    known = list_locales(settings.study)
    if locale not in known:
        raise UserError(f"There is no wording for that locale; the study has: {', '.join(known)}.")
    browser = chromium.find_chromium(settings.chromium)
    order = PacketRequest(locale, out, find_wording_faults(settings.study, locale), browser)
    with click.progressbar(length=PROGRESS_STEPS if browser else 0, label="Making the packet", file=sys.stderr) as bar:
        written = write_packet(settings, order, bar.update)
    _print_result(settings.study, order, written)


def _print_result(folder: Path, order: PacketRequest, written: PacketSizes) -> None:
    click.echo(f"Wrote {order.out} ({_size(written.html)}).")
    if order.browser:
        click.echo(f"Wrote {order.pdf} ({_size(written.pdf)}).")
    else:
        click.echo(
            "There is no Chromium on this machine, so the pictures and the PDF were left out. Install chromium or "
            "google-chrome, or name one with SCREENER_CHROMIUM, and make the packet again under another name."
        )
    if order.faults:
        click.echo(f"The check of the words found this many faults: {len(order.faults)}.")
        click.echo("The first page of the packet lists them:")
        for fault in order.faults:
            click.echo(format_fault(folder, order.locale, fault))


def _size(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB"
