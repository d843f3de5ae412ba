"""Who writes when, and what becomes of it: laid down whole, from one number, before anything is played."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from itertools import cycle

from screener.demo import stories
from screener.demo.days import Calendar
from screener.demo.days import spread
from screener.demo.people import Someone
from screener.demo.people import invented
from screener.demo.people import reachable
from screener.demo.stories import Happening
from screener.demo.stories import Story
from screener.demo.stories import Visit
from screener.demo.stories import Visits
from screener.study.model import Study

#: A form with fewer working days behind it than the first was tried once at most; with fewer than the second, its
#: follow-up is still open.
SEEN, LONG_AGO = 3, 10
#: Where an open story has so many working days to spare, somebody tried soon after the form had come.
FIRST_TRY = 1
#: The most working days between two visits of a story that has ended.
LONGEST_STEP = 4
#: So many of the last forms have not ended, however long ago they came.
FEWEST_OPEN = 20
#: One in so many of the older forms is still open, too.
LINGERS = 9


@dataclass(frozen=True)
class Form:
    """One form: who sends it, when, and how it fares."""

    sent_at: datetime
    who: Someone
    story: Story


@dataclass(frozen=True)
class Turn:
    """One visit to one record; the form is known by its place in the row."""

    shift: datetime
    at: datetime
    form: int
    visit: Visit


@dataclass(frozen=True)
class Plan:
    """All that happens."""

    forms: Sequence[Form]
    turns: Sequence[Turn]
    shifts: Sequence[datetime]


def planned(study: Study, calendar: Calendar, number: int, *, seed: int) -> Plan:
    """*number* forms over the days of *calendar*; the same ones for the same *seed*."""
    chance = random.Random(seed)  # noqa: S311 - it lays out a story, and guards nothing
    shifts, people = calendar.shifts(), invented(study, number, seed=seed)
    told = _Telling()
    forms: list[Form] = []
    days: dict[datetime, list[tuple[int, Visit]]] = {shift: [] for shift in shifts}
    for order, (sent_at, who) in enumerate(zip(calendar.arrivals(number, chance), people, strict=True)):
        later = [shift for shift in shifts if shift > sent_at]
        story = told.story(len(later), order, left=number - order)
        typed = forms[-1].who if story.second_form else reachable(who, story.channels)
        forms.append(Form(sent_at, replace(typed, trapped=story.trapped, hasty=story.hasty), story))
        for shift, visit in zip(_days(later, story, order), story.visits, strict=False):
            days[shift].append((order, visit))
    turns = [
        Turn(shift, at, form, visit)
        for shift, visits in days.items()
        for at, (form, visit) in zip(spread(shift, len(visits)), visits, strict=True)
    ]
    return Plan(forms, turns, shifts)


class _Telling:
    """Gives out the stories, each kind in turn."""

    def __init__(self) -> None:
        self._happens = Happening()
        self._open, self._ended = cycle(stories.OPEN), cycle(enumerate(stories.ENDED))
        self._ended_so_far = 0

    def story(self, working_days: int, order: int, *, left: int) -> Story:
        """The story of a form that has so many *working_days* behind it, and so many forms are *left*, it included."""
        if working_days < SEEN:
            return self._barely_begun(working_days, order)
        lingers = self._ended_so_far >= len(stories.ENDED) and order % LINGERS == 0
        if working_days < LONG_AGO or left <= FEWEST_OPEN or lingers:
            return Story(self._tried_before(working_days, next(self._open)(self._happens)))
        self._ended_so_far += 1
        place, tells = next(self._ended)
        second, spam = place == stories.SECOND_FORM, place == stories.NOT_REAL
        return Story(tells(self._happens), ended=True, second_form=second, trapped=spam)

    def _barely_begun(self, working_days: int, order: int) -> Story:
        if working_days and order % 3:
            return Story(((self._happens.tried(days="1"),),))
        return Story(hasty=order % 4 == 0)

    def _tried_before(self, working_days: int, visits: Visits) -> Visits:
        """*visits*, after a first try, where there was the time for one and the story is one of trying."""
        if working_days > FIRST_TRY + len(visits) and any(act.verb == "attempt" for act in visits[0]):
            return ((self._happens.tried(days="14"),), *visits)
        return visits


def _days(later: Sequence[datetime], story: Story, order: int) -> Sequence[datetime]:
    """On which of the working days behind a form its visits are: an open one's begin soon, and go on until lately."""
    steps = len(story.visits)
    if story.ended:
        step = max(2, min(len(later) // steps, LONGEST_STEP))
        return later[: step * steps : step]
    last = len(later) - order % 2
    lately = later[max(0, last - steps) : last]
    return [later[0], *lately[1:]] if steps > 1 else lately
