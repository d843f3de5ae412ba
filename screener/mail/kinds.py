"""The table of message kinds.

To add one: a class in ``messages/<kind>.py``, its line here, its three templates in ``templates/email/<kind>``.
"""

from collections.abc import Mapping
from typing import Any

from screener.mail.message import Message
from screener.mail.messages.access_change import AccessChanged
from screener.mail.messages.approval_ends import ApprovalEnds
from screener.mail.messages.arrived import FormsArrived
from screener.mail.messages.audit_head import AuditHead
from screener.mail.messages.audit_head_refused import AuditHeadRefused
from screener.mail.messages.closed_alone import ClosedAlone
from screener.mail.messages.disk_space_low import DiskSpaceLow
from screener.mail.messages.drill_due import DrillDue
from screener.mail.messages.erasure_stopped import ErasureStopped
from screener.mail.messages.erasures_announced import ErasuresAnnounced
from screener.mail.messages.failed_sign_ins import FailedSignIns
from screener.mail.messages.many_arrivals import ManyArrivals

MESSAGE_KINDS: Mapping[str, type[Message]] = {
    each.kind: each
    for each in (
        FormsArrived,
        ApprovalEnds,
        ClosedAlone,
        AccessChanged,
        AuditHead,
        AuditHeadRefused,
        ErasuresAnnounced,
        ErasureStopped,
        DiskSpaceLow,
        DrillDue,
        FailedSignIns,
        ManyArrivals,
    )
}
#: The files in ``templates/email/<kind>``.
TEMPLATE_FILES = ("subject.txt", "body.txt", "body.html")


def parse_message(kind: str, facts: Mapping[str, Any]) -> Message:
    """The message that the outbox stores as *kind* and *facts*. Raises *KeyError* or *pydantic.ValidationError*."""
    return MESSAGE_KINDS[kind].model_validate(facts)
