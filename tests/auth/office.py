"""The desk's application over a deployment, its accounts and its audit trail, as tests reach for them."""

import json
from typing import Any

import sqlalchemy as sa
import time_machine

from screener import audit
from screener import clock as clocks
from screener.auth.context import EXTENSION
from screener.db import reading
from screener.db import writing
from screener.desk_app import create_desk_app
from screener.follow_up.transitions import ENDED
from screener.settings import Settings
from screener.staff import accounts
from screener.staff import invitations
from screener.staff.accounts import By
from screener.staff.models import Account
from screener.submissions.store import FollowUp
from screener.submissions.store import Submission
from tests.auth.person import Person
from tests.support.desk_app import COMPILED
from tests.support.submissions import sealed

BY = By("test", "test")


class House:
    """A desk, and what lies behind it."""

    def __init__(self, settings: Settings, clock: time_machine.Traveller) -> None:
        self.settings = settings
        self.clock = clock
        self.app = create_desk_app(settings)
        self.app.jinja_env.bytecode_cache = COMPILED
        self.store: sa.Engine = self.app.extensions[EXTENSION].store

    def close(self) -> None:
        self.store.dispose()

    def person(self, email: str = "") -> Person:
        return Person(self.app, email)

    def invites(self, name: str, *roles: str, languages: tuple[str, ...] = ("en",)) -> str:
        """The address of an invitation."""
        rights = accounts.rights_of(roles, languages)
        with writing(self.store) as connection:
            email = f"{name.lower()}@example.org"
            code = invitations.invite(connection, name, email, rights, by=BY, at=clocks.now())
        return f"/invitation/{code}"

    def invites_first(self) -> str | None:
        with writing(self.store) as connection:
            return invitations.invite_first(connection, by=BY, at=clocks.now())

    def hires(self, name: str, *roles: str) -> Person:
        """Somebody who was invited, came, set up a second factor where one is asked for, and is signed in."""
        person = self.person(f"{name.lower()}@example.org")
        page = person.takes_up(self.invites(name, *roles))
        if self.settings.in_production:
            person.sends(person.sets_up(page))
        self.clock.shift(60)
        return person

    def account(self, email: str) -> Account:
        with reading(self.store) as connection:
            return accounts.called(connection, email)

    def disables(self, email: str) -> None:
        with writing(self.store) as connection:
            account = accounts.called(connection, email)
            accounts.disable(connection, account, heir=None, by=BY, at=clocks.now())

    def token_of(self, email: str) -> str:
        """A token as the library would make one, if it was asked to."""
        with self.app.test_request_context():
            return str(self.account(email).get_auth_token())

    def trail(self, verb: str = "") -> list[dict[str, Any]]:
        """The events about accounts, oldest first."""
        with reading(self.store) as connection:
            rows = connection.execute(sa.select(audit.EVENTS).order_by(audit.EVENTS.c.seq)).mappings()
            found = [{**row, "detail": json.loads(row["detail"])} for row in rows if ":account:" in row["action"]]
        return [event for event in found if event["action"].endswith(f":{verb}") or not verb]

    def gives_work(self, account: Account, *states: str) -> None:
        """A follow-up in each of *states* for *account*."""
        from screener.submissions import writes as keeping

        for state in states:
            one = sealed()
            with writing(self.store) as connection:
                keeping.keep(connection, one, at=clocks.now())
                connection.execute(
                    sa.update(FollowUp)
                    .where(FollowUp.submission_id == one.envelope.id)
                    .values(assignee=account.id, state=state, ended_at=clocks.now() if state in ENDED else None)
                )

    def work(self) -> dict[str, str | None]:
        """Who has the follow-up that is in each state."""
        with reading(self.store) as connection:
            rows = connection.execute(sa.select(FollowUp.state, FollowUp.assignee).join(Submission))
            return {row.state: row.assignee for row in rows}
