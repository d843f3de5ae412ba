"""The desk over a store, with two coordinators, on a day in November."""

from collections.abc import Iterator

import pytest
import time_machine

from screener.settings import Settings
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    """It is noon UTC on 24 November 2026, 4 in the morning at the site, and stays so."""
    with time_machine.travel(NOON.replace(day=24), tick=False):
        yield


@pytest.fixture
def house(deployment: Settings) -> Iterator[DeskApp]:
    """The desk on SQLite."""
    yield from opened(deployment)


@pytest.fixture
def any_house(any_deployment: Settings) -> Iterator[DeskApp]:
    """The desk once on SQLite and once on PostgreSQL."""
    yield from opened(any_deployment)


def opened(settings: Settings) -> Iterator[DeskApp]:
    made = DeskApp(settings)
    yield made
    made.close()


@pytest.fixture
def ada(house: DeskApp) -> DeskUser:
    """A coordinator."""
    return house.hires("Ada Coordinator")


@pytest.fixture
def grace(house: DeskApp) -> DeskUser:
    """Another one."""
    return house.hires("Grace Coordinator")
