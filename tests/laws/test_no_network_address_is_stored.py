"""No network address and no browser's name is in the bytes of the store, in the clear or as Flask-Login's hash."""

from collections.abc import Iterator
from hashlib import sha512
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from screener.db import connect
from screener.settings import Settings
from screener.web import app
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

ADDRESS = "127.44.55.66"
BROWSER = "Qzxbrowser/9.9 (an invented machine)"
TRACES = [
    ADDRESS.encode(),
    ADDRESS.encode().hex().encode(),
    bytes(map(int, ADDRESS.split("."))),
    b"Qzxbrowser",
    sha512(f"{ADDRESS}|{BROWSER}".encode()).hexdigest().encode(),
]


def stored_bytes(settings: Settings) -> Iterator[bytes]:
    """The files of a SQLite store, or every row of a PostgreSQL one as text."""
    if settings.store.startswith("sqlite"):
        yield from (path.read_bytes() for path in Path(settings.data).glob("store.db*"))
        return
    with connect(settings.store, may="read").connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            rows = connection.execute(sa.text(f'SELECT CAST("{name}" AS text) FROM "{name}"'))
            yield "\n".join(rows.scalars()).encode()


@pytest.fixture
def visited(
    any_deployment: Settings, time_machine: time_machine.TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A store after somebody at that address accepted an invitation, failed, signed in, worked and signed out."""
    monkeypatch.setattr(app, "LOOPBACK_HOSTS", {*app.LOOPBACK_HOSTS, ADDRESS})
    time_machine.move_to(NOON.replace(day=24), tick=False)
    house = DeskApp(any_deployment, time_machine)  # type: ignore[arg-type]
    person = house.new_browser("ada@example.org")
    from_there(person)
    person.takes_up(house.invites("Ada", "coordinator", "administrator"))
    time_machine.shift(120)
    for path in ("/queue", "/team", "/account"):
        assert person.opens(path).status == 200
    person.signs_out()
    person.gives_password("four loud words there")
    person.gives_password()
    assert person.opens("/account").status == 200
    house.close()
    return any_deployment


def from_there(person: DeskUser) -> None:
    person.client.environ_base = {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER}


def test_no_network_address_and_no_browser_is_in_the_bytes_of_the_store(visited: Settings) -> None:
    content = b"\n".join(stored_bytes(visited))

    assert b"ada@example.org" in content
    assert [trace for trace in TRACES if trace in content] == []
