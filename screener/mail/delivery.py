"""Deliver due messages: compose each, hand it to the transport, and mark it as soon as it is gone."""

import time
from email.message import EmailMessage

import sqlalchemy as sa

from screener import clock
from screener.mail import outbox
from screener.mail.compose import compose_email
from screener.mail.outbox import LeasedMessage
from screener.mail.transport import PermanentFailure
from screener.mail.transport import TemporaryFailure
from screener.mail.transport import Transport
from screener.mail.transport import open_transport
from screener.settings import Settings

#: Messages a round, and seconds after which the rest waits: submissions are moved in between.
MESSAGES_PER_ROUND = 20
SECONDS_PER_ROUND = 20


def deliver_due(settings: Settings, store: sa.Engine) -> int:
    """Send the messages that are due; returns how many the transport took. Raises *Unavailable* for the store only."""
    outbox.withdraw_from_disabled_accounts(store, at=clock.now())
    leased = outbox.lease(store, at=clock.now(), limit=MESSAGES_PER_ROUND)
    if not leased:
        return 0
    sent = 0
    until = time.monotonic() + SECONDS_PER_ROUND
    try:
        with open_transport(settings) as transport:
            while leased and time.monotonic() < until:
                sent += _deliver(settings, store, transport, leased[0])
                leased.pop(0)
    except TemporaryFailure as failure:
        _retry_later(store, leased, str(failure))
        return sent
    _retry_later(store, leased, "out of time")
    return sent


def _deliver(settings: Settings, store: sa.Engine, transport: Transport, leased: LeasedMessage) -> bool:
    """Send one message; False when it cannot be composed or is refused for good, which stops no other message."""
    try:
        transport.send(_compose(leased, settings))
    except PermanentFailure as failure:
        outbox.mark_failed(store, leased, str(failure), at=clock.now(), permanent=True)
        return False
    outbox.mark_sent(store, leased, at=clock.now())
    return True


def _compose(leased: LeasedMessage, settings: Settings) -> EmailMessage:
    try:
        return compose_email(leased, settings)
    except (KeyError, ValueError):
        raise PermanentFailure("invalid message") from None


def _retry_later(store: sa.Engine, leased: list[LeasedMessage], fault: str) -> None:
    for message in leased:
        outbox.mark_failed(store, message, fault, at=clock.now(), permanent=False)
