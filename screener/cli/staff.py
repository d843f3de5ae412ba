"""``screener staff``: invite people to the desk, list them, help them when they lost something, let them go."""

import click
import sqlalchemy as sa

from screener import clock
from screener.cli.acting import acting_account
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.operations import migrate as schema
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.staff.labels import account_status
from screener.staff.models import COORDINATOR
from screener.staff.models import ROLES


@click.group()
@click.pass_obj
def staff(settings: Settings) -> None:
    """The people who work at the desk."""
    if settings is not None:
        schema.check(settings, schema.STORE)


@staff.command()
@click.option("--name", default="", metavar="NAME", help="As colleagues call this person.")
@click.option("--email", required=True, metavar="ADDRESS", help="The address by which they sign in.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be given several times.")
@click.option("--language", "languages", multiple=True, default=["en"], show_default=True, metavar="CODE")
@click.option("--again", is_flag=True, help="A new link for somebody who is here already, as after a lost password.")
@acting_account
@click.pass_obj
def invite(
    settings: Settings,
    name: str,
    email: str,
    roles: tuple[str, ...],
    languages: tuple[str, ...],
    again: bool,
    account: str,
) -> None:
    """Print a link that lets one person choose a password; it works once, for 72 hours.

    Give it to them yourself: whoever has the link is taken for that person.
    """
    now, by = clock.now(), AuditActor("cli", account)
    address = accounts.parse_email(email)
    with writing(_store(settings)) as connection:
        if again:
            code = invitations.renew_invitation(
                connection, accounts.get_account_by_email(connection, address), by=by, at=now
            )
        else:
            rights = accounts.parse_rights(roles or (COORDINATOR,), languages)
            code = invitations.create_invitation(connection, accounts.parse_name(name), address, rights, by=by, at=now)
    click.echo(f"{settings.desk_address}/invitation/{code}")


@staff.command("list")
@click.pass_obj
def list_staff(settings: Settings) -> None:
    """List everybody: name, address, roles, languages, and what stands in their way."""
    with reading(_store(settings)) as connection:
        everyone = accounts.list_accounts(connection)
    for one in everyone:
        said = [one.name, one.email, one.role_names, one.languages, account_status(one)]
        click.echo("  ".join(said))
    if not everyone:
        click.echo("Nobody yet: screener staff invite --name NAME --email ADDRESS --role administrator")


@staff.command("reset-second-factor")
@click.argument("email")
@acting_account
@click.pass_obj
def reset_second_factor(settings: Settings, email: str, account: str) -> None:
    """Forget the second factor of EMAIL, who lost it; they set up a new one when they sign in next."""
    with writing(_store(settings)) as connection:
        found = accounts.get_account_by_email(connection, email)
        accounts.reset_second_factor(connection, found, by=AuditActor("cli", account), at=clock.now())
    click.echo(f"{found.name} has no second factor now, and is signed out everywhere.")


@staff.command()
@click.argument("email")
@click.option(
    "--give-to", metavar="EMAIL", help="Who takes over their open follow-ups; without it new ones go round again."
)
@acting_account
@click.pass_obj
def disable(settings: Settings, email: str, give_to: str | None, account: str) -> None:
    """Let EMAIL in no more, at once; what they did stays in the audit trail."""
    with writing(_store(settings)) as connection:
        found = accounts.get_account_by_email(connection, email)
        heir = accounts.get_account_by_email(connection, give_to).id if give_to else None
        moved = accounts.disable_account(connection, found, heir=heir, by=AuditActor("cli", account), at=clock.now())
    to = give_to or "nobody: new ones go round again, the others have to be claimed"
    click.echo(f"{found.name} is disabled. {moved} open follow-ups went to {to}.")


def _store(settings: Settings) -> sa.Engine:
    return connect(settings.store, may="write")
