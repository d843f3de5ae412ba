"""The option ``--as``: the account that a command acts for in the audit trail, else the operating-system user.

Nothing proves who typed it. So it names an account that exists, and the operating-system user stands beside it in
every event of the command line (``audit.record``).
"""

import click

from screener.db import connect
from screener.db import reading
from screener.errors import UnavailableError
from screener.errors import UserError
from screener.os_user import read_os_user
from screener.staff import accounts
from screener.typed_text import is_single_line

#: Characters of an actor's name that the audit trail keeps.
LONGEST_ACCOUNT = 200


def _find_account(context: click.Context, parameter: click.Parameter, typed: str | None) -> str:
    """The email address of the account that was named, else the operating-system user. Raises *UserError*."""
    if typed is None:
        return read_os_user()
    if not is_single_line(typed, LONGEST_ACCOUNT):
        raise UserError(f"Name the account by its email address, in at most {LONGEST_ACCOUNT} characters: --as.")
    try:
        with reading(connect(context.obj.store, may="read")) as connection:
            account = accounts.get_account_by_email(connection, typed)
    except UnavailableError as error:
        raise UserError(f"--as names an account, and the accounts cannot be read: {error}") from None
    if not account.active:
        raise UserError(f"The account of {account.name} is disabled; --as names an account that is in use.")
    return account.email


#: Adds ``--as ADDRESS``; the command gets it as *account* and records it in the audit trail.
account_option = click.option(
    "--as",
    "account",
    metavar="ADDRESS",
    default=None,
    callback=_find_account,
    help="The account that acts, for the audit trail, beside the operating-system user.",
)
