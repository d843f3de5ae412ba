"""Commands for whole archives: backup, restore with its drill, and the recovery key."""

import os
import sys
from pathlib import Path

import click

from screener import audit
from screener import clock
from screener.cli.account_option import account_option
from screener.cli.passphrase import UNPROTECTED_WARNING
from screener.cli.passphrase import read_passphrase
from screener.db import connect
from screener.db import writing
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.operations import archive_file
from screener.operations import backup
from screener.operations.drill import drill_archive
from screener.operations.restore import RestoreRequest
from screener.operations.restore import restore_backup
from screener.sealing import archive_keys
from screener.sealing.archive import ArchiveKey
from screener.settings import Settings

FILE_PATH = click.Path(path_type=Path)


@click.command("backup")
@click.option("--out", required=True, type=FILE_PATH, metavar="FILE", help="The archive to write; no file is replaced.")
@account_option
@click.pass_obj
def backup_command(settings: Settings, out: Path, account: str) -> None:
    """Back up inbox, board, store, keys and study to one archive, sealed as a whole.

    It opens with the passphrase of the private keys, or with the recovery key (`screener keys recovery`).
    """
    passphrase = read_passphrase(settings)
    counts = backup.count_rows(settings)
    with click.progressbar(length=sum(counts.values()), label="Backing up", file=sys.stderr) as bar:
        made = backup.write_backup_archive(settings, out, account=account, passphrase=passphrase, step=bar.update)
    if passphrase is None:
        click.echo(UNPROTECTED_WARNING, err=True)
    rows = made.rows
    click.echo(f"Wrote {out}: {rows['store.submission']} submissions in the store, {rows['inbox.inbox']} in the inbox.")
    click.echo(f"It is signed with the site key {made.site_key[:16]}.")
    if made.recovery_key_id:
        click.echo(f"The passphrase opens it, and the recovery key {made.recovery_key_id}.")
    elif passphrase is not None:
        click.echo(
            "Only the passphrase opens it. Make a recovery key for the day on which the passphrase is lost: `screener "
            "keys recovery --out FILE`."
        )


@click.command("restore")
@click.argument("file", type=FILE_PATH)
@click.option(
    "--trail",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE",
    help="A file or folder of `screener audit export`: erase, stop and disable again what was so since; repeatable.",
)
@click.option("--recovery-key", type=FILE_PATH, metavar="FILE", help="Open it with this key instead of the passphrase.")
@click.option("--drill", is_flag=True, help="Only try it, in an empty folder that goes away again; record the drill.")
@account_option
@click.pass_obj
def restore_command(
    settings: Settings, file: Path, trail: tuple[Path, ...], recovery_key: Path | None, drill: bool, account: str
) -> None:
    """Restore an archive into an empty deployment.

    All of FILE is checked before anything is written; at the end the audit trail is verified, every session and open
    invitation is ended, and the keys open what was sealed before. With --recovery-key the private keys get the
    passphrase that is set now.
    """
    length = archive_file.measure_archive(file)
    request = RestoreRequest(file, account, *_read_key(settings, file, recovery_key, drill=drill), trail=trail)
    run = drill_archive if drill else restore_backup
    with click.progressbar(length=length, label="Checking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        report = run(settings, request, step=bar.update)
    if drill:
        click.echo(
            f"The archive of {report.made_at} restores: {report.submissions} submissions, the audit trail is whole, "
            "and its keys open what was sealed before. Nothing of this deployment was changed; the drill is recorded."
        )
        return
    click.echo(
        f"Restored {report.submissions} submissions, the audit trail is whole, and the keys open what was sealed "
        "before."
    )
    for sentence in report.sentences:
        click.echo(sentence)


def _read_key(settings: Settings, file: Path, recovery: Path | None, *, drill: bool) -> tuple[ArchiveKey, bytes | None]:
    """What opens the archive, and the passphrase of the restored keys. Raises *UserError*."""
    site = archive_keys.read_site_key(settings.private_keys) if drill else None
    if recovery is not None:
        key = ArchiveKey(recovery=archive_keys.read_recovery_key(recovery))
        # A drill's keys go away with its folder.
        return key, os.urandom(16).hex().encode() if drill else read_passphrase(settings, new=True)
    if settings.key_passphrase or not archive_file.needs_passphrase(file):
        given = os.fsencode(settings.key_passphrase.get_secret_value()) if settings.key_passphrase else None
        return ArchiveKey(passphrase=given, site=site), given
    if not sys.stdin.isatty():
        raise UserError(
            f"{file} is protected by a passphrase: set SCREENER_KEY_PASSPHRASE_FILE to the one that was in use when it "
            "was made, or open it with the recovery key (--recovery-key FILE). If both are lost, nothing opens this "
            "archive."
        )
    asked: str = click.prompt("Passphrase of the archive", hide_input=True, err=True)
    return ArchiveKey(passphrase=asked.encode(), site=site), asked.encode()


@click.command("recovery")
@click.option("--out", required=True, type=FILE_PATH, metavar="FILE", help="Where the private part goes; a new file.")
@account_option
@click.pass_obj
def recovery_command(settings: Settings, out: Path, account: str) -> None:
    """Make the recovery key: it opens archives when the passphrase is lost, and no submission by itself.

    Every archive that is made from now on is sealed to it too. Run it again to replace a key that was lost or seen.
    """
    signer = archive_keys.load_signing_key(settings.private_keys, passphrase=read_passphrase(settings), at=clock.now())
    made = archive_keys.create_recovery_key(settings.public_keys, out, site=signer.public, at=clock.now())
    try:
        with writing(connect(settings.store, may="write")) as connection:
            audit.record(connection, actor=account, action="cli:recovery:created", subject=made.key_id)
    except UnavailableError:
        click.echo("The store is not there yet, so this is not in the audit trail: run 'screener migrate'.")
    click.echo(
        f"Made the recovery key {made.key_id}. Its private part is {out}: a short text without a passphrase.\n"
        "1. Copy it to a memory stick, print it on paper too, and put the two into two locked places away from this "
        "machine and from the backups.\n"
        "2. Compare the copies, then delete the file here. Whoever has it and an archive can read everything.\n"
        "3. Make a new archive: `screener backup`. Archives from before do not open with it.\n"
        "4. Once a year try both: `screener restore ARCHIVE --drill --recovery-key FILE`. Study leads and "
        "administrators get an email when it is due."
    )
