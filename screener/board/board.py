"""The notice board: the status that the staff side publishes to the public process, which may only read it.

It holds nothing about any participant: the worker's heartbeat, the intake status, approvals, and which public keys
have been proven to have their private half.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from typing import get_args

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from screener.db import NAMING_CONVENTION
from screener.db import UtcDateTime
from screener.db import reading
from screener.study.approvals import Approval

IntakeStatus = Literal["not_ready", "open", "waitlist", "paused", "closed"]
STATUSES: tuple[IntakeStatus, ...] = get_args(IntakeStatus)
WORKER = "worker"

METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)

HEARTBEAT = sa.Table(
    "heartbeat",
    METADATA,
    sa.Column("process", sa.String(32), primary_key=True),
    sa.Column("beaten_at", UtcDateTime, nullable=False),
    #: The number of coordinators who can be notified of a submission; nothing says who they are.
    sa.Column("coordinators", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("coordinators >= 0", name="coordinators_are_counted_from_zero"),
)

INTAKE_STATUS = sa.Table(
    "intake_status",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    #: Since when it is this status; the grace time of open pages counts from here.
    sa.Column("since", UtcDateTime, nullable=False),
    #: When a person last confirmed it.
    sa.Column("checked_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("id = 1", name="there_is_one_intake_status"),
    sa.CheckConstraint(f"status IN ({', '.join(repr(one) for one in STATUSES)})", name="status_is_known"),
)

APPROVED_WORDING = sa.Table(
    "approved_wording",
    METADATA,
    sa.Column("wording_version", sa.String(64), primary_key=True),
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("irb_name", sa.String(200), nullable=False),
    sa.Column("irb_number", sa.String(200), nullable=False),
    sa.Column("approved_on", sa.Date, nullable=False),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("reviewer", sa.String(200), nullable=False),
    sa.CheckConstraint("expires_on > approved_on", name="approval_ends_after_it_begins"),
)

PROVEN_KEY = sa.Table(
    "proven_key",
    METADATA,
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("compartment", sa.String(16), nullable=False),
    sa.Column("proven_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class BoardView:
    """The content of the board at one moment."""

    heartbeat_at: datetime | None
    intake_status: IntakeStatus
    status_since: datetime | None
    approvals: tuple[Approval, ...]
    proven_keys: frozenset[str]
    #: Active accounts with a confirmed address.
    coordinators: int = 0
    #: When a person last confirmed the intake status.
    checked_at: datetime | None = None


def read_board(engine: sa.Engine) -> BoardView:
    """Read the whole board. Raises *UnavailableError*."""
    with reading(engine) as connection:
        status = connection.execute(sa.select(INTAKE_STATUS)).first()
        worker = connection.execute(sa.select(HEARTBEAT).where(HEARTBEAT.c.process == WORKER)).first()
        return BoardView(
            heartbeat_at=worker.beaten_at if worker else None,
            coordinators=worker.coordinators if worker else 0,
            intake_status=status.status if status else "not_ready",
            status_since=status.since if status else None,
            checked_at=status.checked_at if status else None,
            approvals=tuple(Approval(**row) for row in connection.execute(sa.select(APPROVED_WORDING)).mappings()),
            proven_keys=frozenset(connection.scalars(sa.select(PROVEN_KEY.c.key_id))),
        )


def read_heartbeat(engine: sa.Engine) -> datetime | None:
    """The worker's last heartbeat, which is all of the board that the worker may read. Raises *UnavailableError*."""
    with reading(engine) as connection:
        return connection.scalar(sa.select(HEARTBEAT.c.beaten_at).where(HEARTBEAT.c.process == WORKER))


def record_heartbeat(connection: sa.Connection, at: datetime, *, coordinators: int | None = None) -> None:
    """Record the worker's heartbeat and the number of *coordinators*; None leaves the number as it was."""
    known = {} if coordinators is None else {"coordinators": coordinators}
    _put(connection, HEARTBEAT, {"process": WORKER}, {"beaten_at": at, **known})


def set_intake_status(connection: sa.Connection, status: IntakeStatus, reason: str, at: datetime) -> bool:
    """Set the intake status; the *reason* is for staff, not for the page.

    False when it had this status already: then it is only confirmed, and *since* stays.
    """
    row = connection.execute(sa.select(INTAKE_STATUS.c.since, INTAKE_STATUS.c.status).with_for_update()).first()
    since = row.since if row and row.status == status else None
    facts = {"status": status, "reason": reason, "since": since or at, "checked_at": at}
    _put(connection, INTAKE_STATUS, {"id": 1}, facts)
    return since is None


def publish_approval(connection: sa.Connection, approval: Approval) -> None:
    """Publish the IRB's approval of a wording."""
    facts = dict(vars(approval))
    _put(connection, APPROVED_WORDING, {"wording_version": facts.pop("wording_version")}, facts)


def publish_proven_key(connection: sa.Connection, key_id: str, compartment: str, at: datetime) -> None:
    """Publish that a private key was proven to open what is sealed to this public key."""
    _put(connection, PROVEN_KEY, {"key_id": key_id}, {"compartment": compartment, "proven_at": at})


def _put(connection: sa.Connection, table: sa.Table, key: dict[str, object], facts: dict[str, object]) -> None:
    """Insert or update the row of *key*, in one statement, so that two writers at once need no lock."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(table).values(key | facts).on_conflict_do_update(index_elements=list(key), set_=facts)
    )
