"""Erasing by age and in bulk was stopped: the clock is in doubt, or too many forms are due at once."""

from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message


class ErasureStopped(Message):
    """To study leads and administrators, once for each stop."""

    kind: ClassVar[str] = "erasure_stopped"
    unique_by: ClassVar[tuple[str, ...]] = ("stop",)

    #: The number of the stop.
    stop: int = Field(ge=1, le=99_999)
    cause: str = Field(pattern=r"^(clock_back|clock_ahead|clock_still|retention|bulk_act)$")
    #: How many forms are due; 0 when it is about the clock.
    number: int = Field(ge=0, le=99_999)
