"""A desk with nobody in it, and ways to bring people in: by the same links that people really get."""

from collections.abc import Iterator

import pytest
import time_machine

from screener.settings import Settings
from tests.invented import NOON
from tests.staff.office import House
from tests.staff.person import Person

NAMES = {"desk_host": "desk.example.org", "public_host": "forms.example.org"}


@pytest.fixture
def moving() -> Iterator[time_machine.Traveller]:
    """It is noon UTC on 24 November 2026; the clock goes on when a test moves it."""
    with time_machine.travel(NOON.replace(day=24), tick=False) as clock:
        yield clock


@pytest.fixture
def house(deployment: Settings, moving: time_machine.Traveller) -> Iterator[House]:
    """The desk in development, on SQLite."""
    yield from opened(deployment, moving)


@pytest.fixture
def any_house(any_deployment: Settings, moving: time_machine.Traveller) -> Iterator[House]:
    """The desk in development, once on each database."""
    yield from opened(any_deployment, moving)


@pytest.fixture
def strict_house(deployment: Settings, moving: time_machine.Traveller) -> Iterator[House]:
    """The desk in production: nobody gets in without a second factor."""
    yield from opened(deployment.model_copy(update={"env": "production", **NAMES}), moving)


def opened(settings: Settings, clock: time_machine.Traveller) -> Iterator[House]:
    made = House(settings, clock)
    yield made
    made.close()


@pytest.fixture
def ada(strict_house: House) -> Person:
    """An administrator of a desk in production, with a second factor, signed in."""
    return strict_house.hires("Ada", "administrator")


@pytest.fixture
def grace(strict_house: House) -> Person:
    """A coordinator there, signed in."""
    return strict_house.hires("Grace", "coordinator")
