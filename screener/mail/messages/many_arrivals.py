"""Ten times as many forms as usual came within a day."""

from datetime import date
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.mail.messages.arrived import MOST_FORMS
from screener.settings import Settings


class ManyArrivals(Message):
    """To study leads and administrators, once a day while it lasts."""

    kind: ClassVar[str] = "many_arrivals"
    unique_by: ClassVar[tuple[str, ...]] = ("day",)

    #: The day (UTC) on which it was found.
    day: date
    #: Forms received in the 24 hours before, and on a usual day.
    number: int = Field(ge=0, le=MOST_FORMS)
    usual: int = Field(ge=0, le=MOST_FORMS)

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The counts, and where to sign in."""
        return {**self.facts(), "desk": settings.desk_address}
