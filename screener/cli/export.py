"""``screener export`` writes submissions to a file; ``screener verify-export`` checks such a file."""

import sys
from pathlib import Path

import click

from screener.cli.acting import acting_account
from screener.cli.keys import passphrase_of
from screener.cli.keys import staff_keys
from screener.db import connect
from screener.errors import UserError
from screener.export.manifest import ExportManifest
from screener.export.manifest import ProfileName
from screener.export.pipeline import Sink
from screener.export.pipeline import export as run_export
from screener.export.profiles import PROFILES
from screener.export.provenance import find_provenance_fault
from screener.export.request import ExportRequest
from screener.export.source import load_export_source
from screener.export.to_file import FileSink
from screener.export.to_stdout import StdoutSink
from screener.export.verify import FileState
from screener.export.verify import verify_file
from screener.settings import Settings

NOT_PROVEN = 1
NOT_WHOLE = 2
A_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--profile", type=click.Choice([*PROFILES]), required=True, help="Which program will read the file.")
@click.option("--purpose", required=True, metavar="TEXT", help="What the file is for; the audit trail keeps it.")
@click.option("--out", required=True, type=A_FILE, metavar="FILE", help="The file to write, or - for standard output.")
@click.option("--manifest", type=A_FILE, metavar="FILE", help="With --out -: where to write the manifest.")
@acting_account
@click.pass_obj
def export(
    settings: Settings, profile: ProfileName, purpose: str, out: Path, manifest: Path | None, account: str
) -> None:
    """Write every submission, decrypted, to FILE, in order of arrival. An existing file is never replaced.

    Beside FILE come FILE.manifest.json, which "screener verify-export FILE" checks it against, and FILE.codebook.csv,
    which explains its columns and codes. FILE holds personal data in plain text: keep it where only the study team
    can read it.

    With "--out -" the CSV goes to standard output and everything else to standard error. The manifest and codebook are
    written only if --manifest names a place for them: save the output beside it, without the ".manifest.json".
    """
    request = ExportRequest(purpose, account, profile)
    sink = _open_sink(out, manifest)
    source = load_export_source(settings, staff_keys(settings, passphrase=passphrase_of(settings)))
    with click.progressbar(
        length=source.count_submissions(),
        label="Exporting",
        show_pos=True,
        file=sys.stderr,
        update_min_steps=100,
    ) as bar:
        written = run_export(source, request, sink, progress=bar.update)
    to_stdout = isinstance(sink, StdoutSink)
    place = f"standard output (SHA-256 {written.sha256})" if to_stdout else out
    click.echo(f"Wrote {place}: {_count(written.rows)}; {written.erased} erased, which have no row.", err=to_stdout)
    for warning in _list_warnings(written):
        click.echo(warning, err=True)


def _open_sink(out: Path, manifest: Path | None) -> Sink:
    if str(out) == "-":
        return StdoutSink(sys.stdout.buffer, manifest)
    if manifest is not None:
        raise UserError("--manifest goes with --out - only: beside a file, its manifest has a name already.")
    return FileSink(out)


def _count(rows: int) -> str:
    return "1 submission" if rows == 1 else f"{rows} submissions"


def _list_warnings(manifest: ExportManifest) -> list[str]:
    warnings = []
    if manifest.unreadable:
        warnings.append(
            f"Warning: {_count(manifest.unreadable)} could not be opened in full; the column 'unreadable' says which "
            "part. Put the missing key back with 'screener keys restore', then export again."
        )
    if manifest.unlisted:
        warnings.append(
            f"Warning: {_count(manifest.unlisted)} came under a wording that the store does not have; the answers "
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
    result = verify_file(file)
    if result.state is not FileState.WHOLE:
        click.echo(result.sentence)
        context.exit(NOT_WHOLE)
    reason = find_provenance_fault(connect(settings.store, may="read"), result.manifest_sha256)
    click.echo(f"whole, but not proven genuine: {reason}" if reason else "whole and genuine")
    click.echo(_summarize(result.manifest))
    context.exit(NOT_PROVEN if reason else 0)


def _summarize(manifest: ExportManifest) -> str:
    """Return what the manifest says of its file, in one sentence."""
    day = f"{manifest.finished_at:%Y-%m-%d %H:%M} UTC"
    return f"{_count(manifest.rows)}, exported {day} by {manifest.account} for: {manifest.purpose}"
