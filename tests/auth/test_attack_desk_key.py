"""The desk's key lies under the passphrase: who takes the file has nothing, and the file of 0.1.0 is sealed."""

import base64
import json
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener import files
from screener.auth.keys import DeskKeys
from screener.auth.keys import load_desk_keys
from screener.cli.keys import keys_group
from screener.desk_app import create_desk_app
from screener.errors import ScreenerError
from screener.errors import UserError
from screener.sealing import protection
from screener.sealing.key_file import encode_key_json
from screener.settings import Settings
from tests.auth.conftest import PASSPHRASE

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def _stretched_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "STRETCH", {"memory_kib": 64, "iterations": 1, "lanes": 1})


@pytest.fixture
def plain(production: Settings) -> Path:
    """The key file of a desk of release 0.1.0."""
    path = production.desk_keys / "current.desk-key"
    content = {"format": "screener desk key 1", "created": "2026-03-01T12:00:00+00:00"}
    files.replace_file(path, encode_key_json({**content, "key": base64.b64encode(KEY).decode()}), mode=0o600)
    return path


def loaded(settings: Settings) -> DeskKeys:
    return load_desk_keys(settings.desk_keys, passphrase=PASSPHRASE.encode(), production=True)


def test_a_stolen_key_file_holds_no_key(production: Settings, plain: Path) -> None:
    assert base64.b64encode(KEY) in plain.read_bytes()
    create_desk_app(production)

    content = json.loads(plain.read_bytes())

    assert content["kdf"]["name"] == "argon2id"
    assert not {base64.b64encode(KEY).decode(), KEY.hex()} & set(map(str, content.values()))
    for passphrase in (None, b"", b"another passphrase"):
        with pytest.raises(UserError, match="passphrase"):
            load_desk_keys(plain.parent, passphrase=passphrase)


def start_the_desk(settings: Settings) -> str:
    create_desk_app(settings)
    return ""


def prove_the_keys(settings: Settings) -> str:
    done = CliRunner().invoke(keys_group, ["prove"], obj=settings, catch_exceptions=False)
    return done.output


@pytest.mark.parametrize("step", [start_the_desk, prove_the_keys])
def test_a_plain_key_of_the_release_before_is_sealed_and_stays_the_same_key(
    production: Settings, plain: Path, step: Callable[[Settings], str]
) -> None:
    before = load_desk_keys(plain.parent)

    step(production)
    sealed = plain.read_bytes()
    step(production)

    assert loaded(production) == before
    assert (plain.read_bytes(), plain.stat().st_mode & 0o777) == (sealed, 0o600)
    assert json.loads(sealed)["created"] == "2026-03-01T12:00:00+00:00"


def test_the_command_line_says_how_the_key_lies_and_what_to_do(production: Settings, plain: Path) -> None:
    def show() -> str:
        return str(CliRunner().invoke(keys_group, ["show"], obj=production, catch_exceptions=False).output)

    before, said, after = show(), prove_the_keys(production), show()

    assert "desk    current    created 2026-03-01  NO PASSPHRASE: 'screener keys prove'" in before
    assert "desk: the key is now under the passphrase" in said
    assert after.endswith("desk    current    created 2026-03-01  passphrase\n")


def test_a_desk_in_production_without_the_passphrase_does_not_start(production: Settings, plain: Path) -> None:
    before = plain.read_bytes()

    with pytest.raises(UserError, match="SCREENER_KEY_PASSPHRASE"):
        create_desk_app(production.model_copy(update={"key_passphrase": None}))
    assert plain.read_bytes() == before


def test_a_seal_that_is_interrupted_leaves_the_old_key_or_the_new_one(
    production: Settings, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_desk_keys(plain.parent)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *args, **options: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(UserError):
            create_desk_app(production)
    assert load_desk_keys(plain.parent) == before

    assert loaded(production) == before


@pytest.mark.parametrize("part", ["sealed", "nonce", "created", "kdf"])
def test_a_changed_key_file_is_refused_in_one_sentence(production: Settings, part: str) -> None:
    path = production.desk_keys / "current.desk-key"
    content = json.loads(path.read_bytes())
    changed = {"kdf": {"name": "none"}, "created": str(datetime(2027, 1, 1, tzinfo=UTC))}.get(part, "AAAA")
    path.write_text(json.dumps({**content, part: changed}))

    with pytest.raises(ScreenerError, match=str(path)):
        loaded(production)
