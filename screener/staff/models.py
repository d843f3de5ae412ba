"""Models of the staff accounts, invitations and sessions in the store.

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

__all__ = ["METADATA", "Account", "DeskSession", "Invitation", "Role"]


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
    #: What Flask-Login calls the account; it opens nothing.
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


class DeskSession(Base):
    """A session at the desk, from a correct password on; these columns are all that a session can hold.

    The cookie alone has the id, so that nobody who reads the store, or has a key of the desk, has a session.
    """

    __tablename__ = "desk_session"
    __table_args__ = (
        sa.CheckConstraint("NOT second_factor OR proven_at IS NOT NULL", name="a_second_factor_was_proven_some_time"),
        sa.CheckConstraint("ended_at IS NULL OR seal = ''", name="an_ended_session_has_no_seal"),
    )

    #: SHA-256 of the id, in hexadecimal.
    id_hash: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    account_id: orm.Mapped[str] = orm.mapped_column(sa.String(32), sa.ForeignKey("account.id"), index=True)
    begun_at: orm.Mapped[datetime] = orm.mapped_column(index=True)
    #: The last request, to the minute.
    seen_at: orm.Mapped[datetime]
    #: When a password or a code was checked last; None between a correct password and the second factor.
    proven_at: orm.Mapped[datetime | None]
    #: Whether a second factor was checked.
    second_factor: orm.Mapped[bool]
    #: The TOTP secret that is being set up, encrypted.
    new_totp: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    #: HMAC-SHA256 over the columns above, under a key of the desk and the id; empty once the session ended.
    seal: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    ended_at: orm.Mapped[datetime | None]
