"""A store with invented people in it, sealed as the public process seals them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from screener.operations.migrate import migrate_all
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.settings import Settings
from tests.export.staff import Staff


@pytest.fixture
def staff(deployment: Settings, tmp_path: Path) -> Iterator[Staff]:
    """The people who export, with a folder for their files."""
    yield from working_on(deployment, tmp_path / "files")


@pytest.fixture
def any_staff(any_deployment: Settings, tmp_path: Path) -> Iterator[Staff]:
    """The same, once on SQLite and once on PostgreSQL."""
    yield from working_on(any_deployment, tmp_path / "files")


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Staff]:
    """The staff of another deployment, with other keys."""
    yield from working_on(deployed(tmp_path / "elsewhere"), tmp_path / "their files")


def deployed(data: Path, *, passphrase: str | None = None) -> Settings:
    settings = Settings(data=data, key_passphrase=SecretStr(passphrase) if passphrase else None)
    folders = KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys)
    create_keys(folders, passphrase=passphrase.encode() if passphrase else None)
    migrate_all(settings)
    return settings


def working_on(settings: Settings, files: Path) -> Iterator[Staff]:
    files.mkdir()
    staff = Staff(settings, files)
    yield staff
    staff.close()
