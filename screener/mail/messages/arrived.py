"""New forms are waiting for a coordinator: how many, or the reference of the one."""

from datetime import datetime
from datetime import timedelta
from typing import ClassVar
from typing import Self

from pydantic import Field

from screener.mail.message import Message
from screener.settings import Settings

#: More are counted as so many: a longer number could be a telephone number or a code.
MOST_FORMS = 99_999


class FormsArrived(Message):
    """To the assignee of new submissions; at most one in ten minutes, so that many forms are not many emails."""

    kind: ClassVar[str] = "arrived"
    spacing: ClassVar[timedelta | None] = timedelta(minutes=10)

    number: int = Field(default=1, ge=1, le=MOST_FORMS)
    #: The reference, when the message is about one submission; empty when it is about several.
    reference: str = Field(default="", pattern=r"^([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])?$")

    def merge(self, later: Self) -> Self:
        """One message about the forms of both, as a number."""
        return type(self)(number=min(self.number + later.number, MOST_FORMS))

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The number, the reference, and where to sign in."""
        return {**self.facts(), "desk": settings.desk_address}
