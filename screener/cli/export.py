"""``screener export`` writes submissions to a file; ``screener verify-export`` checks such a file."""

import sys
from pathlib import Path

import click

from screener.cli.account_option import account_option
from screener.cli.passphrase import load_staff_keys
from screener.cli.passphrase import read_passphrase
from screener.cli.second_factor import require_second_factor
from screener.db import connect
from screener.errors import UserError
from screener.export.manifest import ExportManifest
from screener.export.manifest import ProfileName
from screener.export.pipeline import Sink
from screener.export.pipeline import export
from screener.export.profiles import PROFILES
from screener.export.provenance import find_provenance_fault
from screener.export.request import ExportRequest
from screener.export.source import load_export_source
from screener.export.to_file import FileSink
from screener.export.to_stdout import StdoutSink
from screener.export.verify import FileState
from screener.export.verify import verify_file
from screener.settings import Settings
from screener.staff.roles import EXPORT

EXIT_CODE_NOT_PROVEN, EXIT_CODE_NOT_WHOLE = 1, 2
FILE_PATH = click.Path(path_type=Path)


@click.command("export")
@click.option("--profile", type=click.Choice([*PROFILES]), required=True, help="Which program will read the file.")
@click.option("--purpose", required=True, metavar="TEXT", help="What the file is for; the audit trail keeps it.")
@click.option(
    "--out", required=True, type=FILE_PATH, metavar="FILE", help="The file to write, or - for standard output."
)
@click.option("--manifest", type=FILE_PATH, metavar="FILE", help="With --out -: where to write the manifest.")
@account_option
@click.pass_obj
def export_command(
    settings: Settings, profile: ProfileName, purpose: str, out: Path, manifest: Path | None, account: str
) -> None:
    """Write every submission, decrypted, to FILE, in order of arrival. An existing file is never replaced.

    Beside FILE come FILE.manifest.json, which "screener verify-export FILE" checks it against, and FILE.codebook.csv,
    which explains its columns and codes. FILE holds personal data in plain text: keep it where only the study team
    can read it.

    With "--out -" the CSV goes to standard output and everything else to standard error. The manifest and codebook are
    written only if --manifest names a place for them: save the output beside it, without the ".manifest.json".
    """
    require_second_factor(settings, account, EXPORT)
    request = ExportRequest(purpose, account, profile)
    sink = _open_sink(out, manifest)
    source = load_export_source(settings, load_staff_keys(settings, passphrase=read_passphrase(settings)))
    with click.progressbar(
        length=source.count_submissions(),
        label="Exporting",
        show_pos=True,
        file=sys.stderr,
        update_min_steps=100,
    ) as bar:
        written = export(source, request, sink, progress=bar.update)
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
    proofs = manifest.proofs
    if proofs and proofs.does_not_fit:
        warnings.append(
            f"Warning: {_count(proofs.does_not_fit)} did not match what was sent. The column 'unreadable' says which "
            "part was left out, and the audit trail says which forms: compare them with a backup."
        )
    if proofs and proofs.cannot_be_checked:
        warnings.append(
            f"Warning: {_count(proofs.cannot_be_checked)} could not be checked for changes: a form key is missing. Put "
            "it back with 'screener keys restore', then export again."
        )
    if unopened := manifest.unreadable - (proofs.does_not_fit if proofs else 0):
        warnings.append(
            f"Warning: {_count(unopened)} could not be opened in full; the column 'unreadable' says which "
            "part. Put the missing key back with 'screener keys restore', then export again."
        )
    if manifest.unlisted:
        warnings.append(
            f"Warning: {_count(manifest.unlisted)} came under a wording that the store does not have; the answers "
            "without a column are in 'unlisted'."
        )
    return warnings


@click.command("verify-export")
@click.argument("file", type=FILE_PATH)
@click.pass_context
def verify_export_command(context: click.Context, file: Path) -> None:
    """Check that FILE is whole and genuine, or print the row where it is not. Row 1 is the names of the columns.

    Needs FILE and FILE.manifest.json; with access to the store (SCREENER_DATA or SCREENER_DATABASE_URL) it also checks
    that this deployment wrote them.

    \b
    Exit code 0: whole and genuine.
    Exit code 1: whole, but not proven genuine.
    Exit code 2: cut, altered or added to, or impossible to check.
    """
    settings: Settings = context.obj
    result = verify_file(file)
    if result.state is not FileState.WHOLE:
        click.echo(result.sentence)
        context.exit(EXIT_CODE_NOT_WHOLE)
    reason = find_provenance_fault(
        connect(settings.store, may="read"), result.manifest_sha256, result.manifest.audit_head
    )
    click.echo(f"whole, but not proven genuine: {reason}" if reason else "whole and genuine")
    click.echo(_summarize(result.manifest))
    context.exit(EXIT_CODE_NOT_PROVEN if reason else 0)


def _summarize(manifest: ExportManifest) -> str:
    """Return what the manifest says of its file, in one sentence."""
    day = f"{manifest.finished_at:%Y-%m-%d %H:%M} UTC"
    return f"{_count(manifest.rows)}, exported {day} by {manifest.account} for: {manifest.purpose}"
