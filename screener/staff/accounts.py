"""Who works here, and every change to that: each one is a step with its event in the audit trail, both or neither.

Whatever takes a right away from somebody (another role, a reset, disabling) ends their sessions in the same step.
An administrator who is active and has come always remains: without one nobody could be invited any more.
"""

import uuid
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError
from email_validator import validate_email
from sqlalchemy import orm

from screener import audit
from screener.db import serialize
from screener.errors import UserError
from screener.follow_up import events
from screener.follow_up.transitions import ASSIGNED
from screener.follow_up.transitions import GIVEN
from screener.staff.directory import list_coordinators
from screener.staff.models import ADMINISTRATOR
from screener.staff.models import ROLES
from screener.staff.models import Account
from screener.submissions.store import NEW
from screener.submissions.store import FollowUp

NAME_MAX_LENGTH = 80
#: What an account is without its second factor.
NO_SECOND_FACTOR: Mapping[str, Any] = {
    "tf_primary_method": None,
    "tf_totp_secret": None,
    "mf_recovery_codes": sa.null(),
    "totp_step": None,
}


@dataclass(frozen=True)
class AuditActor:
    """Who changes something, and from where (``desk`` or ``cli``), as the audit trail names them."""

    source: str
    actor: str

    def notes(
        self, connection: sa.Connection, verb: str, email: str, at: datetime, detail: Mapping[str, str | int] = {}
    ) -> None:
        """Write that the account of *email* was changed."""
        action = f"{self.source}:account:{verb}"
        audit.record(connection, actor=self.actor, action=action, subject=email, detail=detail, at=at)


@dataclass(frozen=True)
class AccountRights:
    """What somebody is, and the languages in which they can hold a call; as the store writes both."""

    roles: str
    languages: str


@dataclass(frozen=True)
class SecondFactor:
    """An app's secret (encrypted), the step of the code that proved it, and the hashes of the recovery codes."""

    secret: str
    step: int
    recovery: list[str]


def parse_name(text: str) -> str:
    """A name as it is kept. Raises *UserError*."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_MAX_LENGTH or not name.isprintable():
        raise UserError(f"Enter a name of one line and at most {NAME_MAX_LENGTH} characters.")
    return name


def parse_email(text: str) -> str:
    """An e-mail address as it is kept. Raises *UserError*."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise UserError("Enter an email address, like name@example.org.") from None


def parse_rights(roles: Collection[str], languages: Collection[str]) -> AccountRights:
    """Roles and languages as they are kept. Raises *UserError*."""
    return AccountRights(parse_roles(roles), parse_languages(languages))


def parse_roles(roles: Collection[str]) -> str:
    """Roles as they are kept. Raises *UserError*."""
    if not roles or set(roles) - set(ROLES):
        raise UserError(f"Choose at least one role: {', '.join(ROLES)}.")
    return ",".join(role for role in ROLES if role in roles)


def parse_languages(languages: Collection[str]) -> str:
    """Codes of languages as they are kept. Raises *UserError*."""
    spoken = sorted({one.strip().lower() for one in languages})
    if not spoken or any(not one.isalnum() or not one.isascii() or len(one) > 8 for one in spoken) or len(spoken) > 8:
        raise UserError('Enter one to eight language codes, such as "en" or "es".')
    return ",".join(spoken)


def find_account(connection: sa.Connection, whose: sa.ColumnElement[bool]) -> Account | None:
    """The account that *whose* finds, as it is now; changing it changes nothing in the store."""
    with orm.Session(connection, expire_on_commit=False) as session:
        found = session.scalar(sa.select(Account).where(whose))
        session.expunge_all()
        return found


def get_account_by_email(connection: sa.Connection, email: str) -> Account:
    """The account of *email*. Raises *UserError* when there is none."""
    found = find_account(connection, Account.email == email.strip().lower())
    if found is None:
        raise UserError(f"No account has the email address {email}. `screener staff list` shows all accounts.")
    return found


def list_accounts(connection: sa.Connection) -> list[sa.Row[Any]]:
    """All accounts, the active ones first, by name."""
    table = Account.__table__
    return list(connection.execute(sa.select(table).order_by(table.c.active.desc(), table.c.name, table.c.id)))


def change_rights(connection: sa.Connection, account: Account, rights: AccountRights, *, by: AuditActor, at: datetime) -> None:
    """Give *account* other roles and languages. Raises *UserError* when no administrator would be left."""
    if ADMINISTRATOR in account.role_names.split(",") and ADMINISTRATOR not in rights.roles.split(","):
        _keep_an_administrator(connection, account)
    values: dict[str, Any] = {"role_names": rights.roles, "languages": rights.languages}
    if rights.roles != account.role_names:
        values |= _new_session_id()
    _update(connection, account, values)
    by.record_event(connection, "changed", account.email, at, {"roles": rights.roles, "languages": rights.languages})


