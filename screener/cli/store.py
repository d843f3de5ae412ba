"""The commands about where submissions are kept: tables, worker, audit, erasure, roles, backups, intake status."""

import sys
from pathlib import Path

import click

from screener import audit as trail
from screener import clock
from screener.board import board
from screener.cli.acting import acting_account
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.operations import backup as backups
from screener.operations import database_roles as grants
from screener.operations import erasure
from screener.operations import reconcile as tally
from screener.operations import restore as restoring
from screener.operations.migrate import check_schema
from screener.operations.migrate import migrate_all
from screener.settings import Settings
from screener.worker.loop import run_worker

A_FILE = click.Path(path_type=Path)
BROKEN = 1
#: Digits of an event's number.
LONGEST_NUMBER = 18


@click.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Make or update inbox, board and store. Repeatable; run it before anything else."""
    for done in migrate_all(settings):
        click.echo(done)


@click.command()
@click.option("--once", is_flag=True, help="Move what waits now, then end.")
@click.pass_obj
def worker(settings: Settings, *, once: bool) -> None:
    """Move submissions from the inbox to the store, until told to stop."""
    check_schema(settings)
    if not settings.smtp_url.get_secret_value():
        if settings.in_production:
            raise UserError(
                "Set SCREENER_SMTP_URL: in production coordinators are told of new forms by email from a mail server."
            )
        if not once:
            click.echo(
                f"No mail server (SCREENER_SMTP_URL) is set: emails to staff are files in {settings.email_folder}."
            )
            sys.stdout.flush()
    moved = run_worker(settings, once=once)
    if once:
        click.echo(f"Moved {moved}.")


@click.group()
def audit() -> None:
    """The trail of what was done, by whom and when."""


@audit.command("verify")
@click.option("--anchor", metavar="SEQ:HASH", help="A head that was noted earlier: it must still be there.")
@click.pass_obj
@click.pass_context
def audit_verify(context: click.Context, settings: Settings, anchor: str | None) -> None:
    """Check the chain of the audit trail, and that the store holds the submissions that it tells of.

    Prints the head, SEQ:HASH; note it somewhere else and give it back with --anchor. Exit code 0: whole; 1: not.
    """
    with reading(connect(settings.store, may="read")) as connection:
        verdict = trail.verify(connection, anchor=_anchor(anchor))
        astray = tally.find_first_mismatch(connection) if verdict.whole else ""
    if not verdict.whole:
        click.echo(f"not whole: event {verdict.first_bad}: {verdict.why}. Sound up to {verdict.events}:{verdict.head}.")
        context.exit(BROKEN)
    click.echo(f"whole: {verdict.events} events, head {verdict.events}:{verdict.head}")
    if astray:
        click.echo(f"The store does not agree with the trail: {astray}. Compare it with the last backup.")
        context.exit(BROKEN)


def _anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(number) > LONGEST_NUMBER or len(digest) != len(trail.START):
        raise UserError(
            "An anchor is a number, a colon and 64 hexadecimal digits, as `screener audit verify` prints it."
        )
    return int(number), digest.lower()


@click.command()
@click.argument("reference")
@click.option(
    "--reason",
    required=True,
    metavar="TEXT",
    help='One line for the audit trail, as "on request" or "sent in by someone under 18"; no health details.',
)
@acting_account
@click.pass_obj
def erase(settings: Settings, reference: str, reason: str, account: str) -> None:
    """Erase the submission that people call REFERENCE."""
    gone = erasure.erase_by_reference(settings, reference, reason=reason, actor=account)
    click.echo(f"Erased {reference.upper()}. Backups keep it until they are deleted.")
    if not gone:
        click.echo("Somebody reads its database, so sealed bytes may lie in the files; the worker clears them hourly.")


@click.command()
@click.option("--apply", "applied", is_flag=True, help="Run the statements instead of printing them.")
@click.pass_obj
def roles(settings: Settings, *, applied: bool) -> None:
    """Print the grants of the three PostgreSQL roles, or apply them."""
    if not applied:
        click.echo(grants.grant_script(), nl=False)
        return
    grants.apply_grants(settings)
    click.echo(f"Applied the grants of {grants.PUBLIC}, {grants.WORKER} and {grants.DESK}.")


@click.command()
@click.option("--out", required=True, type=A_FILE, metavar="FILE", help="The archive to write; none is replaced.")
@acting_account
@click.pass_obj
def backup(settings: Settings, out: Path, account: str) -> None:
    """Write everything into one archive: inbox, board, store, keys and study.

    Private keys are in it as they are on disk: protected by their passphrase, or not at all in development.
    """
    counts = backups.count_rows(settings)
    with click.progressbar(length=sum(counts.values()), label="Backing up", file=sys.stderr) as bar:
        rows = backups.write_backup_archive(settings, out, account=account, step=bar.update)
    click.echo(f"Wrote {out}: {rows['store.submission']} submissions kept, {rows['inbox.inbox']} waiting.")


@click.command()
@click.argument("file", type=A_FILE)
@acting_account
@click.pass_obj
def restore(settings: Settings, file: Path, account: str) -> None:
    """Bring back everything from an archive, into a deployment that is empty.

    FILE is checked whole before anything is written; afterwards the audit trail and the counts are.
    """
    with click.progressbar(length=restoring.count_archived_rows(file), label="Restoring", file=sys.stderr) as bar:
        told = restoring.restore_backup(settings, file, account=account, step=bar.update)
    click.echo(told)


@click.group()
def intake() -> None:
    """What the site says about taking forms, the same for everybody."""


@intake.command("show")
@click.pass_obj
def show_intake(settings: Settings) -> None:
    """Say what the intake status is, since when, and when somebody last checked it."""
    view = board.read_board(connect(settings.board, may="read"))
    since = ", as it was never set"
    if view.status_since and view.checked_at:
        since = f" since {view.status_since:%Y-%m-%d %H:%M} UTC, last checked {view.checked_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{view.intake_status.replace('_', '-')}{since}")


def _sets(status: board.IntakeStatus, tells: str) -> click.Command:
    """The command that sets *status*; its help says what *tells* a participant."""

    @acting_account
    @click.option("--reason", required=True, metavar="TEXT", help="One line for the audit trail.")
    @click.pass_obj
    def set_status(settings: Settings, reason: str, account: str) -> None:
        if not reason.strip() or len(reason) > erasure.LONGEST_REASON or not reason.isprintable():
            raise UserError(f"Give a reason of one line and at most {erasure.LONGEST_REASON} characters.")
        view = board.read_board(connect(settings.board, may="read"))
        again = view.status_since is not None and view.intake_status == status
        action, detail = f"cli:intake:{status}", {"reason": reason}
        if again:
            action, detail = "cli:intake:checked", {"status": status, "reason": reason}
        with writing(connect(settings.store, may="write")) as connection:
            trail.record(connection, actor=account, action=action, detail=detail)
        with writing(connect(settings.board, may="write")) as connection:
            changed = board.set_intake_status(connection, status, reason, clock.now())
        name = status.replace("_", "-")
        click.echo(f"The intake status is {name}." if changed else f"The intake status is still {name}; checked now.")

    return click.command(status.replace("_", "-"), help=tells)(set_status)


_STATUSES: tuple[tuple[board.IntakeStatus, str], ...] = (
    ("open", "Take forms."),
    ("waitlist", "Take forms, under a notice that the study takes no new people right now."),
    ("paused", "Take no forms for now; people read a notice."),
    ("closed", "Take no forms any more; people read a notice."),
    ("not_ready", "Not confirmed: take no forms (in development: only a banner)."),
)
for _status, _tells in _STATUSES:
    intake.add_command(_sets(_status, _tells))
