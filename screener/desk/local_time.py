"""Times as people at the site read and type them. Stored times are UTC; a time zone always stands beside a time."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from screener import clock

SITE_TIME_ZONE = ZoneInfo("America/Los_Angeles")
#: What the codes of the field ``time_zone`` stand for; the others name no zone.
TIME_ZONES = {
    "1": ZoneInfo("America/Los_Angeles"),
    "2": ZoneInfo("America/Denver"),
    "3": ZoneInfo("America/Chicago"),
    "4": ZoneInfo("America/New_York"),
    "5": ZoneInfo("America/Anchorage"),
    "6": ZoneInfo("Pacific/Honolulu"),
}
#: When a day's work begins: what is due on a day is due from then on.
MORNING = time(9, 0)


def format_site_time(moment: datetime) -> str:
    """Format *moment* in site time: ``Mon Nov 23, 4:05 AM PST``, with its year if that is not this one."""
    local = moment.astimezone(SITE_TIME_ZONE)
    year = "" if local.year == clock.now().astimezone(SITE_TIME_ZONE).year else f", {local.year}"
    return f"{local:%a %b} {local.day}{year}, {_format_clock(local)}"


def format_participant_time(code: str, now: datetime) -> str:
    """Format the time of day where the participant is; empty when they named no time zone of the list."""
    zone = TIME_ZONES.get(code)
    return _format_clock(now.astimezone(zone)) if zone else ""


def morning_in_days(days: int, now: datetime) -> datetime:
    """The morning *days* after today at the site, in UTC."""
    return site_time_to_utc(now.astimezone(SITE_TIME_ZONE).date() + timedelta(days=days), MORNING)


def site_time_to_utc(day: date, at: time | None) -> datetime:
    """That day and time at the site, in UTC; without a time, the morning."""
    return datetime.combine(day, at or MORNING, tzinfo=SITE_TIME_ZONE).astimezone(UTC)


def _format_clock(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M %p %Z}"
