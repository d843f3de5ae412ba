"""Accounts of staff: look them up and change them; each change and its audit event are written in one transaction.

A change that takes a right away (another role, a reset, disabling) ends the sessions of the account with it. At least
one active administrator with an accepted invitation always remains, because only an administrator can invite.
"""

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError
from email_validator import validate_email
from sqlalchemy import orm

from screener import audit
from screener.db import serialize_transactions
from screener.errors import UserError
from screener.follow_up.service import hand_over
from screener.staff.directory import list_coordinators
from screener.staff.models import AccessChange
from screener.staff.models import AccessState
from screener.staff.models import Account
from screener.staff.models import Role
from screener.staff.sessions import end_account_sessions
from screener.typed_text import MAX_EMAIL_CHARACTERS
from screener.typed_text import collapse_whitespace
from screener.typed_text import is_single_line
from screener.typed_text import normalize_email

NAME_MAX_LENGTH = 80
#: For this long after a reset of the password or the second factor, each reading of content says so.
RESET_IS_TOLD_FOR = timedelta(days=7)
#: What an account is without its second factor.
NO_SECOND_FACTOR: Mapping[str, Any] = {
    "tf_primary_method": None,
    "tf_totp_secret": None,
    "mf_recovery_codes": sa.null(),
    "totp_step": None,
}


@dataclass(frozen=True)
class AuditActor:
    """The actor of a change, and where it came from (``desk`` or ``cli``), as the audit trail names both."""

    source: str
    actor: str

    def record_event(
        self, connection: sa.Connection, verb: str, email: str, at: datetime, detail: Mapping[str, str | int] = {}
    ) -> None:
        """Record an audit event about the account of *email*."""
        action = f"{self.source}:account:{verb}"
        audit.record(connection, actor=self.actor, action=action, subject=email, detail=detail, at=at)


@dataclass(frozen=True)
class AccountRights:
    """The roles of an account, and the languages in which its person can make a call, as the store writes both."""

    roles: str
    languages: str


@dataclass(frozen=True)
class SecondFactor:
    """An app's secret (encrypted), the step of the code that proved it, and the hashes of the recovery codes."""

    secret: str
    step: int
    recovery: list[str]


def parse_name(text: str) -> str:
    """Parse a name into the form in which it is stored. Raises *UserError*."""
    name = collapse_whitespace(text)
    if not is_single_line(name, NAME_MAX_LENGTH):
        raise UserError(f"Enter a name of one line and at most {NAME_MAX_LENGTH} characters.")
    return name


