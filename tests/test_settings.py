"""Settings: what a deployment chooses is taken as it was meant, or refused by name."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli.main import cli
from screener.db import connect
from screener.errors import UserError
from screener.operations.migrate import migrate_all
from screener.settings import Settings
from screener.settings import load_settings
from screener.submissions import inbox
from tests.support.submissions import sealed


@pytest.mark.parametrize("name", ["a%41", "a#b", "a?b", "two words", "ünïcode", "a&b=c"])
def test_a_data_folder_of_any_name_holds_what_is_put_into_it(tmp_path: Path, name: str) -> None:
    settings = load_settings({"SCREENER_DATA": str(tmp_path / name)})

    migrate_all(settings)
    inbox.add_submission(connect(settings.inbox, may="add"), sealed())

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {"inbox.db", "board.db", "store.db"} <= {path.name for path in (tmp_path / name).iterdir()}
    assert len(inbox.fetch_batch(connect(settings.inbox, may="read"), 2)) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCREENER_DATA", ""),
        ("SCREENER_DATABASE_URL", "foo"),
        ("SCREENER_DATABASE_URL", "://"),
        ("SCREENER_DATABASE_URL", "postgresql://[::1"),
        ("SCREENER_DATABASE_URL", "postgresql://host:notaport/x"),
        ("SCREENER_DATABASE_URL", "postgresql://host"),
        ("SCREENER_INBOX_URL", "mysql://host/x"),
        ("SCREENER_INBOX_URL", "sqlite://"),
        ("SCREENER_BOARD_URL", "sqlite:///:memory:"),
        ("SCREENER_BOARD_URL", "sqlite:///relative.db"),
        ("SCREENER_SMTP_URL", "mail.example.org"),
        ("SCREENER_SMTP_URL", "http://mail.example.org"),
        ("SCREENER_SMTP_URL", "smtp://"),
        ("SCREENER_SMTP_URL", "smtp://host:notaport"),
        ("SCREENER_DESK_URL", "desk.example.org"),
        ("SCREENER_MAIL_FROM", "nobody"),
        ("SCREENER_MAIL_FROM", "a@example.org\r\nBcc: b@example.org"),
        ("SCREENER_PUBLIC_PORT", "0"),
        ("SCREENER_ENV", "prod"),
        ("SCREENER_TRUSTED_PROXIES", "many"),
        ("SCREENER_UNHEARD_OF", "1"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(UserError, match=name):
        load_settings({name: value})


def test_a_secret_of_an_address_is_in_no_sentence() -> None:
    with pytest.raises(UserError) as refused:
        load_settings({"SCREENER_SMTP_URL": "smpt://user:hush@host"})

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8001"),
        ({"SCREENER_DESK_PORT": "9001"}, "http://127.0.0.1:9001"),
        ({"SCREENER_ENV": "production", "SCREENER_DESK_HOST": "desk.example.org"}, "https://desk.example.org"),
        ({"SCREENER_DESK_URL": "https://desk.example.org:8443/"}, "https://desk.example.org:8443"),
    ],
)
def test_letters_and_links_lead_to_where_the_desk_is(given: dict[str, str], address: str) -> None:
    assert load_settings(given).desk_address == address


def test_in_production_no_worker_runs_that_could_tell_nobody(deployment: Settings) -> None:
    shutil.rmtree(deployment.data / "keys")  # a worker that could open the private keys starts even less
    said = CliRunner().invoke(
        cli, ["worker", "--once"], obj=deployment.model_copy(update={"env": "production"}), standalone_mode=False
    )

    assert isinstance(said.exception, UserError)
    assert str(said.exception).startswith("Set SCREENER_SMTP_URL")
