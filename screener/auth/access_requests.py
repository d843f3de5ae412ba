"""Ask for a change of access, at the desk or on the command line, or make it where it needs no second person.

Each function returns what can be shown at once: the code of a link, or whether the change is in effect. An empty code
or False means that it waits. On the command line the same command again goes on with the change that it asked for.
"""

from datetime import datetime

import sqlalchemy as sa

from screener.auth import access_changes
from screener.auth import access_rules
from screener.auth.access_changes import AccessRequest
from screener.errors import UserError
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AccountRights
from screener.staff.accounts import AuditActor
from screener.staff.models import AccessChange
from screener.staff.models import AccessDecision
from screener.staff.models import AccessKind
from screener.staff.models import AccessState
from screener.staff.models import Account


def request_invitation(
    connection: sa.Connection, name: str, email: str, rights: AccountRights, *, by: AuditActor, at: datetime
) -> str:
    """The code of an invitation; empty while it waits. Raises *UserError* for an address that is in use."""
    found = accounts.find_account(connection, Account.email == email)
    invitations.check_is_free(found, email)
    if found is not None and found.active and _list_roles(rights.roles) <= _list_roles(found.role_names):
        # Invited already and not come yet: a new link for what was confirmed.
        return invitations.create_invitation(connection, name, email, rights, by=by, at=at)
    wanted = AccessRequest(AccessKind.INVITATION, name, email, found.id if found else None, rights)
    return _take_link(connection, _ask(connection, wanted, by=by, at=at), by=by, at=at)


def request_link(connection: sa.Connection, account: Account, *, by: AuditActor, at: datetime) -> str:
    """The code of a new link for an account; empty while it waits. Raises *UserError*."""
    if account.confirmed_at is None or not account.active:
        return invitations.renew_invitation(connection, account, by=by, at=at)
    wanted = AccessRequest(AccessKind.LINK, account.name, account.email, account.id)
    return _take_link(connection, _ask(connection, wanted, by=by, at=at), by=by, at=at)


def request_second_factor_reset(connection: sa.Connection, account: Account, *, by: AuditActor, at: datetime) -> bool:
    """Whether the second factor is reset; False while that waits. Raises *UserError*."""
    if not account.tf_totp_secret:
        accounts.reset_second_factor(connection, account, by=by, at=at)
        return True
    wanted = AccessRequest(AccessKind.SECOND_FACTOR, account.name, account.email, account.id)
    return _ask(connection, wanted, by=by, at=at).state == AccessState.IN_EFFECT


def request_rights(
    connection: sa.Connection, account: Account, rights: AccountRights, *, by: AuditActor, at: datetime
) -> bool:
    """Whether roles and languages are changed; False while a role that is added waits. Raises *UserError*."""
    if by.actor == account.email and rights.roles != account.role_names:
        raise UserError(access_rules.OWN_ACCESS)
    if _list_roles(rights.roles) <= _list_roles(account.role_names):
        accounts.change_rights(connection, account, rights, by=by, at=at)
        return True
    wanted = AccessRequest(AccessKind.ROLES, account.name, account.email, account.id, rights)
    return _ask(connection, wanted, by=by, at=at).state == AccessState.IN_EFFECT


def _ask(connection: sa.Connection, wanted: AccessRequest, *, by: AuditActor, at: datetime) -> AccessChange:
    change = access_changes.find_open_change(connection, wanted.kind, wanted.email, at=at)
    is_same = change is not None and (change.source, change.requested_as) == ("cli", by.actor) and by.source == "cli"
    if change is None or not is_same or change.role_names != wanted.rights.roles:
        return access_changes.request_change(connection, wanted, by=by, at=at)
    if change.state == AccessState.WAITING:
        decision, _ = access_rules.judge_confirmation(connection, change, by=by, at=at)
        if decision is AccessDecision.SAME_PERSON:
            return access_changes.confirm_change(connection, change.id, by=by, at=at)
    return change


def _take_link(connection: sa.Connection, change: AccessChange, *, by: AuditActor, at: datetime) -> str:
    if change.state != AccessState.CONFIRMED:
        return ""
    _, code = access_changes.make_link(connection, change.id, by=by, at=at)
    return code


def _list_roles(names: str) -> set[str]:
    return set(names.split(","))
