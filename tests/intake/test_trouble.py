"""When something fails, what was typed comes back with a button, and nothing is kept unsealed."""

import os
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import db
from screener.intake import submit
from screener.intake import submit_views
from screener.public_app import create_public_app
from screener.sealing.seal import SealingError
from screener.settings import Settings
from screener.submissions.envelope import SealedSubmission
from tests.support.deployment import Postgres
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_client import PublicPage

Inbox = Callable[[], list[SealedSubmission]]
FULL: dict[str, Any] = {"age_years": "34", "dep_told": "9", "tx_had": ["1", "9"], "access_text": "Please speak slowly"}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.close()


@contextmanager
def absent(path: Path) -> Iterator[None]:
    away = path.rename(path.with_name("away.db"))
    yield
    away.rename(path)


@contextmanager
def spoilt(path: Path) -> Iterator[None]:
    whole = path.read_bytes()
    path.write_bytes(b"this is no database" + whole[19:])
    yield
    path.write_bytes(whole)


@contextmanager
def without_its_table(path: Path) -> Iterator[None]:
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE inbox RENAME TO away")
    other.close()
    yield
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE away RENAME TO inbox")
    other.close()


def everything_is_kept(page: PublicPage, sent: list[tuple[str, str]]) -> bool:
    return set(sent) <= set(page.pairs())


@pytest.mark.parametrize("trouble", [locked, absent, spoilt, without_its_table])
def test_an_inbox_in_trouble_gives_the_check_page_back_and_takes_it_later(
    deployment: Settings,
    visitor: PublicClient,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Path], AbstractContextManager[None]],
) -> None:
    monkeypatch.setattr(db, "DATABASE_TIMEOUT_SECONDS", 0.2)
    check = visitor.checks(**FULL)
    app_inbox(visitor).dispose()

    with trouble(deployment.data / "inbox.db"):
        page = visitor.sends(check)

    assert (page.status, page.heading) == (503, "Check your answers")
    assert "What you typed is still here." in page.text
    assert page.answer.headers["Retry-After"]
    assert sorted(page.pairs()) == sorted(check.pairs())
    app_inbox(visitor).dispose()
    assert visitor.sends(page).status == 200
    assert len(inbox()) == 1


def test_an_inbox_that_takes_no_writes_gives_the_check_page_back(visitor: PublicClient, inbox: Inbox) -> None:
    check = visitor.checks(**FULL)

    def read_only(connection: sqlite3.Connection, _: object) -> None:
        connection.set_authorizer(None)
        connection.execute("PRAGMA query_only=ON")

    engine = app_inbox(visitor)
    engine.dispose()
    sa.event.listen(engine, "connect", read_only)
    page = visitor.sends(check)
    sa.event.remove(engine, "connect", read_only)
    engine.dispose()

    assert (page.status, page.heading) == (503, "Check your answers")
    assert sorted(page.pairs()) == sorted(check.pairs())
    assert visitor.sends(page).status == 200
    assert len(inbox()) == 1


@pytest.mark.parametrize(
    ("harm", "mend"),
    [
        ("ALTER DATABASE {name} SET default_transaction_read_only = on", "ALTER DATABASE {name} RESET ALL"),
        ("ALTER DATABASE {name} ALLOW_CONNECTIONS false", "ALTER DATABASE {name} ALLOW_CONNECTIONS true"),
    ],
    ids=["read-only", "closed"],
)
def test_a_postgresql_inbox_in_trouble_gives_the_check_page_back_and_takes_it_later(
    postgres_deployment: Settings, postgres: Postgres, harm: str, mend: str
) -> None:
    app = create_public_app(postgres_deployment)
    visitor = PublicClient(app)
    name = sa.make_url(postgres_deployment.inbox).database or ""
    check = visitor.checks(**FULL)

    postgres.run(harm.format(name=name))
    postgres.disconnect(name)
    page = visitor.sends(check)
    postgres.run(mend.format(name=name))
    postgres.disconnect(name)
    taken = visitor.sends(page)

    app.extensions["screener.intake"].close()
    assert (page.status, page.heading) == (503, "Check your answers")
    assert sorted(page.pairs()) == sorted(check.pairs())
    assert taken.status == 200


