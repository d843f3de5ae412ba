"""By which way somebody may come to the desk, and under which names it may start."""

import os
import subprocess
import sys

import pytest

from screener.desk_app import create_desk_app
from screener.errors import ScreenerError
from screener.errors import UserError
from screener.public_app import create_public_app
from screener.settings import ROOT
from screener.settings import Settings
from screener.settings import load_settings
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser


@pytest.mark.parametrize("host", ["localhost", "localhost:8001", "127.0.0.1:8001", "[::1]:8001"])
def test_development_answers_to_names_of_this_machine(house: DeskApp, host: str) -> None:
    assert DeskUser(house.app).client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.nip.io:8001"},
        {"Host": "10.0.0.5:8001"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
def test_development_answers_nobody_who_comes_another_way(house: DeskApp, headers: dict[str, str]) -> None:
    answer = DeskUser(house.app).client.get("/sign-in", headers=headers)

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_development_answers_no_other_machine(house: DeskApp) -> None:
    answer = DeskUser(house.app).client.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["forms.example.org", "localhost", "desk.example.org.evil.example", "10.0.0.5", "<x>", ""]
)
def test_production_answers_to_its_own_name_only(strict_house: DeskApp, host: str) -> None:
    client = DeskUser(strict_house.app).client

    for path in ("/sign-in", "/team", "/no-such-page"):
        refused = client.get(path, headers={"Host": host})
        assert (refused.status_code, refused.text) == (403, "This address is not served here.\n")
        assert "Set-Cookie" not in refused.headers
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers["X-Content-Type-Options"] == "nosniff"
        assert refused.headers["X-Frame-Options"] == "DENY"
    assert client.post("/sign-in", headers={"Host": host}).status_code == 403
    assert client.get("/sign-in", headers={"Host": "Desk.Example.org:443"}).status_code == 200


def named(settings: Settings, public: str, desk: str) -> Settings:
    return settings.model_copy(update={"env": "production", "public_host": public, "desk_host": desk})


@pytest.mark.parametrize(
    ("public", "desk"),
    [
        ("example.org", "example.org"),
        ("example.org", "desk.example.org"),
        ("forms.example.org", "example.org"),
    ],
)
def test_production_refuses_names_that_share_cookies(deployment: Settings, public: str, desk: str) -> None:
    for create in (create_desk_app, create_public_app):
        with pytest.raises(UserError, match="two names"):
            create(named(deployment, public, desk))


@pytest.mark.parametrize(("public", "desk"), [("", ""), ("forms.example.org", ""), ("", "desk.example.org")])
def test_a_desk_in_production_wants_both_names(deployment: Settings, public: str, desk: str) -> None:
    with pytest.raises(UserError, match="SCREENER_DESK_HOST"):
        create_desk_app(named(deployment, public, desk))


def test_names_that_only_look_alike_are_two_names(production: Settings) -> None:
    create_desk_app(named(production, "form-example.org", "example.org"))


@pytest.mark.parametrize("name", ["https://desk.example.org", "desk.example.org:443", "DESK.example.org", "a b", "-a"])
def test_a_host_name_is_only_a_name(name: str) -> None:
    with pytest.raises(UserError, match="SCREENER_DESK_HOST"):
        load_settings({"SCREENER_DESK_HOST": name})


def test_the_desk_key_is_made_once_for_its_user_only_and_is_not_in_the_environment(house: DeskApp) -> None:
    folder = house.settings.desk_keys
    (key,) = folder.iterdir()
    before = key.read_bytes()

    create_desk_app(house.settings)

    assert key.read_bytes() == before
    assert (key.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not [name for name in os.environ if "SECRET" in name and "SCREENER" in name]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": "screener desk key 1", "key": "AAAA"}', b"\xff\xfe"])
def test_a_damaged_desk_key_stops_the_start_in_one_sentence(deployment: Settings, content: bytes) -> None:
    create_desk_app(deployment)
    key = deployment.desk_keys / "current.desk-key"
    key.write_bytes(content)

    with pytest.raises(ScreenerError, match="is damaged"):
        create_desk_app(deployment)
    assert key.read_bytes() == content


def test_a_desk_without_tables_says_what_to_run(empty_deployment: Settings) -> None:
    with pytest.raises(UserError, match="screener migrate"):
        create_desk_app(empty_deployment)


def test_a_store_that_is_away_is_a_503_that_keeps_what_was_typed(house: DeskApp) -> None:
    ada = house.onboards("Ada", "administrator")
    page = ada.opens("/team")
    house.store.dispose()
    store = house.settings.data / "store.db"
    away = store.rename(store.with_name("away.db"))

    refused = ada.opens("/team")
    lost = ada.posts(page, "/team", name="Bea", email="bea@example.org")
    away.rename(store)

    assert (refused.status, refused.heading) == (503, "The desk cannot reach its store")
    assert lost.status == 503
    assert ada.opens("/team").status == 200


def test_neither_web_process_loads_the_other(deployment: Settings) -> None:
    environment = {**os.environ, "SCREENER_DATA": str(deployment.data), "PYTHONPATH": str(ROOT)}
    look = "import sys, wsgi; wsgi.{0}(); print(*sorted(sys.modules))"
    loaded = {
        name: set(
            subprocess.run(
                [sys.executable, "-c", look.format(name)],
                env=environment,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
        )
        for name in ("public", "desk")
    }

    assert not loaded["public"] & {
        "flask_login",
        "flask_security",
        "screener.staff",
        "screener.staff.models",
        "passlib",
    }
    assert "screener.public_app" not in loaded["desk"]
