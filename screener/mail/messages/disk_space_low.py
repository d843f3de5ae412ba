"""Disk space is below the floor, so the form is closed until there is more."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from screener.mail.message import Message
from screener.settings import MOST_MEGABYTES


class DiskSpaceLow(Message):
    """To study leads and administrators, once a day while it lasts."""

    kind: ClassVar[str] = "disk_space_low"
    unique_by: ClassVar[tuple[str, ...]] = ("day",)

    #: The day (UTC) on which it was found.
    day: date
    free_megabytes: int = Field(ge=0, le=MOST_MEGABYTES)
    floor_megabytes: int = Field(ge=0, le=MOST_MEGABYTES)
