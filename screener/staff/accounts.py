"""Accounts from the invitation to the end: made by somebody who may, taken up by its owner, disabled at once.

Nobody gets a password from us. An invitation is a link with a code that works once, for three days; whoever opens it
from the letter or the chat that it was sent in proves the address, and chooses a password. Only a hash of the code is
kept. Each function works in the caller's transaction and writes its own audit event.
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError
from email_validator import validate_email

from screener import audit
from screener.problems import Problem
from screener.staff.models import ROLES
from screener.staff.models import Account
from screener.staff.models import Invitation
from screener.submissions.store import OPEN_STATES
from screener.submissions.store import FollowUp

#: How long an invitation works.
GOOD_FOR = timedelta(hours=72)
LONGEST_NAME = 80


@dataclass(frozen=True)
class Invited:
    """Who is invited, as what, and which languages they can hold a call in."""

    name: str
    email: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise Problem(f"Give a name of one line and at most {LONGEST_NAME} characters.")
        if not self.roles or set(self.roles) - set(ROLES):
            raise Problem(f"Give at least one role of: {', '.join(ROLES)}.")
        if not self.languages:
            raise Problem("Give at least one language, such as en.")


def address_of(email: str) -> str:
    """*email* as an account keeps it. Raises *Problem* when no letter could reach it."""
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Problem("This is no e-mail address that a letter could reach; check it.") from None


def invite(connection: sa.Connection, invited: Invited, *, by: str, at: datetime, source: str = "cli") -> str:
    """Make the account of *invited*, or renew its invitation, and give the code that the link carries.

    Raises *Problem* when the account is in use already.
    """
    email = address_of(invited.email)
    facts = {
        "name": invited.name.strip(),
        "role_names": ",".join(role for role in ROLES if role in invited.roles),
        "languages": ",".join(dict.fromkeys(invited.languages)),
        "active": True,
        "disabled_at": None,
    }
    known = connection.execute(sa.select(Account.id, Account.confirmed_at).where(Account.email == email)).first()
    if known and known.confirmed_at:
        raise Problem(f"{email} has an account already; change it on the team page, or disable it.")
    account = known.id if known else uuid.uuid4().hex
    if known:
        connection.execute(sa.update(Account).where(Account.id == account).values(facts))
        _void(connection, account, at=at)
    else:
        connection.execute(sa.insert(Account).values(id=account, email=email, created_at=at, **facts))
    code = secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(Invitation).values(code_hash=_hash(code), account_id=account, made_at=at, expires_at=at + GOOD_FOR)
    )
    _tell(connection, source, "invited", email, by=by, at=at, roles=str(facts["role_names"]))
    return code


def invitee(connection: sa.Connection, code: str, *, at: datetime) -> str | None:
    """The address that the invitation *code* was made for; None when it was used, is too old, or never was."""
    query = (
        sa.select(Account.email)
        .join(Invitation, Invitation.account_id == Account.id)
        .where(_good(code, at), Account.active)
    )
    found: str | None = connection.scalar(query)
    return found


def take_up(connection: sa.Connection, code: str, *, password: str, at: datetime) -> str | None:
    """Give the account its *password* (hashed already) and its proven address; None when the code is not good.

    Of two who use one link at once, one has it.
    """
    email = invitee(connection, code, at=at)
    if email is None:
        return None
    used = connection.execute(sa.update(Invitation).where(_good(code, at)).values(used_at=at))
    if used.rowcount != 1:
        return None
    change = sa.update(Account).where(Account.email == email)
    connection.execute(change.values(password=password, confirmed_at=at, fs_uniquifier=uuid.uuid4().hex))
    _tell(connection, "desk", "taken_up", email, by=email, at=at)
    return email


def disable(
    connection: sa.Connection, email: str, *, to: str | None, by: str, at: datetime, source: str = "cli"
) -> int:
    """End the account of *email* and its sessions, and hand what it works on to *to*; returns how many that were.

    Raises *Problem* when there is no such account, or when open work would be left to nobody.
    """
    account = _account(connection, email)
    if not account.active:
        raise Problem(f"{account.email} is disabled already.")
    mine = sa.and_(FollowUp.assignee == account.id, FollowUp.state.in_(OPEN_STATES))
    number = connection.scalar(sa.select(sa.func.count()).select_from(FollowUp).where(mine)) or 0
    if number:
        heir = _heir(connection, account.email, to, number)
        moved = sa.update(FollowUp).where(mine)
        connection.execute(moved.values(assignee=heir.id, changed_at=at, version=FollowUp.version + 1))
    change = sa.update(Account).where(Account.id == account.id)
    connection.execute(change.values(active=False, disabled_at=at, fs_uniquifier=uuid.uuid4().hex))
    _void(connection, account.id, at=at)
    _tell(connection, source, "disabled", account.email, by=by, at=at, handed_over=number, to=to or "")
    return number


def reset_second_factor(connection: sa.Connection, email: str, *, by: str, at: datetime, source: str = "cli") -> None:
    """Let the owner set up a second factor anew at the next sign-in; sessions end. Raises *Problem*."""
    account = _account(connection, email)
    change = sa.update(Account).where(Account.id == account.id)
    connection.execute(
        change.values(
            tf_primary_method=None,
            tf_totp_secret=None,
            mf_recovery_codes=None,
            totp_step=None,
            fs_uniquifier=uuid.uuid4().hex,
        )
    )
    _tell(connection, source, "second_factor_reset", account.email, by=by, at=at)


def everyone(connection: sa.Connection) -> Sequence[Any]:
    """Every account, by name: name, address, roles, languages, active, address proven since, second factor."""
    columns = (
        Account.name,
        Account.email,
        Account.role_names,
        Account.languages,
        Account.active,
        Account.confirmed_at,
        Account.tf_primary_method,
    )
    return connection.execute(sa.select(*columns).order_by(Account.name, Account.email)).all()


def _account(connection: sa.Connection, email: str) -> Any:
    query = sa.select(Account.id, Account.email, Account.active).where(Account.email == email.strip().lower())
    found = connection.execute(query).first()
    if found is None:
        raise Problem(f"Nobody has an account under {email.strip()}; `screener staff list` names everyone.")
    return found


def _heir(connection: sa.Connection, email: str, to: str | None, number: int) -> Any:
    if to is None:
        raise Problem(f"{email} works on {number} open submissions; name who takes them with --hand-over-to.")
    heir = _account(connection, to)
    if not heir.active or heir.email == email:
        raise Problem(f"{heir.email} cannot take them over; name somebody else who is active.")
    return heir


def _good(code: str, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Invitation.code_hash == _hash(code), Invitation.used_at.is_(None), Invitation.expires_at > at)


def _void(connection: sa.Connection, account_id: str, *, at: datetime) -> None:
    """No invitation of this account works any more."""
    unused = sa.and_(Invitation.account_id == account_id, Invitation.used_at.is_(None))
    connection.execute(sa.update(Invitation).where(unused).values(used_at=at))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def _tell(
    connection: sa.Connection, source: str, verb: str, email: str, *, by: str, at: datetime, **detail: str | int
) -> None:
    audit.record(connection, actor=by, action=f"{source}:account:{verb}", subject=email, detail=detail, at=at)


def roles_of(names: Iterable[str]) -> tuple[str, ...]:
    """*names* as the roles that they are, with hyphens for a person's convenience. Raises *Problem*."""
    found = tuple(name.strip().lower().replace("-", "_") for name in names)
    if unknown := [name for name in found if name not in ROLES]:
        raise Problem(f"{unknown[0]} is no role; the roles are: {', '.join(ROLES)}.")
    return found
