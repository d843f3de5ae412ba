"""The desk as it is shipped over a deployment: its accounts, its submissions, and what its store and audit trail hold.

Two ways in: ``hires`` puts an account and a session in place, for tests of the work at the desk; ``onboards`` goes by
invitation, password and second factor, for tests of the way in.
"""

import itertools
import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import time_machine
from jinja2.bccache import Bucket
from jinja2.bccache import BytecodeCache

from screener import audit
from screener import clock as clocks
from screener.db import reading
from screener.db import writing
from screener.desk.context import EXTENSION
from screener.desk.context import DeskContext
from screener.desk_app import create_desk_app
from screener.follow_up.models import FollowUp
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.receipt import receive_submission
from screener.follow_up.transitions import ENDED_STATES
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import AuditActor
from screener.staff.models import Account
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission
from screener.submissions.models import Submission
from screener.submissions.payload import FieldValue
from screener.submissions.payload import pack_values
from screener.submissions.reference import derive_reference
from tests.support.desk_client import DeskUser
from tests.support.page_rules import RuledDeskClient
from tests.support.submissions import ADA
from tests.support.submissions import ADAS_ANSWERS
from tests.support.submissions import NOON
from tests.support.submissions import sealed

BY = AuditActor("test", "test")


class _Compiled(BytecodeCache):
    """The templates of this test run, each compiled once."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


COMPILED = _Compiled()


class DeskApp:
    """The desk's application over *settings*, with what lies behind it; a test that moves time gives its *clock*."""

    def __init__(self, settings: Settings, clock: time_machine.Traveller | None = None) -> None:
        self.settings = settings
        self.app = create_desk_app(settings)
        self.app.jinja_env.bytecode_cache = COMPILED
        self.app.test_client_class = RuledDeskClient
        self.room: DeskContext = self.app.extensions[EXTENSION]
        self.store = self.room.store
        self._clock = clock
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self.room.close()

    @property
    def clock(self) -> time_machine.Traveller:
        assert self._clock is not None, "this deployment was made without a clock to move"
        return self._clock

    def hires(self, name: str, *, roles: str = "coordinator") -> DeskUser:
        """Add an active account, and return its user, signed in."""
        account: dict[str, Any] = {
            # By the name, so that two deployments with the same people begin alike.
            "id": uuid.uuid5(uuid.NAMESPACE_DNS, name).hex,
            "name": name,
            "email": f"{re.sub('[^a-z]', '', name.lower())}@example.org",
            "role_names": roles,
            "languages": "en",
            "active": True,
            "created_at": NOON,
            "confirmed_at": NOON,
            "fs_uniquifier": uuid.uuid4().hex,
            "failures": 0,
        }
        with writing(self.store) as connection:
            connection.execute(sa.insert(Account).values(account))
        user = DeskUser(self.app, account["email"], id_=account["id"], follow=True)
        user.is_signed_in_as(self.account(user.email))
        return user

    def signs_in_again(self, user: DeskUser) -> None:
        """The user signs in anew, as after a night."""
        user.is_signed_in_as(self.account(user.email))

    def new_browser(self, email: str = "") -> DeskUser:
        """A browser in which no account is signed in."""
        return DeskUser(self.app, email)

    def invites(self, name: str, *roles: str, languages: tuple[str, ...] = ("en",)) -> str:
        """Invite *name*, and return the link of the invitation."""
        rights = accounts.parse_rights(roles, languages)
        with writing(self.store) as connection:
            email = f"{name.lower()}@example.org"
            code = invitations.create_invitation(connection, name, email, rights, by=BY, at=clocks.now())
        return invitations.invitation_link("", code)

    def invites_again(self, email: str) -> str:
        """A new link for an account that is there."""
        with writing(self.store) as connection:
            account = accounts.get_account_by_email(connection, email)
            code = invitations.renew_invitation(connection, account, by=BY, at=clocks.now())
        return invitations.invitation_link("", code)

    def invites_first(self) -> str | None:
        with writing(self.store) as connection:
            return invitations.invite_first_administrator(connection, by=BY, at=clocks.now())

    def onboards(self, name: str, *roles: str) -> DeskUser:
        """Invite *name*, accept the invitation, set a second factor where one is asked for; returned signed in."""
        user = self.new_browser(f"{name.lower()}@example.org")
        page = user.takes_up(self.invites(name, *roles))
        if self.settings.in_production:
            user.posts(user.sets_up(page))
        self.clock.shift(60)
        return user

    def account(self, email: str) -> Account:
        with reading(self.store) as connection:
            return accounts.get_account_by_email(connection, email)

    def disables(self, email: str) -> None:
        with writing(self.store) as connection:
            account = accounts.get_account_by_email(connection, email)
            accounts.disable_account(connection, account, heir=None, by=BY, at=clocks.now())

    def token_of(self, email: str) -> str:
        """An authentication token as Flask-Security would make one, if it was asked to."""
        with self.app.test_request_context():
            return str(self.account(email).get_auth_token())

    def receives(
        self,
        contact: Mapping[str, FieldValue] | None = None,
        answers: Mapping[str, FieldValue] | None = None,
        *,
        at: datetime | None = None,
        wording: str = "a" * 64,
        id_: bytes = b"",
        spam: bool = False,
    ) -> str:
        """Save one submission, sealed as the public process seals it, and return its reference."""
        number = next(self._numbers)
        id_ = id_ or number.to_bytes(32, "big")
        bound: Any = {"study": self.room.study.id, "submission": id_}
        at = at or NOON + timedelta(minutes=number)
        envelope = Envelope(id_, at, wording, "en", "direct", "es", suspected_spam=spam)
        boxes = (
            seal_contact(pack_values({**ADA, **(contact or {})}), self.room.public_keys, **bound),
            seal_answers(pack_values({**ADAS_ANSWERS, **(answers or {})}), self.room.public_keys, **bound),
        )
        with writing(self.store) as connection:
            receive_submission(connection, SealedSubmission(envelope, *boxes), at=at)
        return derive_reference(id_)

    def follow_up(self, reference: str) -> Any:
        query = sa.select(FollowUp.__table__).join(Submission).where(Submission.reference == reference)
        with reading(self.store) as connection:
            return connection.execute(query).one()

    def history(self, reference: str) -> list[Any]:
        """The events of a follow-up, by version."""
        query = (
            sa.select(FollowUpEvent.__table__)
            .join(Submission, Submission.id == FollowUpEvent.submission_id)
            .where(Submission.reference == reference)
            .order_by(FollowUpEvent.version)
        )
        with reading(self.store) as connection:
            return list(connection.execute(query))

    def trail(self, *, start: str = "desk:") -> list[dict[str, Any]]:
        """The audit events whose action begins with *start*, oldest first, each with its detail read."""
        with reading(self.store) as connection:
            rows = connection.execute(sa.select(audit.EVENTS).order_by(audit.EVENTS.c.seq)).mappings()
            return [{**row, "detail": json.loads(row["detail"])} for row in rows if row["action"].startswith(start)]

    def account_events(self, verb: str = "") -> list[dict[str, Any]]:
        """The audit events about accounts, oldest first."""
        found = [event for event in self.trail(start="") if ":account:" in event["action"]]
        return [event for event in found if event["action"].endswith(f":{verb}") or not verb]

    def gives_work(self, account: Account, *states: str) -> None:
        """Assign a follow-up in each of *states* to *account*."""
        for state in states:
            one = sealed()
            ended_at = clocks.now() if state in ENDED_STATES else None
            with writing(self.store) as connection:
                receive_submission(connection, one, at=clocks.now())
                connection.execute(
                    sa.update(FollowUp)
                    .where(FollowUp.submission_id == one.envelope.id)
                    .values(assignee=account.id, state=state, ended_at=ended_at)
                )

    def work(self) -> dict[str, str | None]:
        """The assignee of the follow-up in each state."""
        with reading(self.store) as connection:
            rows = connection.execute(sa.select(FollowUp.state, FollowUp.assignee).join(Submission))
            return {row.state: row.assignee for row in rows}
