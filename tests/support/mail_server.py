"""Staff accounts that can be written to, and an SMTP server of the test run that takes their email, or refuses it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import Message

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session

from screener import clock
from screener.db import connect
from screener.db import writing
from screener.settings import Settings
from screener.staff.models import Account
from tests.support.server import free_port

AT = "example.org"


def hire(settings: Settings, name: str, **changes: object) -> str:
    """An active coordinator with a proven address, *name*@example.org; the id of the account."""
    now: datetime = clock.now()
    facts: dict[str, object] = {
        "name": name.title(),
        "email": f"{name}@{AT}",
        "role_names": "coordinator",
        "languages": "en",
        "active": True,
        "created_at": now,
        "confirmed_at": now,
        **changes,
    }
    with writing(connect(settings.store, may="write")) as connection:
        connection.execute(sa.insert(Account).values(facts))
        found: str = connection.execute(sa.select(Account.id).where(Account.email == facts["email"])).scalar_one()
    return found


class MailServer:
    """A real SMTP server on this machine; *refuses* says what it answers to whom, and may raise to cut the line."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[Message] = []
        self.refuses: Callable[[str], str] = lambda address: ""
        self.after_data: Callable[[], str] = lambda: "250 taken"
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.refuses(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(message_from_bytes(content))
        answer = self.after_data()
        if not answer:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer or "250 never heard"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]
