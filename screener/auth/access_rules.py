"""The rules for a change of access: who may confirm it, and when.

A second person is a study lead, or where there is none another administrator, who neither asked for the change nor
gets it. Who stands behind a command is not proven, so only a study lead is a second person for what it asked.
"""

from datetime import datetime
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from screener.errors import UserError
from screener.staff.accounts import AuditActor
from screener.staff.accounts import find_account
from screener.staff.models import AccessChange
from screener.staff.models import AccessDecision
from screener.staff.models import Account
from screener.staff.models import Invitation
from screener.staff.models import Role
from screener.submissions.models import Submission

#: Without a refusal for so long, a change takes effect. Working days are Monday to Friday at the site.
WORKING_DAYS = 3
SITE_TIME_ZONE = ZoneInfo("America/Los_Angeles")
#: After this long, a person who is alone confirms their own change.
SECOND_LOOK = timedelta(hours=24)
OWN_ACCESS = "You cannot change your own access. Ask another administrator."


def is_first_set_up(connection: sa.Connection) -> bool:
    """Whether one account at most ever accepted an invitation, and no form was ever received."""
    accepted = sa.union(
        sa.select(Account.id).where(Account.confirmed_at.is_not(None)),
        sa.select(Invitation.account_id).where(Invitation.used_at.is_not(None)),
    ).subquery()
    if (connection.scalar(sa.select(sa.func.count()).select_from(accepted)) or 0) > 1:
        return False
    return connection.scalar(sa.select(Submission.arrival).limit(1)) is None


def list_second_persons(connection: sa.Connection, change: AccessChange) -> list[Any]:
    """The accounts (id, name, email, role_names) that can confirm *change* as its second person."""
    table: Any = Account.__table__
    query = (
        sa.select(table.c.id, table.c.name, table.c.email, table.c.role_names)
        .where(table.c.active, table.c.confirmed_at.is_not(None), table.c.email != change.email)
        .order_by(table.c.name, table.c.id)
    )
    others = [one for one in connection.execute(query) if one.id != change.requested_by]
    leads = [one for one in others if Role.STUDY_LEAD in one.role_names.split(",")]
    if leads or change.source == "cli":
        return leads
    return [one for one in others if Role.ADMINISTRATOR in one.role_names.split(",")]


def judge_confirmation(
    connection: sa.Connection, change: AccessChange, *, by: AuditActor, at: datetime
) -> tuple[AccessDecision | None, str]:
    """As what *by* may confirm *change* at the time *at*; else None and a sentence that says why not."""
    if change.email == by.actor:
        return None, OWN_ACCESS
    second_persons = list_second_persons(connection, change)
    if by.source == "desk" and by.actor in {one.email for one in second_persons}:
        return AccessDecision.SECOND_PERSON, ""
    if second_persons:
        names = ", ".join(one.name for one in second_persons)
        return None, f"A second person must confirm this. These people can: {names}."
    if at < change.requested_at + SECOND_LOOK:
        return None, "No other person can confirm this. You can confirm it yourself 24 hours after it was asked for."
    return AccessDecision.SAME_PERSON, ""


def check_requester(connection: sa.Connection, change: AccessChange) -> None:
    """Raise *UserError* when the account that asked for *change* may not ask for it any more."""
    if change.requested_by is None or change.source == "cli":
        return
    account = find_account(connection, Account.id == change.requested_by)
    if account is None or not account.active or Role.ADMINISTRATOR not in account.role_names.split(","):
        raise UserError("The person who asked for this is no longer an administrator. Refuse it.")


def add_working_days(at: datetime, days: int) -> datetime:
    """The same time of day so many working days later."""
    local = at.astimezone(SITE_TIME_ZONE)
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < 5
    return local.astimezone(at.tzinfo)
