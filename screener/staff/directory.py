"""The directory of staff who can be notified or assigned: the part of the accounts that routing may read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.staff.models import Account
from screener.staff.models import Role


@dataclass(frozen=True)
class Coordinator:
    """An active account that may work on submissions and has a confirmed email address."""

    id: str
    name: str
    email: str
    languages: tuple[str, ...]
    turn_at: datetime | None


def list_coordinators(connection: sa.Connection) -> list[Coordinator]:
    """Every active coordinator with a confirmed address; the one whose last turn is longest ago comes first."""
    return [
        Coordinator(row.id, row.name, row.email, tuple(row.languages.split(",")), row.turn_at)
        for row in _list_reachable(connection, Role.COORDINATOR)
    ]


def list_lead_ids(connection: sa.Connection) -> list[str]:
    """The account ids of the active study leads and administrators with a confirmed address."""
    return [row.id for row in _list_reachable(connection, Role.STUDY_LEAD, Role.ADMINISTRATOR)]


def has_other_worker(connection: sa.Connection, account_id: str) -> bool:
    """Whether another active account may work on submissions: a second person, where a step wants one."""
    return any(row.id != account_id for row in _list_reachable(connection, Role.COORDINATOR, Role.STUDY_LEAD))


def list_account_names(connection: sa.Connection) -> dict[str, str]:
    """The names of all accounts by id: events name an account by id."""
    table = Account.__table__
    return {row.id: row.name for row in connection.execute(sa.select(table.c.id, table.c.name))}


def list_administrator_ids(connection: sa.Connection) -> list[str]:
    """The account ids of the active administrators with a confirmed address."""
    return [row.id for row in _list_reachable(connection, Role.ADMINISTRATOR)]


def list_account_ids(connection: sa.Connection) -> list[str]:
    """The account ids of everyone with an active account and a confirmed address."""
    return [row.id for row in _list_reachable(connection, *Role)]


def is_study_lead(connection: sa.Connection, account_id: str) -> bool:
    """Whether the account has the role of a study lead."""
    roles = connection.scalar(sa.select(Account.role_names).where(Account.id == account_id))
    return roles is not None and Role.STUDY_LEAD in roles.split(",")


def _list_reachable(connection: sa.Connection, *roles: str) -> list[Any]:
    table = Account.__table__
    query = (
        # No other columns: the worker may read these, and neither passwords nor secrets.
        sa.select(table.c.id, table.c.name, table.c.email, table.c.languages, table.c.role_names, table.c.turn_at)
        .where(table.c.active, table.c.confirmed_at.is_not(None))
        .order_by(table.c.turn_at.is_not(None), table.c.turn_at, table.c.id)
    )
    return [row for row in connection.execute(query) if set(roles) & set(row.role_names.split(","))]


def record_turn(connection: sa.Connection, account_id: str, *, at: datetime) -> None:
    """Record that *account_id* was assigned a follow-up, so that the next one goes to another coordinator."""
    connection.execute(sa.update(Account).where(Account.id == account_id).values(turn_at=at))
