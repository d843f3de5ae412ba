"""Key folders to try the room with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from screener.operations.migrate import migrate_all
from screener.sealing import protection
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.open import PrivateKeys
from screener.sealing.open import load_private_keys
from screener.sealing.seal import PublicKeys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings


@pytest.fixture
def new_folders(tmp_path: Path) -> Callable[..., KeyFolders]:
    """Makes a set of key folders with keys in it."""

    def make(name: str = "keys", *, passphrase: bytes | None = None) -> KeyFolders:
        root = tmp_path / name
        folders = KeyFolders(root / "public", root / "private", root / "form")
        create_keys(folders, passphrase=passphrase)
        return folders

    return make


@pytest.fixture
def folders(new_folders: Callable[..., KeyFolders]) -> KeyFolders:
    return new_folders()


@pytest.fixture
def deployment(tmp_path: Path) -> Settings:
    """A deployment in development: keys, and its three databases."""
    settings = Settings(data=tmp_path / "data")
    create_keys(KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys), passphrase=None)
    migrate_all(settings)
    return settings


@pytest.fixture
def public(folders: KeyFolders) -> PublicKeys:
    return load_public_keys(folders.public)


@pytest.fixture
def private(folders: KeyFolders) -> PrivateKeys:
    return load_private_keys(folders.private, passphrase=None)


@pytest.fixture
def light_passphrase(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A passphrase that is stretched just a little, so that tests do not wait."""
    monkeypatch.setattr(protection, "STRETCH", {"memory_kib": 64, "iterations": 1, "lanes": 1})
    return b"correct horse battery staple"