def app_inbox(visitor: PublicClient) -> sa.Engine:
    engine: sa.Engine = visitor.client.application.extensions["screener.intake"].inbox
    return engine


def test_a_box_that_cannot_be_shut_is_not_kept_open(
    visitor: PublicClient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> bytes:
        raise SealingError("The key cannot shut a box.")

    check = visitor.checks(**FULL)
    monkeypatch.setattr(submit, "seal_answers", cannot)

    page = visitor.sends(check)

    assert page.status == 503
    assert sorted(page.pairs()) == sorted(check.pairs())
    assert not inbox()


def test_a_defect_gives_everything_back_and_tells_the_log_no_value(
    visitor: PublicClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ValueError("Adaqzx")

    check = visitor.checks(**FULL, name_pref="Adaqzx")
    monkeypatch.setattr(submit_views, "submit_form", broken)

    page = visitor.sends(check)

    assert (page.status, page.heading) == (500, "Something went wrong on our side")
    assert sorted(page.pairs()) == sorted(check.pairs())
    assert [form["action"] for form in page.soup.select("form")] == ["/en/received"]
    assert "ValueError" in caplog.text
    assert "qzx" not in caplog.text
    monkeypatch.undo()
    assert visitor.posts("/en/received", page.pairs()).status == 200


def test_a_defect_before_the_page_was_read_gives_it_back_too(
    visitor: PublicClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = visitor.checks(**FULL)
    monkeypatch.setattr(submit_views, "parse_request", lambda *_: 1 / 0)

    page = visitor.sends(check)

    assert page.status == 500
    assert sorted(page.pairs()) == sorted(check.pairs())


def test_what_could_not_be_read_stays_named_on_a_page_that_is_given_back(
    visitor: PublicClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit_views, "view_model", None)
    page = visitor.posts_bytes("/en/check", b"name_pref=A%00da&email=ada@example.org")
    assert page.status == 500
    monkeypatch.undo()

    again = visitor.posts("/en/check", page.pairs())

    assert "name_pref" in again.errors()


def test_too_many_posts_from_one_network_wait_with_everything_kept(deployment: Settings) -> None:
    app = create_public_app(deployment.model_copy(update={"posts_per_minute": 2}))
    visitor, neighbour = PublicClient(app, "192.0.2.1"), PublicClient(app, "198.51.100.1")
    check = visitor.checks(**FULL)
    visitor.sends(check)

    page = visitor.sends(check)

    assert (page.status, page.heading) == (429, "Please wait a few minutes")
    assert page.answer.headers["Retry-After"]
    assert everything_is_kept(page, check.pairs())
    assert visitor.opens("/en/interest").status == 200
    assert neighbour.sends(check).status == 200


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [200, 429]), (1, [200, 200])])
def test_an_address_that_a_client_claims_counts_only_behind_a_proxy_of_ours(
    deployment: Settings, proxies: int, statuses: list[int]
) -> None:
    app = create_public_app(deployment.model_copy(update={"posts_per_minute": 1, "trusted_proxies": proxies}))
    client, token = app.test_client(), PublicClient(app).opens("/en/interest").token

    given = [
        client.post("/en/check", data={**ADA, "token": token}, headers={"X-Forwarded-For": address}).status_code
        for address in ("203.0.113.5", "198.51.100.7")
    ]

    assert given == statuses


def test_error_pages_ask_no_database_anything(app: Flask, deployment: Settings, visitor: PublicClient) -> None:
    for name in ("inbox.db", "board.db"):
        os.unlink(deployment.data / name)

    assert visitor.opens("/en/nowhere").status == 404
    assert visitor.posts_bytes("/en/check", b"{}", "application/json").status == 415
    assert visitor.opens("/en/privacy").status == 200
