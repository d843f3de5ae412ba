"""No backup was tried for a year: whether it restores, and whether the recovery key opens it, is not known."""

from datetime import date
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.settings import Settings


class DrillDue(Message):
    """To study leads and administrators, once a month until a drill is recorded."""

    kind: ClassVar[str] = "drill_due"
    unique_by: ClassVar[tuple[str, ...]] = ("last_day", "month")

    #: The day of the last drill, of the recovery key, or of the first audit event.
    last_day: date
    #: The month of the reminder, as in 202711.
    month: int = Field(ge=202601, le=209912)

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The day of the last drill."""
        return {"last_day": f"{self.last_day:%B} {self.last_day.day}, {self.last_day.year}"}