def disable_account(connection: sa.Connection, account: Account, *, heir: str | None, by: AuditActor, at: datetime) -> int:
    """Let *account* in no more, and give its open follow-ups to *heir* (or to nobody); returns how many moved.

    Raises *UserError* when no administrator would be left, or when *heir* cannot work on submissions.
    """
    if not account.active:
        raise UserError(f"{account.name} is already disabled.")
    _keep_an_administrator(connection, account)
    if heir is not None and heir not in {one.id for one in list_coordinators(connection)} - {account.id}:
        raise UserError("Choose another coordinator who has accepted their invitation.")
    _update(connection, account, {"active": False, "disabled_at": at, **_new_session_id()})
    moved = _hand_over(connection, account.id, heir, by=_actor_id(connection, by), at=at)
    by.record_event(connection, "disabled", account.email, at, {"moved": moved, "to": heir or "nobody"})
    return moved


def reset_second_factor(connection: sa.Connection, account: Account, *, by: AuditActor, at: datetime) -> None:
    """Forget the second factor of *account*, for somebody who lost theirs; the next sign-in sets up a new one."""
    _update(connection, account, {**NO_SECOND_FACTOR, **_new_session_id()})
    by.record_event(connection, "second_factor_reset", account.email, at)


def set_second_factor(
    connection: sa.Connection, account: Account, factor: SecondFactor, *, by: AuditActor, at: datetime
) -> None:
    """Keep a second factor that was just proven, in place of the one before."""
    kept = {
        "tf_primary_method": "authenticator",
        "tf_totp_secret": factor.secret,
        "totp_step": factor.step,
        "mf_recovery_codes": factor.recovery,
    }
    _update(connection, account, kept)
    by.record_event(connection, "second_factor_set", account.email, at)


def set_recovery_codes(
    connection: sa.Connection, account: Account, recovery: list[str], *, by: AuditActor, at: datetime
) -> None:
    """Keep the hashes of new recovery codes in place of the old ones."""
    _update(connection, account, {"mf_recovery_codes": recovery})
    by.record_event(connection, "recovery_codes_renewed", account.email, at)


def set_password(connection: sa.Connection, account: Account, kept: str, *, by: AuditActor, at: datetime) -> None:
    """Keep the hash of a new password."""
    _update(connection, account, {"password": kept})
    by.record_event(connection, "password_changed", account.email, at)


def end_sessions(connection: sa.Connection, account_id: str) -> str:
    """End every session of an account, wherever it is; gives what a new one would carry."""
    values = _new_session_id()
    connection.execute(sa.update(Account).where(Account.id == account_id).values(values))
    return values["fs_uniquifier"]


def _new_session_id() -> dict[str, str]:
    return {"fs_uniquifier": uuid.uuid4().hex}


def _update(connection: sa.Connection, account: Account, values: Mapping[str, Any]) -> None:
    connection.execute(sa.update(Account).where(Account.id == account.id).values(dict(values)))


def _keep_an_administrator(connection: sa.Connection, leaving: Account) -> None:
    serialize(connection, "administrators")
    table = Account.__table__
    others = connection.execute(
        sa.select(table.c.role_names).where(table.c.active, table.c.confirmed_at.is_not(None), table.c.id != leaving.id)
    )
    if ADMINISTRATOR in leaving.role_names.split(",") and not any(
        ADMINISTRATOR in row.role_names.split(",") for row in others
    ):
        raise UserError(f"{leaving.name} is the last administrator. Invite another one first.")


def _hand_over(connection: sa.Connection, leaving: str, heir: str | None, *, by: str, at: datetime) -> int:
    """Each open follow-up of *leaving* moves by a change of its own, which its timeline tells."""
    table = FollowUp.__table__
    rows = connection.execute(sa.select(table).where(_open_items(leaving)).with_for_update()).all()
    for before in rows:
        after: dict[str, Any] = {"assignee": heir}
        if heir is None and before.state == ASSIGNED:
            # Nobody was told of it who is still here: the rules give it to whoever is next.
            after |= {"state": NEW, "told_at": None}
        new = {**after, "changed_at": at, "version": before.version + 1}
        connection.execute(sa.update(FollowUp).where(FollowUp.submission_id == before.submission_id).values(new))
        made = events.Change(before.submission_id, before.version + 1, at, by, GIVEN)
        events.leave(connection, made, before, after)
    return len(rows)


def _open_items(account_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(FollowUp.assignee == account_id, FollowUp.ended_at.is_(None))


def _actor_id(connection: sa.Connection, by: AuditActor) -> str:
    """The account that acts; where none of the desk does, the way by which somebody came."""
    found = find_account(connection, Account.email == by.actor)
    return found.id if found else by.source


def count_open_follow_ups(connection: sa.Connection, account_id: str) -> int:
    """How many open follow-ups are somebody's."""
    query = sa.select(sa.func.count()).select_from(FollowUp).where(_open_items(account_id))
    return connection.scalar(query) or 0
