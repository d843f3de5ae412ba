"""``screener doctor`` finds what is wrong with a deployment, says what to do, and shows no secret."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from pydantic import SecretStr

from screener import audit
from screener import clock
from screener.board import board
from screener.cli.main import cli
from screener.db import connect
from screener.db import writing
from screener.deployment.layout import record_layout
from screener.operations import migrate
from screener.operations.doctor import CHECKS
from screener.operations.doctor import Finding
from screener.operations.doctor import examine_deployment
from screener.settings import Settings
from tests.migrations.test_migrations import downgraded

#: A site that has set everything; the passphrase is of keys that this test has not.
SITE: Any = {
    "env": "production",
    "public_host": "interest.example.org",
    "desk_host": "desk.example.org",
    "smtp_url": SecretStr("smtp://user:hush@mail.example.org:587"),
    "mail_from": "Screener <screener@example.org>",
    "trusted_proxies": 1,
    "security_contact": "mailto:security@example.org",
    "security_contact_until": clock.now().date() + timedelta(days=100),
}


@pytest.fixture
def healthy(deployment: Settings) -> Settings:
    """In development: everything is there, the worker has just run, and the layout is recorded."""
    with writing(connect(deployment.board, may="write")) as connection:
        board.record_heartbeat(connection, clock.now(), coordinators=1)
    record_layout(deployment)
    return deployment


def problems(settings: Settings) -> list[Finding]:
    return [finding for finding in examine_deployment(settings) if finding.state == "problem"]


def said(settings: Settings) -> str:
    return "\n".join(finding.text for finding in examine_deployment(settings))


def test_a_deployment_in_order_has_no_problem_and_every_area_is_looked_at(healthy: Settings) -> None:
    done = CliRunner().invoke(cli, ["doctor"], obj=healthy)

    assert done.exit_code == 0, done.output
    assert {line.split()[1] for line in done.output.splitlines()[:-1]} == set(CHECKS)
    assert done.output.splitlines()[-1].startswith("Problems: 0, warnings: ")


def test_json_says_the_same(healthy: Settings) -> None:
    (healthy.data / "store.db").chmod(0o666)

    done = CliRunner().invoke(cli, ["doctor", "--json"], obj=healthy)

    content = json.loads(done.stdout)
    assert (done.exit_code, content["problems"]) == (1, len(problems(healthy)))
    assert {finding["area"] for finding in content["findings"]} == set(CHECKS)
    assert {finding["state"] for finding in content["findings"]} <= {"ok", "warning", "problem"}


def world_readable_key(settings: Settings) -> None:
    (settings.private_keys / "contact.private").chmod(0o644)
    record_layout(settings)


def world_writable_store(settings: Settings) -> None:
    (settings.data / "store.db").chmod(0o666)
    record_layout(settings)


def damaged_record(settings: Settings) -> None:
    (settings.data / "layout.json").write_text("[]")


def damaged_key(settings: Settings) -> None:
    (settings.private_keys / "answers.private").write_text("{}")


def board_away(settings: Settings) -> None:
    (settings.data / "board.db").unlink()


def store_of_a_release_before(settings: Settings) -> None:
    downgraded(migrate.STORE, settings, "-1")


def clock_that_was_ahead(settings: Settings) -> None:
    with writing(connect(settings.store, may="write")) as connection:
        audit.record(connection, actor="a", action="test:thing:done", at=clock.now() + timedelta(days=181))


@pytest.mark.parametrize(
    ("plant", "area", "sentence"),
    [
        (world_readable_key, "layout", "run `chmod go-rwx"),
        (world_writable_store, "layout", "run `chmod o-rwx"),
        (damaged_record, "layout", "run `screener migrate`"),
        (damaged_key, "keys", "answers.private"),
        (board_away, "worker", "run `screener migrate`"),
        (store_of_a_release_before, "databases", "The store does not fit this version"),
        (clock_that_was_ahead, "clock", "set the clock right (NTP)"),
    ],
)
def test_what_is_wrong_is_found_and_everything_else_is_looked_at_all_the_same(
    healthy: Settings, plant: Callable[[Settings], None], area: str, sentence: str
) -> None:
    assert problems(healthy) == []

    plant(healthy)

    found = problems(healthy)
    assert any(finding.area == area and sentence in finding.text for finding in found), found
    assert {finding.area for finding in examine_deployment(healthy)} == set(CHECKS)


def test_an_owner_or_mode_that_changed_since_migrate_is_named(healthy: Settings) -> None:
    (healthy.data / "inbox.db").chmod(0o600)

    assert "mode 600; `screener migrate` recorded owner" in said(healthy)


def test_a_disk_below_its_floor_is_a_problem(healthy: Settings) -> None:
    full = healthy.model_copy(update={"min_free_megabytes": 999_999_999})

    assert any(finding.area == "disk" and "Make room" in finding.text for finding in problems(full))


def test_backups_that_were_not_made_or_tried_are_named(healthy: Settings) -> None:
    assert "No backup was ever made: run" in said(healthy)
    assert "no recovery key" in said(healthy)
    for name in ("made", "tried"):
        with writing(connect(healthy.store, may="write")) as connection:
            audit.record(connection, actor="ada", action=f"cli:backup:{name}", at=clock.now())

    assert [finding.state for finding in examine_deployment(healthy) if finding.area == "backups"][:2] == ["ok", "ok"]
    with time_machine.travel(clock.now() + timedelta(days=366)):
        late = [finding.state for finding in examine_deployment(healthy) if finding.area == "backups"]
    assert late[:2] == ["warning", "warning"]


def test_a_worker_that_stopped_is_a_problem_in_production_only(healthy: Settings) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        assert [finding.area for finding in problems(healthy)] == []
        assert "worker" in [finding.area for finding in problems(healthy.model_copy(update=SITE))]


def test_unsafe_settings_of_production_are_named(healthy: Settings) -> None:
    bare = said(healthy.model_copy(update={"env": "production"}))
    for name in ("PUBLIC_HOST", "DESK_HOST", "TRUSTED_PROXIES", "MAIL_FROM", "SECURITY_CONTACT", "SMTP_URL"):
        assert f"SCREENER_{name}" in bare

    assert "No setting is unsafe." in said(healthy.model_copy(update=SITE))
    stale = {**SITE, "security_contact_until": clock.now().date() - timedelta(days=1)}
    assert "Say the contact again" in said(healthy.model_copy(update=stale))


def test_no_secret_is_shown(postgres_deployment: Settings) -> None:
    url = postgres_deployment.store.replace("postgres@", "postgres:hush@")
    urls = dict.fromkeys(("inbox_url", "board_url", "database_url"), url)
    settings = postgres_deployment.model_copy(update={**SITE, **urls, "key_passphrase": SecretStr("hush")})
    record_layout(settings)

    table = CliRunner().invoke(cli, ["doctor"], obj=settings).output
    as_json = CliRunner().invoke(cli, ["doctor", "--json"], obj=settings).output

    assert "hush" not in table + as_json
    assert "hush" not in table + as_json
    assert "share one PostgreSQL database" in table
