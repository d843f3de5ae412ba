"""``screener staff``: invite people to the desk, list them, and end their accounts."""

import click

from screener import clock
from screener.commands.acting import acting_account
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.settings import Settings
from screener.staff import accounts
from screener.staff.accounts import GOOD_FOR
from screener.staff.accounts import Invited


@click.group()
def staff() -> None:
    """The people who may sign in at the desk."""


@staff.command()
@click.option("--name", required=True, help="As colleagues say it.")
@click.option("--email", required=True, help="Where letters go; also the name for signing in.")
@click.option("--role", "roles", multiple=True, required=True, help="coordinator, study-lead or administrator.")
@click.option("--language", "languages", multiple=True, default=("en",), show_default=True, help="Of calls.")
@acting_account
@click.pass_obj
def invite(
    settings: Settings, name: str, email: str, roles: tuple[str, ...], languages: tuple[str, ...], account: str
) -> None:
    """Make an account, or renew its invitation, and print the link that its owner needs once."""
    invited = Invited(name, email, accounts.roles_of(roles), languages)
    with writing(connect(settings.store, may="write")) as connection:
        code = accounts.invite(connection, invited, by=account, at=clock.now())
    hours = int(GOOD_FOR.total_seconds() // 3600)
    click.echo(f"Give this link to {invited.name} only; it works once, for {hours} hours:")
    click.echo(f"{settings.desk_url.rstrip('/')}/invitation/{code}")


@staff.command(name="list")
@click.pass_obj
def list_staff(settings: Settings) -> None:
    """Everybody who has an account, with roles, languages and how far they are."""
    with reading(connect(settings.store, may="read")) as connection:
        found = accounts.everyone(connection)
    if not found:
        click.echo("Nobody has an account yet: screener staff invite")
    for row in found:
        state = "disabled" if not row.active else "invited" if row.confirmed_at is None else "active"
        second = "" if state != "active" else ", second factor" if row.tf_primary_method else ", NO second factor"
        click.echo(f"{row.name} <{row.email}>  {row.role_names}  {row.languages}  {state}{second}")


@staff.command()
@click.argument("email")
@click.option("--hand-over-to", "to", metavar="EMAIL", help="Who takes the open submissions.")
@acting_account
@click.pass_obj
def disable(settings: Settings, email: str, to: str | None, account: str) -> None:
    """End the account of EMAIL and its sessions at once."""
    with writing(connect(settings.store, may="write")) as connection:
        number = accounts.disable(connection, email, to=to, by=account, at=clock.now())
    click.echo(f"{email} is disabled; {number} open submissions were handed over.")


@staff.command(name="reset-second-factor")
@click.argument("email")
@acting_account
@click.pass_obj
def reset_second_factor(settings: Settings, email: str, account: str) -> None:
    """Let EMAIL set up a second factor anew, after making sure that it is really they who ask."""
    with writing(connect(settings.store, may="write")) as connection:
        accounts.reset_second_factor(connection, email, by=account, at=clock.now())
    click.echo(f"{email} sets up a second factor at the next sign-in.")
