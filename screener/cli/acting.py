"""Who a command acts for: the account named with ``--as``, else the user of the operating system."""

import getpass
import os

import click

from screener.errors import UserError

#: Signs that the audit trail keeps of an account's name.
LONGEST = 200


def _this_user() -> str:
    """The name of the operating-system user; its number in a container that has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.geteuid()}"


def _one_line(context: click.Context, parameter: click.Parameter, account: str) -> str:
    if not account.strip() or not account.isprintable() or len(account) > LONGEST:
        raise UserError(f"Name the account that acts in one line of at most {LONGEST} characters: --as.")
    return account


#: Adds ``--as ACCOUNT``; the command gets it as *account* and writes it into the audit trail.
acting_account = click.option(
    "--as",
    "account",
    metavar="ACCOUNT",
    default=_this_user,
    callback=_one_line,
    help="Who acts, for the audit trail (this user).",
)
