"""Forms were closed as not a real submission by the person who proposed it, because there was no second person."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.mail.messages.arrived import MOST_FORMS
from screener.settings import Settings


class ClosedAlone(Message):
    """To study leads and administrators, each time."""

    kind: ClassVar[str] = "closed_alone"

    number: int = Field(ge=1, le=MOST_FORMS)

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The number, and where to sign in."""
        return {**self.facts(), "desk": settings.desk_address}
