"""``screener staff``: invite staff to the desk, list them, reset their sign-in, disable them."""

import click
import sqlalchemy as sa

from screener import clock
from screener.auth import access_changes
from screener.auth import access_requests
from screener.cli.account_option import account_option
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.operations import migrate
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.staff.labels import account_status
from screener.staff.models import Role

#: What a command says that waits for a second person.
WAITING = (
    "This waits for a study lead, who confirms or refuses it at the desk, page Access. Without a refusal it takes "
    "effect after three working days. Where no study lead can confirm it, the same command confirms it after 24 hours."
)


@click.group("staff")
@click.pass_obj
def staff_group(settings: Settings) -> None:
    """Manage the accounts at the desk."""
    if settings is not None:
        migrate.check_schema(settings, migrate.STORE)


@staff_group.command("invite")
@click.option("--name", default="", metavar="NAME", help="The name that colleagues see.")
@click.option("--email", required=True, metavar="ADDRESS", help="The email address they sign in with.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="Can be given several times.",
)
@click.option("--language", "languages", multiple=True, default=["en"], show_default=True, metavar="CODE")
@click.option("--again", is_flag=True, help="A new link for an existing account, as after a lost password.")
@account_option
@click.pass_obj
def invite_command(
    settings: Settings,
    name: str,
    email: str,
    roles: tuple[str, ...],
    languages: tuple[str, ...],
    again: bool,
    account: str,
) -> None:
    """Print a link that lets one person choose a password; it works once, for 72 hours.

    Give it to them yourself: anyone who has the link can sign in as that person. After the first set-up a study lead
    confirms it at the desk first; run the same command again then.
    """
    now, by = clock.now(), AuditActor("cli", account)
    address = accounts.parse_email(email)
    with writing(_store(settings)) as connection:
        access_changes.apply_due_changes(connection, at=now)
        if again:
            found = accounts.get_account_by_email(connection, address)
            code = access_requests.request_link(connection, found, by=by, at=now)
        else:
            rights = accounts.parse_rights(roles or (Role.COORDINATOR,), languages)
            person = accounts.parse_name(name)
            code = access_requests.request_invitation(connection, person, address, rights, by=by, at=now)
    click.echo(invitations.invitation_link(settings.desk_address, code) if code else WAITING)


@staff_group.command("list")
@click.pass_obj
def list_staff_command(settings: Settings) -> None:
    """List all accounts: name, email address, roles, languages, and whether they can sign in."""
    with reading(_store(settings)) as connection:
        everyone = accounts.list_accounts(connection)
    for one in everyone:
        cells = [one.name, one.email, one.role_names, one.languages, account_status(one)]
        click.echo("  ".join(cells))
    if not everyone:
        click.echo(
            "No accounts yet. Invite the first: screener staff invite --name NAME --email ADDRESS --role administrator"
        )


@staff_group.command("reset-second-factor")
@click.argument("email")
@account_option
@click.pass_obj
def reset_second_factor_command(settings: Settings, email: str, account: str) -> None:
    """Remove the second factor of EMAIL, who lost it; they set up a new one at the next sign-in.

    A study lead confirms it at the desk first.
    """
    now, by = clock.now(), AuditActor("cli", account)
    with writing(_store(settings)) as connection:
        access_changes.apply_due_changes(connection, at=now)
        found = accounts.get_account_by_email(connection, email)
        done = access_requests.request_second_factor_reset(connection, found, by=by, at=now)
    removed = f"Removed the second factor of {found.name}, who is signed out everywhere."
    click.echo(removed if done else WAITING)


@staff_group.command("disable")
@click.argument("email")
@click.option(
    "--give-to", metavar="EMAIL", help="Who takes over their open follow-ups; without it, new ones are assigned again."
)
@account_option
@click.pass_obj
def disable_command(settings: Settings, email: str, give_to: str | None, account: str) -> None:
    """Disable the account EMAIL at once; what they did stays in the audit trail."""
    with writing(_store(settings)) as connection:
        found = accounts.get_account_by_email(connection, email)
        heir = accounts.get_account_by_email(connection, give_to).id if give_to else None
        moved = accounts.disable_account(connection, found, heir=heir, by=AuditActor("cli", account), at=clock.now())
    to = f"were assigned to {give_to}" if give_to else "are unassigned: new ones are assigned again, claim the others"
    click.echo(f"Disabled the account of {found.name}. {moved} open follow-ups {to}.")


def _store(settings: Settings) -> sa.Engine:
    return connect(settings.store, may="write")
