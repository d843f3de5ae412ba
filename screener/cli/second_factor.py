"""The second factor at the command line: in production, what reads or erases content asks for the person's code."""

import sys

import click
import sqlalchemy as sa

from screener import clock
from screener.auth import lockout
from screener.auth.keys import DeskKeys
from screener.auth.keys import load_desk_keys
from screener.auth.totp import OneTimeCodes
from screener.cli.passphrase import read_passphrase
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.mail.account_warnings import warn_of_failed_attempts
from screener.settings import Settings
from screener.staff.accounts import AuditActor
from screener.staff.accounts import find_account
from screener.staff.models import Account
from screener.staff.roles import ROLE_PERMISSIONS
from screener.typed_text import normalize_code


def require_second_factor(settings: Settings, email: str, permission: str) -> None:
    """In production, ask for a code of the account of *email*, which needs *permission*. Raises *UserError*."""
    if not settings.in_production:
        return
    store = connect(settings.store, may="write")
    with reading(store) as connection:
        account = find_account(connection, Account.email == email)
    if account is None:
        raise UserError(
            "In production this command asks for the second factor of the person who acts: name them with --as."
        )
    if not any(permission in ROLE_PERMISSIONS[role] for role in account.role_names.split(",")):
        raise UserError(f"The roles of {account.name} do not include this.")
    if not account.tf_totp_secret:
        raise UserError(f"{account.name} has no second factor yet. They set it up at the desk, at their next sign-in.")
    if not sys.stdin.isatty():
        raise UserError(
            f"This command asks for a code from the authenticator app of {account.email}: run it at a terminal."
        )
    code: str = click.prompt(f"Code from the authenticator app of {account.email}", hide_input=True, err=True)
    keys = load_desk_keys(settings.desk_keys, passphrase=read_passphrase(settings), production=True)
    if not _is_code_correct(store, keys, account, normalize_code(code)):
        raise UserError("That code is not right. Wait for the next one in the app; after ten wrong ones, 15 minutes.")


def _is_code_correct(store: sa.Engine, keys: DeskKeys, account: Account, code: str) -> bool:
    """Whether *code* is an unused code of *account*; attempts count like those at the desk's fresh proof."""
    now = clock.now()
    with writing(store) as connection:
        counter = lockout.open_proof_counter(connection, keys.browser, account.id, at=now)
        allowed = lockout.register_attempt(connection, counter, at=now)
    correct = allowed and OneTimeCodes(keys.totp, store).verify_once(account, code)
    actor = AuditActor("cli", account.email)
    with writing(store) as connection:
        if correct:
            lockout.reset_attempts(connection, counter)
            actor.record_event(connection, "second_factor_given", account.email, now, {"with": "code"})
        else:
            actor.record_event(connection, "refused", account.email, now, {"step": "code"})
            warn_of_failed_attempts(connection, account, lockout.count_in_a_row(connection, counter), at=now)
    return correct
