"""Settings: what a deployment chooses is taken as it was meant, or refused by name."""

from pathlib import Path

import pytest

from screener.db import connect
from screener.problems import Problem
from screener.settings import load_settings
from screener.submissions import inbox
from screener.upkeep.schema import migrate
from tests.invented import sealed


@pytest.mark.parametrize("name", ["a%41", "a#b", "a?b", "two words", "ünïcode", "a&b=c"])
def test_a_data_folder_of_any_name_holds_what_is_put_into_it(tmp_path: Path, name: str) -> None:
    settings = load_settings({"SCREENER_DATA": str(tmp_path / name)})

    migrate(settings)
    inbox.add(connect(settings.inbox, may="add"), sealed())

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {"inbox.db", "board.db", "store.db"} <= {path.name for path in (tmp_path / name).iterdir()}
    assert len(inbox.take(connect(settings.inbox, may="read"), 2)) == 1


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
        ("SCREENER_PUBLIC_PORT", "0"),
        ("SCREENER_ENV", "prod"),
        ("SCREENER_TRUSTED_PROXIES", "many"),
        ("SCREENER_UNHEARD_OF", "1"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Problem, match=name):
        load_settings({name: value})
