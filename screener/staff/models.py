"""The accounts of the people who work here, in the store.

An account carries no address of a machine and no trace of where somebody signed in from: it says who may do what,
and since when.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from flask_security.core import UserMixin
from sqlalchemy import orm

from screener.submissions.models import METADATA
from screener.submissions.models import Base

__all__ = ["ADMINISTRATOR", "COORDINATOR", "METADATA", "ROLES", "STUDY_LEAD", "Account", "Invitation"]

ADMINISTRATOR = "administrator"
COORDINATOR = "coordinator"
STUDY_LEAD = "study_lead"
#: What an account may be; in the order in which they are named.
ROLES = (COORDINATOR, STUDY_LEAD, ADMINISTRATOR)


class Account(Base, UserMixin):
    """One person who may sign in at the desk, or who was invited and has not yet come."""

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint("failures >= 0", name="failures_are_counted_from_zero"),
        sa.CheckConstraint("active = (disabled_at IS NULL)", name="disabled_accounts_say_since_when"),
    )

    #: Made here and not by the database, so that nobody can count us (the base class only expects a number).
    id: orm.Mapped[str] = orm.mapped_column(  # type: ignore[assignment]
        sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: In lower case: the name by which somebody signs in.
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254), unique=True)
    #: Names of *ROLES*, joined by commas.
    role_names: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: Codes of the languages that this person can hold a call in, joined by commas.
    languages: orm.Mapped[str] = orm.mapped_column(sa.String(80), default="en")
    active: orm.Mapped[bool]
    disabled_at: orm.Mapped[datetime | None]
    created_at: orm.Mapped[datetime]
    #: When the invitation was taken up, which proves the address.
    confirmed_at: orm.Mapped[datetime | None]
    #: Argon2id; None until the invitation is taken up.
    password: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    #: What a session carries; changing it ends every session of the account.
    fs_uniquifier: orm.Mapped[str] = orm.mapped_column(sa.String(64), unique=True, default=lambda: uuid.uuid4().hex)
    tf_primary_method: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    tf_totp_secret: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    mf_recovery_codes: orm.Mapped[list[str] | None] = orm.mapped_column(sa.JSON)
    #: The step of the last code that was taken: no code is taken twice.
    totp_step: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger)
    #: Wrong tries since the last good one.
    failures: orm.Mapped[int] = orm.mapped_column(default=0)
    locked_until: orm.Mapped[datetime | None]
    #: When the round robin last gave this person something.
    turn_at: orm.Mapped[datetime | None]


class Invitation(Base):
    """A link that was given to somebody; only the hash of its code is kept."""

    __tablename__ = "invitation"

    code_hash: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    account_id: orm.Mapped[str] = orm.mapped_column(sa.String(32), sa.ForeignKey("account.id"), index=True)
    made_at: orm.Mapped[datetime]
    expires_at: orm.Mapped[datetime]
    used_at: orm.Mapped[datetime | None]
