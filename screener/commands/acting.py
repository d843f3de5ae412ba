"""Who a command acts for: the account named with ``--as``, else the user of the operating system."""

import getpass
import os

import click


def _this_user() -> str:
    """The name of the operating-system user; its number in a container that has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.geteuid()}"


#: Adds ``--as ACCOUNT``; the command gets it as *account* and writes it into the audit trail.
acting_account = click.option(
    "--as", "account", metavar="ACCOUNT", default=_this_user, help="Who acts, for the audit trail (this user)."
)
