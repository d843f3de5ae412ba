"""Forms will be erased by age: how many, from which day on, and for how many a person has to decide."""

from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import ClassVar
from typing import Self

from pydantic import Field

from screener.mail.message import Message
from screener.mail.messages.arrived import MOST_FORMS
from screener.settings import Settings


class ErasuresAnnounced(Message):
    """To study leads and administrators; at most one a day."""

    kind: ClassVar[str] = "erasures_announced"
    spacing: ClassVar[timedelta | None] = timedelta(days=1)

    number: int = Field(ge=0, le=MOST_FORMS)
    #: Of these, how many stay until a named person decides: never tried, or with an appointment ahead.
    undecided: int = Field(ge=0, le=MOST_FORMS)
    first_day: date

    def merge(self, later: Self) -> Self:
        """One message about the forms of both."""
        return type(self)(
            number=min(self.number + later.number, MOST_FORMS),
            undecided=min(self.undecided + later.undecided, MOST_FORMS),
            first_day=min(self.first_day, later.first_day),
        )

    def template_values(self, settings: Settings, created_at: datetime) -> dict[str, object]:
        """The numbers, the first day, and where to sign in."""
        first_day = f"{self.first_day:%B} {self.first_day.day}, {self.first_day.year}"
        return {**self.facts(), "first_day": first_day, "desk": settings.desk_address}
