"""The calendar of the demo: on which days somebody works at the desk, and when forms come in.

The last hours before the present have forms and no work, so that the desk opens on people whom nobody has called yet.
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
#: After this everybody has gone home.
LONGEST_DAY = timedelta(hours=8)
#: How long before the present the last forms come in, and the first of those that nobody has seen.
NEWEST, UNSEEN = timedelta(minutes=25), timedelta(hours=14)
#: One in so many forms is of the last hours, and never fewer than these.
FRESH, FEWEST_FRESH = 25, 5
#: Before this hour at the site hardly anybody writes; they do so this many hours later.
ASLEEP = 6


@dataclass(frozen=True)
class Calendar:
    """So many days up to *now*."""

    now: datetime
    days: int

    @property
    def start(self) -> datetime:
        """When the desk was opened: the morning of the first day."""
        return site_time_to_utc((self.now - timedelta(days=self.days)).astimezone(SITE_TIME_ZONE).date(), OPENING)

    def shifts(self) -> list[datetime]:
        """When work began on each working day that is over."""
        first, today = self.start.astimezone(SITE_TIME_ZONE).date(), self.now.astimezone(SITE_TIME_ZONE).date()
        days = [first + timedelta(days=number) for number in range(1, (today - first).days + 1)]
        begun = [site_time_to_utc(day, WORK_BEGINS) for day in days if day.weekday() < 5]
        return [shift for shift in begun if shift + LONGEST_DAY < self.now]

    def arrivals(self, number: int, chance: random.Random) -> list[datetime]:
        """When *number* forms come in: evenly over the days, by night less, and some in the last hours."""
        fresh = max(FEWEST_FRESH, number // FRESH)
        begin, unseen = self.start + timedelta(hours=3), max(self.now - UNSEEN, self.shifts()[-1])
        step = (unseen - begin - timedelta(hours=ASLEEP)) / (number - fresh)
        earlier = [_awake(begin + step * (order + chance.random())) for order in range(number - fresh)]
        return sorted([*earlier, *(_between(unseen, self.now - NEWEST, chance) for _ in range(fresh))])


def _awake(moment: datetime) -> datetime:
    return moment + timedelta(hours=ASLEEP) if moment.astimezone(SITE_TIME_ZONE).hour < ASLEEP else moment


def _between(first: datetime, last: datetime, chance: random.Random) -> datetime:
    return first + (last - first) * chance.random()


def spread(shift: datetime, number: int) -> list[datetime]:
    """When each of *number* records has its turn in *shift*."""
    step = min(LONGEST_VISIT, LONGEST_SHIFT / max(number, 1))
    return [shift + step * (order + 1) for order in range(number)]
