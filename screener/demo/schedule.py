"""The schedule of the demo: on which days a coordinator works at the desk, and when submissions arrive.

The last hours before the present have submissions and no work, so that the desk opens on people who wait for a call.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from datetime import time
from datetime import timedelta

from screener.desk.local_time import SITE_TIME_ZONE
from screener.desk.local_time import site_time_to_utc

OPENING = time(8, 0)
WORK_BEGINS = time(9, 30)
#: The longest that a day's work on records takes, and the longest that one record does.
LONGEST_SHIFT = timedelta(hours=7)
LONGEST_VISIT = timedelta(minutes=7)
#: After this the desk is empty.
LONGEST_DAY = timedelta(hours=8)
#: How long before the present the last submission arrives, and the first that was not opened.
NEWEST_AGE, UNSEEN_AGE = timedelta(minutes=25), timedelta(hours=14)
#: One in so many submissions is of the last hours, and never fewer than these.
FRESH_RATIO, FEWEST_FRESH = 25, 5
#: Before this hour at the site hardly anyone writes: what falls there arrives this many hours later.
NIGHT_HOURS = 6


@dataclass(frozen=True)
class DemoSchedule:
    """The given number of days up to *now*."""

    now: datetime
    days: int

    @property
    def start(self) -> datetime:
        """When the desk opens: the morning of the first day."""
        return site_time_to_utc((self.now - timedelta(days=self.days)).astimezone(SITE_TIME_ZONE).date(), OPENING)

    def list_shifts(self) -> list[datetime]:
        """Return when work began on each working day that is over."""
        first, today = self.start.astimezone(SITE_TIME_ZONE).date(), self.now.astimezone(SITE_TIME_ZONE).date()
        days = [first + timedelta(days=number) for number in range(1, (today - first).days + 1)]
        begun = [site_time_to_utc(day, WORK_BEGINS) for day in days if day.weekday() < 5]
        return [shift for shift in begun if shift + LONGEST_DAY < self.now]

    def list_arrivals(self, number: int, rng: random.Random) -> list[datetime]:
        """Return when *number* submissions arrive: evenly over the days, fewer by night, and some in the last hours."""
        fresh = max(FEWEST_FRESH, number // FRESH_RATIO)
        begin, unseen = self.start + timedelta(hours=3), max(self.now - UNSEEN_AGE, self.list_shifts()[-1])
        step = (unseen - begin - timedelta(hours=NIGHT_HOURS)) / (number - fresh)
        earlier = [_after_night(begin + step * (index + rng.random())) for index in range(number - fresh)]
        return sorted([*earlier, *(_between(unseen, self.now - NEWEST_AGE, rng) for _ in range(fresh))])


def _after_night(moment: datetime) -> datetime:
    return moment + timedelta(hours=NIGHT_HOURS) if moment.astimezone(SITE_TIME_ZONE).hour < NIGHT_HOURS else moment


def _between(first: datetime, last: datetime, rng: random.Random) -> datetime:
    return first + (last - first) * rng.random()


def spread_visits(shift: datetime, number: int) -> list[datetime]:
    """Return when each of *number* records is opened in *shift*."""
    step = min(LONGEST_VISIT, LONGEST_SHIFT / max(number, 1))
    return [shift + step * (index + 1) for index in range(number)]
