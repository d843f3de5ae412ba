"""``screener export`` writes what people sent into a file; ``screener verify-export`` checks such a file."""

import sys
from pathlib import Path
from typing import Literal

import click

from screener.cli.acting import acting_account
from screener.cli.keys import passphrase_of
from screener.cli.keys import staff_keys
from screener.db import connect
from screener.export.manifest import Manifest
from screener.export.provenance import why_not_genuine
from screener.export.request import Order
from screener.export.request import how_many
from screener.export.request import source_of
from screener.export.to_file import export as write_export
from screener.export.verify import State
from screener.export.verify import hold_against_manifest
from screener.settings import Settings

NOT_PROVEN = 1
NOT_WHOLE = 2
A_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--profile", type=click.Choice(["spreadsheet"]), required=True, help="What will read the file.")
@click.option("--purpose", required=True, metavar="TEXT", help="What the file is for; the audit trail keeps it.")
@click.option("--out", required=True, type=A_FILE, metavar="FILE", help="The file to write; none is replaced.")
@acting_account
@click.pass_obj
def export(settings: Settings, profile: Literal["spreadsheet"], purpose: str, out: Path, account: str) -> None:
    """Write every submission, opened, into FILE, in order of arrival.

    Beside FILE come FILE.manifest.json, which "screener verify-export FILE" holds it against, and FILE.codebook.csv,
    which says what its columns and codes mean. What is in FILE has left our walls: keep it where only the study team
    can read it.
    """
    order = Order(out, purpose, account, profile)
    source = source_of(settings, staff_keys(settings, passphrase=passphrase_of(settings)))
    with click.progressbar(
        length=how_many(source.store),
        label="Exporting",
        show_pos=True,
        file=sys.stderr,
        update_min_steps=100,
    ) as bar:
        manifest = write_export(source, order, step=bar.update)
    click.echo(f"Wrote {out}: {_people(manifest.rows)}; {manifest.erased} erased, which have no row.")
    for warning in _warnings(manifest):
        click.echo(warning, err=True)


def _people(rows: int) -> str:
    return "1 submission" if rows == 1 else f"{rows} submissions"


def _warnings(manifest: Manifest) -> list[str]:
    warnings = []
    if manifest.unreadable:
        warnings.append(
            f"Warning: {_people(manifest.unreadable)} could not be opened in full; the column 'unreadable' says which "
            "part. Put the missing key back with 'screener keys restore', then export again."
        )
    if manifest.unlisted:
        warnings.append(
            f"Warning: {_people(manifest.unlisted)} came under a wording that the store does not have; the answers "
            "without a column are in 'unlisted'."
        )
    return warnings


@click.command("verify-export")
@click.argument("file", type=A_FILE)
@click.pass_context
def verify_export(context: click.Context, file: Path) -> None:
    """Say whether FILE is whole and genuine, or at which row it is not. Row 1 is the names of the columns.

    Needs FILE and FILE.manifest.json; with the store at hand (SCREENER_DATA or SCREENER_DATABASE_URL) it also says
    whether they are the ones that were written.

    \b
    Exit code 0: whole and genuine.
    Exit code 1: whole, but not proven genuine.
    Exit code 2: cut, altered or added to, or not to be checked.
    """
    settings: Settings = context.obj
    finding = hold_against_manifest(file)
    if finding.state is not State.WHOLE:
        click.echo(finding.sentence)
        context.exit(NOT_WHOLE)
    reason = why_not_genuine(connect(settings.store, may="read"), finding.manifest_sha256)
    click.echo(f"whole, but not proven genuine: {reason}" if reason else "whole and genuine")
    click.echo(_told(finding.manifest))
    context.exit(NOT_PROVEN if reason else 0)


def _told(manifest: Manifest) -> str:
    """What the manifest says of its file, in a sentence."""
    day = f"{manifest.finished_at:%Y-%m-%d %H:%M} UTC"
    return f"{_people(manifest.rows)}, exported {day} by {manifest.account} for: {manifest.purpose}"
