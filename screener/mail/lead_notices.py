"""Notices to study leads and administrators about the deployment: counts and no content."""

from datetime import datetime

import sqlalchemy as sa

from screener.db import reading
from screener.db import writing
from screener.mail import outbox
from screener.mail.message import Message
from screener.staff import directory


def enqueue_in_transaction(connection: sa.Connection, message: Message, *, at: datetime) -> None:
    """Enqueue *message* for every lead and administrator in the caller's transaction."""
    for account in directory.list_lead_ids(connection):
        outbox.enqueue(connection, message, account, at=at)


def enqueue_for_leads(engine: sa.Engine, message: Message, *, at: datetime) -> int:
    """Enqueue *message* for every lead and administrator who does not have it; returns how many. *unique_by* is asked.

    Raises *UnavailableError*.
    """
    with reading(engine) as connection:
        keys = {account: message.dedupe_key(account) for account in directory.list_lead_ids(connection)}
        there = outbox.find_dedupe_keys(connection, list(keys.values()))
    missing = [account for account, key in keys.items() if key not in there]
    if not missing:
        return 0
    with writing(engine) as connection:
        return sum(outbox.enqueue(connection, message, account, at=at) for account in missing)
