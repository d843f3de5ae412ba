"""A process refuses to start when its user could open what it must not, whichever folder that is in.

Where the tests run as root, the process user is another one; else it is the owner of everything, who is refused too.
Files of the system stand for files of another user.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from screener.cli import store as _loaded_as_root  # noqa: F401 - another user cannot read every module
from screener.cli.main import cli
from screener.deployment.layout import LayoutPart
from screener.deployment.layout import describe_layout
from screener.deployment.layout import read_layout
from screener.deployment.layout import record_layout
from screener.deployment.process_access import PUBLIC_PROCESS
from screener.deployment.process_access import WORKER_PROCESS
from screener.deployment.process_access import ProcessLimits
from screener.deployment.process_access import describe_missing_separation
from screener.deployment.process_access import list_excess_access
from screener.desk_app import create_desk_app
from screener.errors import UserError
from screener.operations.migrate import migrate_all
from screener.public_app import create_public_app
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.settings import Settings
from tests.support.other_user import IS_ROOT
from tests.support.other_user import STORE_GROUP
from tests.support.other_user import acting_as_nobody
from tests.support.other_user import give
from tests.support.other_user import open_folder


@pytest.fixture
def installed() -> Iterator[Settings]:
    """As docs/operate.md sets it up: data, inbox, board and store in folders of their own; the layout is recorded."""
    with open_folder() as folder:
        urls: Any = {}
        for name, setting in (("inbox", "inbox_url"), ("board", "board_url"), ("store", "database_url")):
            (folder / name).mkdir(mode=0o755)
            urls[setting] = f"sqlite:///{folder}/{name}/{name}.db"
        settings = Settings(data=folder / "data", env="production", **urls)
        create_keys(KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys), passphrase=None)
        (folder / "data").chmod(0o755)
        (folder / "data" / "keys").chmod(0o755)
        migrate_all(settings)
        give(folder / "store", group=STORE_GROUP, mode=0o770)
        give(folder / "store" / "store.db", group=STORE_GROUP, mode=0o660)
        record_layout(settings)
        yield settings


def as_public(settings: Settings) -> Settings:
    """What the public process knows: nothing of the store."""
    return settings.model_copy(update={"database_url": ""})


def refusals(settings: Settings, process: ProcessLimits, *groups: int) -> str:
    with acting_as_nobody(*groups):
        return "\n".join(list_excess_access(settings, process))


def test_the_public_process_in_the_group_of_the_store_does_not_start(installed: Settings) -> None:
    said = refusals(as_public(installed), PUBLIC_PROCESS, STORE_GROUP)
    with acting_as_nobody(STORE_GROUP), pytest.raises(UserError) as refused:
        create_public_app(as_public(installed))

    assert f"it can open the store, {installed.data.parent}/store/store.db, because" in said
    assert "may not start" in str(refused.value)
    if IS_ROOT:
        assert f"is in the group {STORE_GROUP}: take nobody out of that group" in said
        assert refusals(as_public(installed), PUBLIC_PROCESS) == ""


def test_a_write_ahead_log_of_the_store_is_the_store(installed: Settings) -> None:
    log = Path(f"{installed.data.parent}/store/store.db-wal")
    log.touch()
    log.chmod(0o644)
    log.parent.chmod(0o755)
    (log.parent / "store.db").chmod(0o600)

    assert "the store" in refusals(as_public(installed), PUBLIC_PROCESS)


@pytest.mark.parametrize("process", [PUBLIC_PROCESS, WORKER_PROCESS], ids=lambda process: process.name)
def test_a_private_key_that_others_may_read_stops_every_process_but_the_desk(
    installed: Settings, process: ProcessLimits
) -> None:
    assert not IS_ROOT or refusals(installed, WORKER_PROCESS) == ""
    installed.private_keys.chmod(0o755)
    (installed.private_keys / "contact.private").chmod(0o644)

    assert f"it can open the private keys, {installed.private_keys}" in refusals(as_public(installed), process)


def test_the_public_process_that_could_change_the_board_does_not_start(installed: Settings) -> None:
    board = Path(f"{installed.data.parent}/board/board.db")
    board.chmod(0o666)

    said = refusals(as_public(installed), PUBLIC_PROCESS)

    assert not IS_ROOT or f"it can change the board, {board}, because its mode is 666: run `chmod o-rwx" in said


def test_the_worker_command_refuses_in_production(installed: Settings) -> None:
    installed.private_keys.chmod(0o755)
    (installed.private_keys / "contact.private").chmod(0o644)

    with acting_as_nobody(STORE_GROUP):
        done = CliRunner().invoke(cli, ["worker", "--once"], obj=installed, standalone_mode=False)

    assert isinstance(done.exception, UserError)
    assert "The worker may not start: it can open the private keys" in str(done.exception)


def test_the_desk_does_not_start_while_others_may_open_its_keys(installed: Settings) -> None:
    desk = installed.model_copy(
        update={"desk_host": "desk.example.org", "public_host": "form.example.org", "key_passphrase": SecretStr("x")}
    )
    (installed.private_keys / "answers.private").chmod(0o644)

    with pytest.raises(UserError, match=r"other users than its own may open the private keys.*run `chmod go-rwx"):
        create_desk_app(desk)


def test_a_process_starts_where_only_other_users_can_open_it() -> None:
    """The walls as they should be: a store and keys that this user cannot read, in folders that it does not know."""
    private = ("store", "private_keys", "desk_keys", "key_passphrase", "form_keys")
    with open_folder() as folder:
        settings = Settings(data=folder, env="production")
        parts = [asdict(LayoutPart(name, "/etc/shadow")) for name in private]
        (folder / "layout.json").write_text(json.dumps({"format": "screener layout 1", "parts": parts}))

        for process in (PUBLIC_PROCESS, WORKER_PROCESS):
            assert refusals(settings, process) == ""


def test_migrate_records_who_owns_what(deployment: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENER_KEY_PASSPHRASE_FILE", "/etc/passwd")

    done = CliRunner().invoke(cli, ["migrate"], obj=deployment)

    layout = read_layout(deployment)
    assert (done.exit_code, set(layout)) == (
        0,
        {"inbox", "board", "store", "public_keys", "form_keys", "private_keys", "desk_keys", "key_passphrase"},
    )
    assert layout["store"].place == str(deployment.data / "store.db")
    assert (layout["store"].mode, layout["private_keys"].mode) == ("660", "700")
    assert layout["key_passphrase"].owner == "root"
    assert (deployment.data / "layout.json").stat().st_mode & 0o777 == 0o644


def test_the_record_of_a_postgresql_database_holds_no_password(postgres_deployment: Settings) -> None:
    url = postgres_deployment.store.replace("postgres@", "postgres:hush@")
    parts = {part.part: part for part in describe_layout(postgres_deployment.model_copy(update={"database_url": url}))}

    assert parts["store"].owner == "postgres"
    assert parts["store"].place.startswith("postgresql://")
    assert "hush" not in str(parts)


def test_a_damaged_record_is_named_with_what_to_do(deployment: Settings) -> None:
    (deployment.data / "layout.json").write_text("{")

    with pytest.raises(UserError, match=r"layout.json cannot be read or is damaged; run `screener migrate`"):
        read_layout(deployment)


def test_development_starts_and_says_what_production_refuses(deployment: Settings) -> None:
    said = describe_missing_separation(deployment, PUBLIC_PROCESS)

    assert said.startswith("Development goes on with what production refuses. The public process may not start")
    assert describe_missing_separation(deployment.model_copy(update={"env": "production"}), PUBLIC_PROCESS) == ""
