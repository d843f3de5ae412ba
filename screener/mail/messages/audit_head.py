"""The head of the audit trail, for the address outside that the site names."""

from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message


class AuditHead(Message):
    """To the address of ``SCREENER_AUDIT_HEAD_TO``, once a day; it has no account, so it is not in the outbox."""

    kind: ClassVar[str] = "audit_head"

    audit_head: str = Field(pattern=r"^[0-9]{1,18}:[0-9a-f]{64}$")
