"""An approval of the wording in one language is about to end, or has ended."""

from datetime import date
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.settings import Settings
from screener.web.locales import language_name

#: Digits of a version in an email: enough to find it in `screener wording list`.
SHORT_VERSION_LENGTH = 12


class ApprovalEnds(Message):
    """To study leads and administrators, once for each warning of each approval."""

    kind: ClassVar[str] = "approval_ends"
    unique_by: ClassVar[tuple[str, ...]] = ("wording_version", "last_day", "days")

    locale: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", max_length=16)
    #: SHA-256 of the wording.
    wording_version: str = Field(pattern=r"^[0-9a-f]{64}$")
    last_day: date
    #: How many days before its end recipients are warned; 0 when it is over.
    days: int = Field(ge=0, le=366)

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """Language, version, last day, and the days left when the message was created; negative when it is over."""
        return {
            "locale": self.locale,
            "language": language_name(self.locale),
            "version": self.wording_version[:SHORT_VERSION_LENGTH],
            "last_day": f"{self.last_day:%B} {self.last_day.day}, {self.last_day.year}",
            "left": (self.last_day - created_at.date()).days,
        }
