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

__all__ = ["METADATA", "AccessChange", "Account", "AttemptCounter", "DeskSession", "Invitation", "Role"]


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
    #: Failed attempts from browsers that this account does not know, since the last lockout or complete sign-in.
    failures: orm.Mapped[int] = orm.mapped_column(default=0)
    #: The same since the last complete sign-in from such a browser, those during a lockout too.
    failures_in_a_row: orm.Mapped[int] = orm.mapped_column(default=0)
    locked_until: orm.Mapped[datetime | None]
    #: When another person last reset the password or the second factor.
    sign_in_reset_at: orm.Mapped[datetime | None]
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


class AttemptCounter(Base):
    """Failed attempts of one account from one known browser, or at the proof that is asked of who is signed in."""

    __tablename__ = "attempt_counter"
    __table_args__ = (sa.CheckConstraint("failures >= 0", name="attempts_of_a_browser_are_counted_from_zero"),)

    #: HMAC-SHA256 of account and browser: neither can be read from it.
    key_hash: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    failures: orm.Mapped[int]
    failures_in_a_row: orm.Mapped[int]
    locked_until: orm.Mapped[datetime | None]
    #: When the last sign-in from this browser was completed.
    used_at: orm.Mapped[datetime]


class DeskSession(Base):
    """A session at the desk, from a correct password on; these columns are all that a session can hold.

    The cookie alone has the id, so that reading the store, or having a key of the desk, gives no session.
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


class AccessKind(StrEnum):
    """What a change of access gives to a person."""

    #: A new account, or one that was disabled, with its first link.
    INVITATION = "invitation"
    ROLES = "roles"
    #: A new sign-in link, with which a new password is chosen.
    LINK = "link"
    SECOND_FACTOR = "second_factor"


class AccessState(StrEnum):
    """How far a change of access is."""

    WAITING = "waiting"
    #: Its link can be made, once.
    CONFIRMED = "confirmed"
    IN_EFFECT = "in_effect"
    REFUSED = "refused"


class AccessDecision(StrEnum):
    """Why a change of access was confirmed."""

    SECOND_PERSON = "second_person"
    #: The person who asked for it, again after a day: no other could.
    SAME_PERSON = "same_person"
    NO_REFUSAL = "no_refusal"
    #: During the first set-up, when there is nothing to read yet.
    SET_UP = "set_up"


class AccessChange(Base):
    """A change that gives a person access to the desk: asked for, confirmed or refused, in effect."""

    __tablename__ = "access_change"
    __table_args__ = (
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="a_waiting_change_is_not_decided"),
        sa.Index("ix_access_change_state_requested_at", "state", "requested_at"),
    )

    id: orm.Mapped[str] = orm.mapped_column(sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    #: A value of *AccessKind*.
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    #: A value of *AccessState*.
    state: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    #: The person who gets access: an account, or None for one that is not made yet.
    account_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(32), index=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    email: orm.Mapped[str] = orm.mapped_column(sa.String(254))
    #: As in *Account*; empty for a link and a second factor.
    role_names: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    languages: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: ``desk`` or ``cli``.
    source: orm.Mapped[str] = orm.mapped_column(sa.String(8))
    #: The account that asked for it; None when the command line named none.
    requested_by: orm.Mapped[str | None] = orm.mapped_column(sa.String(32))
    #: The actor as the audit trail names them.
    requested_as: orm.Mapped[str] = orm.mapped_column(sa.String(254))
    requested_at: orm.Mapped[datetime]
    #: From when it takes effect without a confirmation.
    effective_at: orm.Mapped[datetime]
    decided_as: orm.Mapped[str] = orm.mapped_column(sa.String(254), default="")
    #: A value of *AccessDecision*; empty while it waits and when it was refused.
    decision: orm.Mapped[str] = orm.mapped_column(sa.String(16), default="")
    decided_at: orm.Mapped[datetime | None]