def parse_email(text: str) -> str:
    """Parse an email address into the form in which it is stored, in lower case. Raises *UserError*."""
    try:
        # Cut before the library normalizes it; one character more than an address can have is refused by its length.
        return validate_email(text.strip()[: MAX_EMAIL_CHARACTERS + 1], check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise UserError("Enter an email address, like name@example.org.") from None


def parse_rights(roles: Collection[str], languages: Collection[str]) -> AccountRights:
    """Parse roles and languages into the form in which they are stored. Raises *UserError*."""
    return AccountRights(parse_roles(roles), parse_languages(languages))


def parse_roles(roles: Collection[str]) -> str:
    """Parse roles into the form in which they are stored. Raises *UserError*."""
    if not roles or set(roles) - set(Role):
        raise UserError(f"Choose at least one role: {', '.join(Role)}.")
    return ",".join(role for role in Role if role in roles)


def parse_languages(languages: Collection[str]) -> str:
    """Parse language codes into the form in which they are stored. Raises *UserError*."""
    codes = sorted({code.strip().lower() for code in languages})
    if not 1 <= len(codes) <= 8 or not all(code.isalnum() and code.isascii() and len(code) <= 8 for code in codes):
        raise UserError('Enter one to eight language codes, such as "en" or "es".')
    return ",".join(codes)


def find_account(connection: sa.Connection, criterion: sa.ColumnElement[bool]) -> Account | None:
    """The account that *criterion* selects, detached: changing it changes nothing in the store."""
    with orm.Session(connection, expire_on_commit=False) as session:
        account = session.scalar(sa.select(Account).where(criterion))
        session.expunge_all()
        return account


def get_account_by_email(connection: sa.Connection, email: str) -> Account:
    """The account with the address *email*. Raises *UserError* when there is none."""
    account = find_account(connection, Account.email == normalize_email(email))
    if account is None:
        raise UserError(f"No account has the email address {email}. `screener staff list` shows all accounts.")
    return account


def list_accounts(connection: sa.Connection) -> list[sa.Row[Any]]:
    """All accounts, the active ones first, by name."""
    table = Account.__table__
    return list(connection.execute(sa.select(table).order_by(table.c.active.desc(), table.c.name, table.c.id)))


def change_rights(
    connection: sa.Connection, account: Account, rights: AccountRights, *, by: AuditActor, at: datetime
) -> None:
    """Change the roles and languages of *account*. Raises *UserError* when no administrator would be left."""
    if Role.ADMINISTRATOR in account.role_names.split(",") and Role.ADMINISTRATOR not in rights.roles.split(","):
        _keep_an_administrator(connection, account)
    values: dict[str, Any] = {"role_names": rights.roles, "languages": rights.languages}
    _update(connection, account, values)
    if rights.roles != account.role_names:
        end_account_sessions(connection, account.id, at=at)
    by.record_event(connection, "changed", account.email, at, {"roles": rights.roles, "languages": rights.languages})


def disable_account(
    connection: sa.Connection, account: Account, *, heir: str | None, by: AuditActor, at: datetime
) -> int:
    """Disable *account*, hand its open follow-ups over to *heir* (None: unassigned), and return how many moved.

    Raises *UserError* when no administrator would be left, or when *heir* cannot work on submissions.
    """
    if not account.active:
        raise UserError(f"{account.name} is already disabled.")
    _keep_an_administrator(connection, account)
    if heir is not None and heir not in {one.id for one in list_coordinators(connection)} - {account.id}:
        raise UserError("Choose another coordinator who has accepted their invitation.")
    _update(connection, account, {"active": False, "disabled_at": at})
    end_account_sessions(connection, account.id, at=at)
    _refuse_open_changes(connection, account, by=by, at=at)
    moved = hand_over(connection, account.id, heir, by=_actor_id(connection, by), at=at)
    by.record_event(connection, "disabled", account.email, at, {"moved": moved, "to": heir or "nobody"})
    return moved


def reset_second_factor(connection: sa.Connection, account: Account, *, by: AuditActor, at: datetime) -> None:
    """Remove the second factor of *account*, when it was lost; the next sign-in sets up a new one."""
    _update(connection, account, {**NO_SECOND_FACTOR, "sign_in_reset_at": at})
    end_account_sessions(connection, account.id, at=at)
    by.record_event(connection, "second_factor_reset", account.email, at)


def set_second_factor(
    connection: sa.Connection, account: Account, factor: SecondFactor, *, by: AuditActor, at: datetime
) -> None:
    """Save a second factor that was just proven, in place of the one before."""
    values = {
        "tf_primary_method": "authenticator",
        "tf_totp_secret": factor.secret,
        "totp_step": factor.step,
        "mf_recovery_codes": factor.recovery,
    }
    _update(connection, account, values)
    by.record_event(connection, "second_factor_set", account.email, at)


def set_recovery_codes(
    connection: sa.Connection, account: Account, recovery: list[str], *, by: AuditActor, at: datetime
) -> None:
    """Save the hashes of new recovery codes in place of the old ones."""
    _update(connection, account, {"mf_recovery_codes": recovery})
    by.record_event(connection, "recovery_codes_renewed", account.email, at)


def set_password(
    connection: sa.Connection, account: Account, password_hash: str, *, by: AuditActor, at: datetime
) -> None:
    """Save the hash of a new password."""
    _update(connection, account, {"password": password_hash})
    by.record_event(connection, "password_changed", account.email, at)


def _update(connection: sa.Connection, account: Account, values: Mapping[str, Any]) -> None:
    connection.execute(sa.update(Account).where(Account.id == account.id).values(dict(values)))


def _refuse_open_changes(connection: sa.Connection, leaving: Account, *, by: AuditActor, at: datetime) -> None:
    """Refuse what was asked for by *leaving*, or for them, and is not in effect yet."""
    is_open = AccessChange.state.in_((AccessState.WAITING, AccessState.CONFIRMED))
    theirs = sa.or_(AccessChange.email == leaving.email, AccessChange.requested_by == leaving.id)
    refused = {"state": AccessState.REFUSED, "decision": "", "decided_as": by.actor, "decided_at": at}
    connection.execute(sa.update(AccessChange).where(is_open, theirs).values(refused))


def describe_reset(sign_in_reset_at: datetime | None, *, at: datetime) -> dict[str, str | int]:
    """What an audit event about reading content says of the account that reads; empty without a reset lately."""
    is_late = sign_in_reset_at is not None and at - sign_in_reset_at < RESET_IS_TOLD_FOR
    return {"account": "reset_lately"} if is_late else {}


def _keep_an_administrator(connection: sa.Connection, leaving: Account) -> None:
    serialize_transactions(connection, "administrators")
    table = Account.__table__
    others = connection.execute(
        sa.select(table.c.role_names).where(table.c.active, table.c.confirmed_at.is_not(None), table.c.id != leaving.id)
    )
    if Role.ADMINISTRATOR in leaving.role_names.split(",") and not any(
        Role.ADMINISTRATOR in row.role_names.split(",") for row in others
    ):
        raise UserError(f"{leaving.name} is the last administrator. Invite another one first.")


def _actor_id(connection: sa.Connection, by: AuditActor) -> str:
    """The id of the account that acts; the source of the change where none does."""
    account = find_account(connection, Account.email == by.actor)
    return account.id if account else by.source
