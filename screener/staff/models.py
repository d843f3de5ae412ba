"""Models of the staff accounts and invitations in the store.

An account keeps no network address and no sign-in history: it says which person may do what, and since when.
"""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_security.core import UserMixin
from sqlalchemy import orm

from screener.submissions.models import METADATA
from screener.submissions.models import Base

__all__ = ["METADATA", "Account", "Invitation", "Role"]


class Role(StrEnum):
    """The roles that an account can have, in the order in which they are listed."""

    COORDINATOR = "coordinator"
    STUDY_LEAD = "study_lead"
    ADMINISTRATOR = "administrator"


class Account(Base, UserMixin):
    """A person who can sign in at the desk, or is invited to."""

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint("failures >= 0", name="failures_are_counted_from_zero"),
        sa.CheckConstraint("active = (disabled_at IS NULL)", name="disabled_accounts_say_since_when"),
    )

    #: Random, so that ids do not tell how many accounts there are (the base class only expects a number).
    id: orm.Mapped[str] = orm.mapped_column(  # type: ignore[assignment]
        sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: In lower case; the person signs in with it.
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254), unique=True)
    #: Values of *Role*, joined by commas.
    role_names: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: Codes of the languages in which this person can make a call, joined by commas.
    languages: orm.Mapped[str] = orm.mapped_column(sa.String(80), default="en")
    active: orm.Mapped[bool]
    disabled_at: orm.Mapped[datetime | None]
    created_at: orm.Mapped[datetime]
    #: When the invitation was accepted, which confirms the address.
    confirmed_at: orm.Mapped[datetime | None]
    #: Argon2id hash; None until the invitation is accepted.
    password: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    #: A session carries it; changing it ends every session of the account.
    fs_uniquifier: orm.Mapped[str] = orm.mapped_column(sa.String(64), unique=True, default=lambda: uuid.uuid4().hex)
    tf_primary_method: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    tf_totp_secret: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    mf_recovery_codes: orm.Mapped[list[str] | None] = orm.mapped_column(sa.JSON)
    #: The time step of the last accepted TOTP code: no code is accepted twice.
    totp_step: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger)
    #: Failed attempts since the last complete sign-in.
    failures: orm.Mapped[int] = orm.mapped_column(default=0)
    locked_until: orm.Mapped[datetime | None]
    #: When the round robin last assigned a follow-up to this person.
    turn_at: orm.Mapped[datetime | None]


class Invitation(Base):
    """An invitation link; only the hash of its code is kept."""

    __tablename__ = "invitation"

    code_hash: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    account_id: orm.Mapped[str] = orm.mapped_column(sa.String(32), sa.ForeignKey("account.id"), index=True)
    made_at: orm.Mapped[datetime]
    expires_at: orm.Mapped[datetime]
    used_at: orm.Mapped[datetime | None]
