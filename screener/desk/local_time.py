"""Times as people at the site read and type them. What is kept is UTC; a zone is always named beside a time."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from screener import clock

SITE = ZoneInfo("America/Los_Angeles")
#: What the codes of the field ``time_zone`` stand for; the others name no zone.
ZONES = {
    "1": ZoneInfo("America/Los_Angeles"),
    "2": ZoneInfo("America/Denver"),
    "3": ZoneInfo("America/Chicago"),
    "4": ZoneInfo("America/New_York"),
    "5": ZoneInfo("America/Anchorage"),
    "6": ZoneInfo("Pacific/Honolulu"),
}
#: When a day's work begins: what is due on a day is due from then on.
MORNING = time(9, 0)


def at_the_site(moment: datetime) -> str:
    """*moment* as a clock at the site shows it: ``Mon 23 Nov, 4:05 AM PST``, with its year if that is not this one."""
    local = moment.astimezone(SITE)
    year = "" if local.year == clock.now().astimezone(SITE).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {_clock(local)}"


def where_they_are(code: str, now: datetime) -> str:
    """What a clock shows where the person is; empty when they named no zone of ours."""
    zone = ZONES.get(code)
    return _clock(now.astimezone(zone)) if zone else ""


def in_days(days: int, now: datetime) -> datetime:
    """The morning *days* after today at the site."""
    return on(now.astimezone(SITE).date() + timedelta(days=days), MORNING)


def on(day: date, at: time | None) -> datetime:
    """That day and time at the site; without a time, the morning."""
    return datetime.combine(day, at or MORNING, tzinfo=SITE).astimezone(UTC)


def _clock(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M %p %Z}"
