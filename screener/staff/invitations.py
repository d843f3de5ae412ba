"""Invitations to the desk: a link that works once, within 72 hours.

Accepting it confirms the email address. Opening the link changes nothing, because mail programs open links by
themselves; only the button on its page does. The store keeps a hash of the code, so that reading the store is not
enough to use it.
"""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from screener.db import UtcDateTime
from screener.errors import UserError
from screener.staff.accounts import NO_SECOND_FACTOR
from screener.staff.accounts import AccountRights
from screener.staff.accounts import AuditActor
from screener.staff.accounts import find_account
from screener.staff.models import Account
from screener.staff.models import Invitation
from screener.staff.models import Role
from screener.staff.sessions import end_account_sessions

INVITATION_LIFETIME = timedelta(hours=72)
#: The account that may do everything in a development deployment: name, address, rights.
FIRST_ADMINISTRATOR = (
    "First Administrator",
    "admin@example.org",
    AccountRights(f"{Role.COORDINATOR},{Role.STUDY_LEAD},{Role.ADMINISTRATOR}", "en"),
)


@dataclass(frozen=True)
class Invitee:
    """The account that an open invitation is for."""

    account_id: str
    name: str
    email: str


def invitation_link(base_url: str, code: str) -> str:
    """The link of an invitation. Browsers keep what is behind ``#`` to themselves: no log and no Referer gets it."""
    return f"{base_url}/invitation#{code}"


def parse_invitation_code(typed: str) -> str:
    """The code in *typed*, which is the code, a link, or a link of release 0.1.0."""
    return re.split(r"[#/\s]", typed.strip())[-1]


def create_invitation(
    connection: sa.Connection, name: str, email: str, rights: AccountRights, *, by: AuditActor, at: datetime
) -> str:
    """Create an account, or enable a disabled one again, and return the code of its invitation.

    An active account whose invitation was not accepted yet gets a new code, and the old one becomes void. Raises
    *UserError* for the address of an account that is in use.
    """
    found = find_account(connection, Account.email == email)
    check_is_free(found, email)
    values = {
        "name": name,
        "role_names": rights.roles,
        "languages": rights.languages,
        "active": True,
        "disabled_at": None,
        "confirmed_at": None,
        "password": None,
        "fs_uniquifier": uuid.uuid4().hex,
        "failures": 0,
        "failures_in_a_row": 0,
        "locked_until": None,
        **NO_SECOND_FACTOR,
    }
    if found is None:
        account_id = uuid.uuid4().hex
        connection.execute(sa.insert(Account).values(id=account_id, email=email, created_at=at, **values))
    else:
        account_id = found.id
        connection.execute(sa.update(Account).where(Account.id == account_id).values(values))
        end_account_sessions(connection, account_id, at=at)
    by.record_event(connection, "invited", email, at, {"roles": rights.roles, "languages": rights.languages})
    return _link(connection, account_id, at)


def check_is_free(found: Account | None, email: str) -> None:
    """Raise *UserError* when *found*, the account of *email*, is in use."""
    if found is not None and found.active and found.confirmed_at is not None:
        raise UserError(f"{email} already has an account. Send that account a new link instead.")


def renew_invitation(connection: sa.Connection, account: Account, *, by: AuditActor, at: datetime) -> str:
    """Return a new code for an active account, when the first one expired or the password was forgotten.

    Until it is accepted, nothing else changes. Raises *UserError* for a disabled account.
    """
    if not account.active:
        raise UserError(f"{account.name} is disabled. Send them a new invitation.")
    by.record_event(connection, "invited_again", account.email, at)
    return _link(connection, account.id, at)


def invite_first_administrator(connection: sa.Connection, *, by: AuditActor, at: datetime) -> str | None:
    """The code for the first administrator of a development deployment; None once an invitation was accepted."""
    table = Account.__table__
    if connection.scalar(sa.select(table.c.id).where(table.c.confirmed_at.is_not(None)).limit(1)):
        return None
    name, email, rights = FIRST_ADMINISTRATOR
    return create_invitation(connection, name, email, rights, by=by, at=at)


def find_invitation(connection: sa.Connection, code: str, *, at: datetime) -> Invitee | None:
    """The account that *code* invites; None when the code is forged, used, void or expired."""
    invitation: Any = Invitation.__table__
    account: Any = Account.__table__
    row = connection.execute(
        sa.select(account.c.id, account.c.name, account.c.email)
        .join(invitation, invitation.c.account_id == account.c.id)
        .where(_open(code, at), account.c.active)
    ).first()
    return Invitee(*row) if row else None


def accept_invitation(connection: sa.Connection, code: str, password: str, *, by: str, at: datetime) -> Account | None:
    """Accept an invitation with the hash of a new *password*; None when the code is not valid any more.

    Of two requests with the same code at once, one is too late.
    """
    invited = find_invitation(connection, code, at=at)
    if invited is None:
        return None
    used = connection.execute(sa.update(Invitation).where(_open(code, at)).values(used_at=at))
    if not used.rowcount:
        return None
    connection.execute(
        sa.update(Account)
        .where(Account.id == invited.account_id)
        .values(
            password=password,
            confirmed_at=sa.func.coalesce(Account.confirmed_at, sa.literal(at, UtcDateTime)),
            failures=0,
            failures_in_a_row=0,
            locked_until=None,
            # A new link for an account that is in use: the password is reset.
            sign_in_reset_at=sa.case(
                (Account.confirmed_at.is_not(None), sa.literal(at, UtcDateTime)), else_=Account.sign_in_reset_at
            ),
        )
    )
    end_account_sessions(connection, invited.account_id, at=at)
    AuditActor(by, invited.email).record_event(connection, "taken_up", invited.email, at)
    return find_account(connection, Account.id == invited.account_id)


def end_open_invitations(connection: sa.Connection, *, at: datetime) -> int:
    """Make every open invitation void, as after a restore; returns how many there were."""
    waiting = sa.and_(Invitation.used_at.is_(None), Invitation.expires_at > at)
    return connection.execute(sa.update(Invitation).where(waiting).values(expires_at=at)).rowcount


def _open(code: str, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Invitation.code_hash == _hash(code), Invitation.used_at.is_(None), Invitation.expires_at > at)


def _hash(code: str) -> str:
    return hashlib.sha256(b"screener invitation\0" + code.encode()).hexdigest()


def _link(connection: sa.Connection, account_id: str, at: datetime) -> str:
    """A new code; the ones before it are void."""
    waiting = sa.and_(Invitation.account_id == account_id, Invitation.used_at.is_(None), Invitation.expires_at > at)
    connection.execute(sa.update(Invitation).where(waiting).values(expires_at=at))
    code = secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(Invitation).values(
            code_hash=_hash(code), account_id=account_id, made_at=at, expires_at=at + INVITATION_LIFETIME, used_at=None
        )
    )
    return code
