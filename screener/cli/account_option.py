"""The option ``--as``: the account that a command acts for in the audit trail, else the operating-system user."""

import getpass
import os

import click

from screener.errors import UserError
from screener.typed_text import is_single_line

#: Characters of an account's name that the audit trail keeps.
LONGEST_ACCOUNT = 200


def _read_user_name() -> str:
    """Return the name of the operating-system user, or its number in a container that has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.geteuid()}"


def _check_single_line(context: click.Context, parameter: click.Parameter, account: str) -> str:
    if not is_single_line(account, LONGEST_ACCOUNT):
        raise UserError(f"Name the account in one line of at most {LONGEST_ACCOUNT} characters: --as.")
    return account


#: Adds ``--as ACCOUNT``; the command gets it as *account* and records it in the audit trail.
account_option = click.option(
    "--as",
    "account",
    metavar="ACCOUNT",
    default=_read_user_name,
    callback=_check_single_line,
    help="Who acts, for the audit trail (this user).",
)
