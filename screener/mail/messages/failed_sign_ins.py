"""Many failed attempts in a row to sign in to an account."""

from datetime import date
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.settings import Settings


class Whose(StrEnum):
    """Whose account a message is about: the recipient's own, or another one."""

    OWN = "own"
    OTHER = "other"


class FailedSignIns(Message):
    """To the person and to administrators, at most once a day each; it names no account."""

    kind: ClassVar[str] = "failed_sign_ins"
    unique_by: ClassVar[tuple[str, ...]] = ("day", "whose")
    #: More are counted as so many: a longer number could be a code.
    MOST_ATTEMPTS: ClassVar[int] = 99_999

    attempts: int = Field(ge=1, le=MOST_ATTEMPTS)
    day: date
    #: A value of *Whose*.
    whose: str = Field(pattern=r"^(own|other)$")

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The number, whose account it is about, and where to sign in."""
        return {"attempts": self.attempts, "own": self.whose == Whose.OWN, "desk": settings.desk_address}
