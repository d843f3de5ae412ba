"""Tell of a change of access by email: the person, all study leads and all administrators, or every account."""

from datetime import datetime

import sqlalchemy as sa

from screener.mail import outbox
from screener.mail.messages.access_change import AccessChanged
from screener.mail.messages.failed_sign_ins import Whose
from screener.staff import directory
from screener.staff.models import AccessChange


def tell_of_access_change(connection: sa.Connection, change: AccessChange, *, everybody: bool, at: datetime) -> None:
    """Enqueue the email about *change* as it is now, to every account if *everybody*, in the caller's transaction."""
    reachable = set(directory.list_account_ids(connection))
    told = reachable if everybody else {*directory.list_lead_ids(connection), change.account_id} & reachable
    for recipient in sorted(str(one) for one in told):
        message = AccessChanged(
            change=change.kind,
            step=change.state,
            whose=Whose.OWN if recipient == change.account_id else Whose.OTHER,
            last_day=change.effective_at.date(),
        )
        outbox.enqueue(connection, message, recipient, at=at)
