"""``screener audit export``: the audit trail as files, for a place outside the store."""

from pathlib import Path

import click

from screener.audit_files import export_trail
from screener.cli.account_option import account_option
from screener.db import connect
from screener.errors import UserError
from screener.settings import Settings


@click.command("export")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER", help="Instead of SCREENER_AUDIT_FOLDER."
)
@account_option
@click.pass_obj
def export_audit_command(settings: Settings, folder: Path | None, account: str) -> None:
    """Write the events since the last export into a new file of FOLDER, and the head beside it.

    The worker does this once a day when SCREENER_AUDIT_FOLDER names a folder. `screener restore --trail` reads the
    files.
    """
    chosen = folder or settings.audit_folder
    if chosen is None:
        raise UserError("Name the folder for the audit trail: --to FOLDER, or the setting SCREENER_AUDIT_FOLDER.")
    done = export_trail(connect(settings.store, may="write"), chosen, actor=account, source="cli")
    click.echo(f"Wrote {done.path}: {done.events} events." if done.path else "Nothing happened since the last export.")
    click.echo(f"head {done.head}")
