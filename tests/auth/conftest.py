"""A desk with nobody in it, and ways to bring people in: by the same links that people really get."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pydantic import SecretStr

from screener.auth.keys import load_desk_keys
from screener.sealing import protection
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.settings import Settings
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

PASSPHRASE = "correct horse battery staple"
NAMES: Any = {"desk_host": "desk.example.org", "public_host": "forms.example.org"}


@pytest.fixture
def moving() -> Iterator[time_machine.Traveller]:
    """It is noon UTC on 24 November 2026; the clock goes on when a test moves it."""
    with time_machine.travel(NOON.replace(day=24), tick=False) as clock:
        yield clock


@pytest.fixture
def house(deployment: Settings, moving: time_machine.Traveller) -> Iterator[DeskApp]:
    """The desk in development, on SQLite."""
    yield from opened(deployment, moving)


@pytest.fixture
def any_house(any_deployment: Settings, moving: time_machine.Traveller) -> Iterator[DeskApp]:
    """The desk in development, once on each database."""
    yield from opened(any_deployment, moving)


@pytest.fixture(scope="session")
def _protected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys under a passphrase that is stretched just a little, made once, to copy from."""
    keys = Settings(data=tmp_path_factory.mktemp("protected"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protection, "STRETCH", {"memory_kib": 64, "iterations": 1, "lanes": 1})
        create_keys(KeyFolders(keys.public_keys, keys.private_keys, keys.form_keys), passphrase=PASSPHRASE.encode())
        load_desk_keys(keys.desk_keys, passphrase=PASSPHRASE.encode())
    return keys.data / "keys"


@pytest.fixture
def production(deployment: Settings, _protected: Path, tmp_path: Path) -> Settings:
    """A deployment on SQLite that a desk in production takes; beside the one in development, where a test has both."""
    data = tmp_path / "production"
    shutil.copytree(deployment.data, data, ignore=shutil.ignore_patterns("keys"))
    shutil.copytree(_protected, data / "keys")
    return Settings(data=data, env="production", key_passphrase=SecretStr(PASSPHRASE), **NAMES)


@pytest.fixture
def strict_house(production: Settings, moving: time_machine.Traveller) -> Iterator[DeskApp]:
    """The desk in production: nobody gets in without a second factor."""
    yield from opened(production, moving)


def opened(settings: Settings, clock: time_machine.Traveller) -> Iterator[DeskApp]:
    made = DeskApp(settings, clock)
    yield made
    made.close()


@pytest.fixture
def ada(strict_house: DeskApp) -> DeskUser:
    """An administrator of a desk in production, with a second factor, signed in."""
    return strict_house.onboards("Ada", "administrator")


@pytest.fixture
def grace(strict_house: DeskApp) -> DeskUser:
    """A coordinator there, signed in."""
    return strict_house.onboards("Grace", "coordinator")
