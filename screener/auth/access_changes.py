"""Changes of access: no person alone and unseen gives a role, a sign-in link or a reset to an account.

A change is asked for, and waits for a second person (``access_rules``). Without a refusal it takes effect after three
working days. Where no other person could confirm it, the person who asked confirms it again after 24 hours, and every
account is told. During the first set-up there is no second person to ask and nothing to read: changes take effect at
once. What takes access away waits for no one.

Each step is an audit event, an email and a line at the desk. The functions write in the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import orm

from screener.auth import access_rules
from screener.db import serialize_transactions
from screener.errors import UserError
from screener.mail.access_messages import tell_of_access_change
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AccountRights
from screener.staff.accounts import AuditActor
from screener.staff.models import AccessChange
from screener.staff.models import AccessDecision
from screener.staff.models import AccessKind
from screener.staff.models import AccessState
from screener.staff.models import Account
from screener.staff.models import Role

#: For this long a confirmed change lets its link be made, and every step is shown at the desk.
SHOWN_FOR = timedelta(days=7)
#: What a link and a reset give.
NO_RIGHTS = AccountRights("", "")
NOT_WAITING = "This change is not waiting any more."


@dataclass(frozen=True)
class AccessRequest:
    """A change of access that is wanted, for the person of *name* and *email*, who may have an account."""

    kind: AccessKind
    name: str
    email: str
    account_id: str | None = None
    rights: AccountRights = NO_RIGHTS


def request_change(connection: sa.Connection, wanted: AccessRequest, *, by: AuditActor, at: datetime) -> AccessChange:
    """Ask for a change; its state says whether it waits. Raises *UserError*."""
    serialize_transactions(connection, "administrators")
    if by.actor == wanted.email:
        raise UserError(access_rules.OWN_ACCESS)
    if find_open_change(connection, wanted.kind, wanted.email, at=at) is not None:
        raise UserError(f"This was asked for already, for {wanted.email}, and is not finished. See the page Access.")
    requester = accounts.find_account(connection, Account.email == by.actor)
    change = AccessChange(
        kind=wanted.kind,
        state=AccessState.WAITING,
        account_id=wanted.account_id,
        name=wanted.name,
        email=wanted.email,
        role_names=wanted.rights.roles,
        languages=wanted.rights.languages,
        source=by.source,
        requested_by=requester.id if requester else None,
        requested_as=by.actor,
        requested_at=at,
        effective_at=access_rules.add_working_days(at, access_rules.WORKING_DAYS),
        decided_as="",
        decision="",
    )
    with orm.Session(connection, expire_on_commit=False) as session:
        session.add(change)
        session.flush()
        session.expunge_all()
    if access_rules.is_first_set_up(connection):
        return _confirm(connection, change, AccessDecision.SET_UP, by=by, at=at)
    by.record_event(connection, "access_requested", wanted.email, at, _detail(change))
    alone = not access_rules.list_second_persons(connection, change)
    tell_of_access_change(connection, change, everybody=alone, at=at)
    return change


def confirm_change(connection: sa.Connection, change_id: str, *, by: AuditActor, at: datetime) -> AccessChange:
    """Confirm a waiting change as its second person, or again as its first. Raises *UserError*."""
    serialize_transactions(connection, "administrators")
    change = get_change(connection, change_id)
    if change.state != AccessState.WAITING:
        raise UserError(NOT_WAITING)
    decision, reason = access_rules.judge_confirmation(connection, change, by=by, at=at)
    if decision is None:
        raise UserError(reason)
    return _confirm(connection, change, decision, by=by, at=at)


def refuse_change(connection: sa.Connection, change_id: str, *, by: AuditActor, at: datetime) -> AccessChange:
    """Refuse a change that waits, or whose link was not made yet: nothing of it takes effect. Raises *UserError*."""
    serialize_transactions(connection, "administrators")
    change = get_change(connection, change_id)
    if change.state not in (AccessState.WAITING, AccessState.CONFIRMED):
        raise UserError(NOT_WAITING)
    _decide(connection, change, AccessState.REFUSED, "", by.actor, at)
    by.record_event(connection, "access_refused", change.email, at, _detail(change))
    tell_of_access_change(connection, change, everybody=False, at=at)
    return change


def apply_due_changes(connection: sa.Connection, *, at: datetime) -> int:
    """Put into effect what was not refused for three working days; returns how many changes that were."""
    serialize_transactions(connection, "administrators")
    ids = list_due_ids(connection, at=at)
    for change_id in ids:
        change = get_change(connection, change_id)
        actor = AuditActor(change.source, change.requested_as)
        try:
            with connection.begin_nested():
                _confirm(connection, change, AccessDecision.NO_REFUSAL, by=actor, at=at)
        except UserError:
            refuse_change(connection, change_id, by=actor, at=at)
    return len(ids)


def list_due_ids(connection: sa.Connection, *, at: datetime) -> list[str]:
    """The changes that take effect now without a confirmation, in their order."""
    due = AccessChange.state == AccessState.WAITING, AccessChange.effective_at <= at
    return list(connection.scalars(sa.select(AccessChange.id).where(*due).order_by(AccessChange.effective_at)))


def make_link(connection: sa.Connection, change_id: str, *, by: AuditActor, at: datetime) -> tuple[AccessChange, str]:
    """A confirmed change and the code of its link, which is made once. Raises *UserError*."""
    serialize_transactions(connection, "administrators")
    change = get_change(connection, change_id)
    if not can_make_link(change, by=by, at=at):
        raise UserError("This link was made already or is not confirmed, or another person asked for it.")
    if change.kind == AccessKind.LINK:
        account = accounts.get_account_by_email(connection, change.email)
        code = invitations.renew_invitation(connection, account, by=by, at=at)
    else:
        rights = AccountRights(change.role_names, change.languages)
        code = invitations.create_invitation(connection, change.name, change.email, rights, by=by, at=at)
    connection.execute(_update(change).values(state=AccessState.IN_EFFECT))
    return change, code


def can_make_link(change: AccessChange, *, by: AuditActor, at: datetime) -> bool:
    """Whether *by* asked for *change*, and it was confirmed in the last week and has a link that was not made yet."""
    is_confirmed = change.state == AccessState.CONFIRMED and change.decided_at and change.decided_at > at - SHOWN_FOR
    return bool(is_confirmed) and (change.source, change.requested_as) == (by.source, by.actor)


def find_open_change(connection: sa.Connection, kind: str, email: str, *, at: datetime) -> AccessChange | None:
    """The change of *kind* for *email* that waits, or whose link was not made yet."""
    is_confirmed = sa.and_(AccessChange.state == AccessState.CONFIRMED, AccessChange.decided_at > at - SHOWN_FOR)
    is_open = sa.or_(AccessChange.state == AccessState.WAITING, is_confirmed)
    found = _list_changes(connection, is_open, AccessChange.kind == kind, AccessChange.email == email)
    return found[0] if found else None


def list_shown_changes(connection: sa.Connection, account: Account, *, at: datetime) -> list[AccessChange]:
    """The changes that *account* is shown: of the last week or waiting, the newest first."""
    lately = sa.func.coalesce(AccessChange.decided_at, AccessChange.requested_at) > at - SHOWN_FOR
    criteria = [sa.or_(AccessChange.state == AccessState.WAITING, lately)]
    if not {Role.STUDY_LEAD, Role.ADMINISTRATOR} & set(account.role_names.split(",")):
        told_all = AccessChange.decision == AccessDecision.SAME_PERSON
        criteria.append(sa.or_(AccessChange.email == account.email, told_all))
    return _list_changes(connection, *criteria)


def get_change(connection: sa.Connection, change_id: str) -> AccessChange:
    """The change with this id. Raises *UserError* when there is none."""
    found = _list_changes(connection, AccessChange.id == change_id)
    if not found:
        raise UserError("There is no such change of access.")
    return found[0]


def _list_changes(connection: sa.Connection, *criteria: sa.ColumnElement[bool]) -> list[AccessChange]:
    table = AccessChange.__table__
    query = sa.select(table).where(*criteria).order_by(table.c.requested_at.desc(), table.c.id)
    return [AccessChange(**row) for row in connection.execute(query).mappings()]


def _confirm(
    connection: sa.Connection, change: AccessChange, decision: AccessDecision, *, by: AuditActor, at: datetime
) -> AccessChange:
    access_rules.check_requester(connection, change)
    makes_link = change.kind in (AccessKind.LINK, AccessKind.INVITATION)
    _decide(connection, change, AccessState.CONFIRMED if makes_link else AccessState.IN_EFFECT, decision, by.actor, at)
    by.record_event(connection, "access_confirmed", change.email, at, {**_detail(change), "how": decision})
    if not makes_link:
        _apply(connection, change, at)
    tell_of_access_change(connection, change, everybody=decision is AccessDecision.SAME_PERSON, at=at)
    return change


def _apply(connection: sa.Connection, change: AccessChange, at: datetime) -> None:
    account = accounts.get_account_by_email(connection, change.email)
    if not account.active:
        raise UserError(f"{account.name} is disabled. Refuse this change.")
    requester = AuditActor(change.source, change.requested_as)
    if change.kind == AccessKind.SECOND_FACTOR:
        accounts.reset_second_factor(connection, account, by=requester, at=at)
        return
    rights = AccountRights(change.role_names, change.languages)
    accounts.change_rights(connection, account, rights, by=requester, at=at)


def _decide(
    connection: sa.Connection, change: AccessChange, state: str, decision: str, decided_as: str, at: datetime
) -> None:
    values = {"state": state, "decision": decision, "decided_as": decided_as, "decided_at": at}
    connection.execute(_update(change).values(values))
    for name, value in values.items():
        setattr(change, name, value)


def _update(change: AccessChange) -> sa.Update:
    return sa.update(AccessChange).where(AccessChange.id == change.id)


def _detail(change: AccessChange) -> dict[str, str | int]:
    roles: dict[str, str | int] = {"roles": change.role_names} if change.role_names else {}
    return {"change": change.kind, "requested_by": change.requested_as, **roles}
