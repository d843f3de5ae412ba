"""Commands for the databases: migrate, worker, audit, roles, and the intake status."""

import sys
from collections.abc import Iterator

import click

from screener import audit
from screener import clock
from screener.board import board
from screener.cli.account_option import account_option
from screener.cli.audit_export import export_audit_command
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.deployment.layout import record_layout
from screener.deployment.process_access import WORKER_PROCESS
from screener.deployment.process_access import describe_missing_separation
from screener.deployment.process_access import refuse_excess_access
from screener.errors import UserError
from screener.operations import database_roles
from screener.operations import erasure
from screener.operations import reconcile
from screener.operations.migrate import check_schema
from screener.operations.migrate import migrate_all
from screener.settings import Settings
from screener.submissions import queries
from screener.typed_text import is_single_line
from screener.worker.loop import run_worker

EXIT_CODE_BROKEN = 1
LONGEST_EVENT_NUMBER_DIGITS = 18


@click.command("migrate")
@click.pass_obj
def migrate_command(settings: Settings) -> None:
    """Create or update inbox, board and store. Can be repeated; run it before anything else."""
    for done in migrate_all(settings):
        click.echo(done)
    record_layout(settings)
    if database_roles.shares_one_database(settings):
        click.echo(database_roles.SHARED_DATABASE)


@click.command("worker")
@click.option("--once", is_flag=True, help="Move what is waiting now, then stop.")
@click.pass_obj
def worker_command(settings: Settings, *, once: bool) -> None:
    """Move submissions from the inbox to the store, until stopped."""
    if settings.in_production:
        refuse_excess_access(settings, database_roles.with_rights(WORKER_PROCESS))
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
    if said := "" if once else describe_missing_separation(settings, database_roles.with_rights(WORKER_PROCESS)):
        click.echo(said)
        sys.stdout.flush()
    moved = run_worker(settings, once=once)
    if once:
        click.echo(f"Moved {moved}.")


@click.group("audit")
def audit_group() -> None:
    """Check the audit trail: what was done, by whom and when."""


audit_group.add_command(export_audit_command)


@audit_group.command("verify")
@click.option("--anchor", metavar="SEQ:HASH", help="A head from an earlier check: it must still be there.")
@click.pass_obj
@click.pass_context
def verify_audit_command(context: click.Context, settings: Settings, anchor: str | None) -> None:
    """Check the hash chain of the audit trail, and every stored form against the event that received it.

    Prints the head, SEQ:HASH: write it down elsewhere, and pass it with --anchor. Names forms that differ, are missing
    or were added, and events that are dated before the one they follow. Exit code 0: whole; 1: not.
    """
    expected = _read_anchor(anchor)
    comparison = None
    with reading(connect(settings.store, may="read")) as connection:
        length = audit.count_events(connection) + queries.count_submissions(connection)
        with click.progressbar(length=length, label="Checking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            verdict = audit.verify(connection, anchor=expected, progress=bar.update)
            if verdict.whole:
                comparison = reconcile.compare_store(connection, progress=bar.update)
    for line in _describe_verdict(verdict):
        click.echo(line)
    if comparison is not None:
        click.echo(f"{comparison.summary}.")
        for line in _describe_faults(comparison):
            click.echo(line)
    if comparison is None or comparison.faulty:
        context.exit(EXIT_CODE_BROKEN)


def _describe_verdict(verdict: audit.Verdict) -> Iterator[str]:
    if verdict.whole:
        yield f"whole: {verdict.events} events, head {verdict.events}:{verdict.head}"
    else:
        yield f"not whole: event {verdict.first_bad}: {verdict.why}. Sound up to {verdict.events}:{verdict.head}."
    if verdict.backwards:
        numbers = ", ".join(str(number) for number in verdict.backwards)
        yield f"Times run backwards at event {numbers}: the clock was set back, or the event was dated by hand."


def _describe_faults(comparison: reconcile.StoreComparison) -> Iterator[str]:
    for fault in comparison.faults:
        yield f"The store does not agree with the audit trail: {fault}."
    if comparison.faulty:
        more = comparison.faulty - len(comparison.faults)
        yield (f"And {more} more. " if more else "") + "Compare the store with the last backup."


def _read_anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(number) > LONGEST_EVENT_NUMBER_DIGITS or len(digest) != len(audit.START):
        raise UserError(
            "An anchor is a number, a colon and 64 hexadecimal digits, as `screener audit verify` prints it."
        )
    return int(number), digest.lower()


@click.command("roles")
@click.option("--apply", "applied", is_flag=True, help="Run the statements instead of printing them.")
@click.option("--split", is_flag=True, help="Print how to move one shared database to three, for psql.")
@click.pass_obj
def roles_command(settings: Settings, *, applied: bool, split: bool) -> None:
    """Print the grants of the three PostgreSQL roles, or apply them."""
    if split or not applied:
        click.echo(database_roles.split_script(settings) if split else database_roles.grant_script(), nl=False)
        return
    notes = database_roles.apply_grants(settings)
    click.echo(f"Applied the grants of {database_roles.PUBLIC}, {database_roles.WORKER} and {database_roles.DESK}.")
    for note in notes:
        click.echo(note)


@click.group("intake")
def intake_group() -> None:
    """Show or change the intake status: whether the form takes submissions."""


@intake_group.command("show")
@click.pass_obj
def show_intake_command(settings: Settings) -> None:
    """Print the intake status, since when, and when it was last checked."""
    view = board.read_board(connect(settings.board, may="read"))
    since = ", as it was never set"
    if view.status_since and view.checked_at:
        since = f" since {view.status_since:%Y-%m-%d %H:%M} UTC, last checked {view.checked_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{view.intake_status.replace('_', '-')}{since}")


def _make_status_command(status: board.IntakeStatus, summary: str) -> click.Command:

    @account_option
    @click.option("--reason", required=True, metavar="TEXT", help="One line for the audit trail.")
    @click.pass_obj
    def set_status(settings: Settings, reason: str, account: str) -> None:
        if not is_single_line(reason, erasure.LONGEST_REASON):
            raise UserError(f"Give a reason of one line and at most {erasure.LONGEST_REASON} characters.")
        view = board.read_board(connect(settings.board, may="read"))
        is_unchanged = view.status_since is not None and view.intake_status == status
        action, detail = f"cli:intake:{status}", {"reason": reason}
        if is_unchanged:
            action, detail = "cli:intake:checked", {"status": status, "reason": reason}
        with writing(connect(settings.store, may="write")) as connection:
            audit.record(connection, actor=account, action=action, detail=detail)
        with writing(connect(settings.board, may="write")) as connection:
            changed = board.set_intake_status(connection, status, reason, clock.now())
        name = status.replace("_", "-")
        click.echo(f"The intake status is {name}." if changed else f"The intake status is still {name}; checked now.")

    return click.command(status.replace("_", "-"), help=summary)(set_status)


_STATUSES: tuple[tuple[board.IntakeStatus, str], ...] = (
    ("open", "Accept submissions."),
    ("waitlist", "Accept submissions, under a notice that the study is not enrolling right now."),
    ("paused", "Accept no submissions for now; visitors read a notice."),
    ("closed", "Accept no more submissions; visitors read a notice."),
    ("not_ready", "Not confirmed: accept no submissions (in development: only a banner)."),
)
for _status, _summary in _STATUSES:
    intake_group.add_command(_make_status_command(_status, _summary))
