"""The head of the audit trail could not be sent to the address or file outside that the site names."""

from datetime import date
from datetime import datetime
from typing import ClassVar

from screener.mail.message import Message
from screener.settings import Settings


class AuditHeadRefused(Message):
    """To study leads and administrators, once a day while it lasts."""

    kind: ClassVar[str] = "audit_head_refused"
    unique_by: ClassVar[tuple[str, ...]] = ("day",)

    day: date

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The day, in words."""
        return {"day": f"{self.day:%B} {self.day.day}, {self.day.year}"}
