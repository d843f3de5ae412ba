"""``screener retention``: what is to be erased by age, and the person's word that lets it go on."""

from datetime import datetime

import click
import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.cli.account_option import account_option
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.retention import schedule
from screener.retention import stops
from screener.retention.models import ErasureStop
from screener.retention.models import StopKind
from screener.settings import Settings
from screener.submissions.reference import parse_reference

#: Forms that are listed one by one unless all are asked for.
LISTED_FORMS = 50


@click.group("retention", invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Say what would be erased and when, and change nothing: as `show`.")
@click.pass_context
def retention_group(context: click.Context, *, dry_run: bool) -> None:
    """Show what is to be erased by age, or confirm that erasing goes on."""
    if context.invoked_subcommand is not None:
        return
    if dry_run:
        context.invoke(show_command, listed_all=True)
    else:
        click.echo(context.get_help())


@retention_group.command("show")
@click.option("--all", "listed_all", is_flag=True, help=f"List every form, not the first {LISTED_FORMS}.")
@click.pass_obj
def show_command(settings: Settings, *, listed_all: bool) -> None:
    """Say what is to be erased by age, when, and whether something stops it. Changes nothing."""
    now = clock.now()
    with reading(connect(settings.store, may="read")) as connection:
        open_stops = stops.list_open_stops(connection)
        planned = schedule.list_planned(connection, at=now)
        unapproved = schedule.count_unapproved(connection)
        unannounced = schedule.count_unannounced(connection, at=now)
        limit = stops.read_daily_limit(connection)
    click.echo(f"The clock of this machine says {_when(now)}.")
    for stop in open_stops:
        click.echo(f"Erasing is stopped since {_when(stop.raised_at)}: {_describe(stop)}")
    if open_stops:
        click.echo("Check the clock and this list, then run `screener retention confirm`.")
    undecided = sum(one.is_undecided for one in planned)
    click.echo(
        f"To be erased by age: {len(planned)} announced, {undecided} of them wait for a decision; "
        f"{unannounced} to be announced. At most {limit} a day without a confirmation."
    )
    if unapproved:
        click.echo(
            f"{unapproved} forms came by a wording that has no recorded approval: they are not erased by age, "
            "whatever the study file says."
        )
    for one in planned if listed_all else planned[:LISTED_FORMS]:
        click.echo(f"{one.erase_at:%Y-%m-%d}  {one.reference}  {_decision(one)}")
    if len(planned) > LISTED_FORMS and not listed_all:
        click.echo(f"… and {len(planned) - LISTED_FORMS} more; --all lists them.")


@retention_group.command("confirm")
@click.argument("references", nargs=-1, metavar="[REFERENCE]...")
@account_option
@click.pass_obj
def confirm_command(settings: Settings, references: tuple[str, ...], account: str) -> None:
    """Confirm the clock and the list, so that erasing goes on.

    With a REFERENCE: that this form may be erased on its date, although there was no contact attempt or there is an
    appointment ahead.
    """
    now = clock.now()
    called = [parse_reference(reference) for reference in references]
    with writing(connect(settings.store, may="write")) as connection:
        if called:
            _release(connection, called, account=account, now=now)
            ended: list[ErasureStop] = []
        else:
            ended = list(stops.confirm_stops(connection, actor=account, at=now))
    for reference in called:
        click.echo(f"{reference} is erased on its date, unless someone works on it.")
    for stop in ended:
        click.echo(f"Confirmed: {_describe(stop)}")
    if ended:
        click.echo(f"Erasing goes on. The clock of this machine says {_when(now)}.")
    elif not called:
        click.echo("Erasing is not stopped; there is nothing to confirm.")


def _release(connection: sa.Connection, references: list[str], *, account: str, now: datetime) -> None:
    """Release all of *references*, or none. Raises *UserError* for one that does not wait for a decision."""
    for reference in references:
        if not schedule.release_erasure(connection, reference, by=account, at=now):
            raise UserError(
                f"{reference} does not wait for a decision, so nothing was changed; "
                "`screener retention show` lists those that do."
            )
        audit.record(connection, actor=account, action="cli:retention:released", subject=reference, at=now)


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _describe(stop: ErasureStop) -> str:
    """What stopped erasing, with the numbers that a person compares."""
    sentence = stops.STOP_SENTENCES[StopKind(stop.kind)]
    if stop.reference_at is not None:
        return f"{sentence} It said {_when(stop.raised_at)}, and was compared with {_when(stop.reference_at)}."
    return f"{sentence} Number of forms: {stop.number}."


def _decision(one: schedule.PlannedErasure) -> str:
    if one.is_undecided:
        why = "no contact attempt" if one.is_untried else f"appointment on {one.appointment_at:%Y-%m-%d}"
        return f"waits for a decision: {why}"
    return "erased on this date, as decided" if one.released_by else "erased on this date"
