"""``screener erase``: a module of its own, because the second factor wants keys that the worker never loads."""

import click

from screener.cli.account_option import account_option
from screener.cli.second_factor import require_second_factor
from screener.operations import erasure
from screener.settings import Settings
from screener.staff.roles import CONTENT


@click.command("erase")
@click.argument("references", nargs=-1, required=True, metavar="REFERENCE...")
@click.option(
    "--reason",
    required=True,
    metavar="TEXT",
    help='One line for the audit trail, as "on request" or "sent in by someone under 18"; no health details.',
)
@account_option
@click.pass_obj
def erase_command(settings: Settings, references: tuple[str, ...], reason: str, account: str) -> None:
    """Erase the submission with this REFERENCE; several at once obey the same daily share as erasing by age."""
    gone = True
    require_second_factor(settings, account, CONTENT)
    erasure.require_erasable(settings, references, actor=account)
    for reference in references:
        gone = erasure.erase_by_reference(settings, reference, reason=reason, actor=account) and gone
        click.echo(f"Erased {reference.upper()}. Backups keep it until they are deleted.")
    if not gone:
        click.echo(
            "A database is being read, so sealed bytes may remain in its files for now; the worker removes them hourly."
        )
