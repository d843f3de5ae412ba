"""Stolen store, stolen desk key, copied cookie, changed row: none of them is a session."""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask_login import encode_cookie

from screener import clock
from screener.auth.context import AUTH_EXTENSION
from screener.auth.session_record import insert_session
from screener.db import reading
from screener.db import writing
from screener.staff import accounts
from screener.staff.models import Account
from screener.staff.models import DeskSession
from screener.staff.sessions import hash_session_id
from tests.support.desk_app import BY
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskUser

NAME = "__Host-screener-desk"


def row_of(desk: DeskApp, user: DeskUser) -> Any:
    query = sa.select(DeskSession.__table__).where(DeskSession.id_hash == hash_session_id(user.cookie()))
    with reading(desk.store) as connection:
        return connection.execute(query).one()


def change_row(desk: DeskApp, user: DeskUser, **values: object) -> None:
    """Write into the store past the desk, as the worker's user on SQLite could."""
    with writing(desk.store) as connection:
        which = DeskSession.id_hash == hash_session_id(user.cookie())
        connection.execute(sa.update(DeskSession).where(which).values(**values))


def signed(desk: DeskApp, values: dict[str, object]) -> str:
    """A cookie with *values*, signed with the key that the desk signs with."""
    serializer = desk.app.session_interface.get_signing_serializer(desk.app)  # type: ignore[attr-defined]
    return str(serializer.dumps(values))


def test_a_stolen_store_and_the_desk_key_make_no_coordinators_session(strict_house: DeskApp, grace: DeskUser) -> None:
    account, row, now = strict_house.account(grace.email), row_of(strict_house, grace), clock.now().timestamp()
    key = strict_house.app.extensions[AUTH_EXTENSION].keys.session_row
    before = len(strict_house.trail())
    release_1 = {"_user_id": account.fs_uniquifier, "_fresh": True, "second": True}
    with strict_house.app.app_context():
        remembered = encode_cookie(account.fs_uniquifier)
    forged = {
        "the cookie of release 0.1.0, just proven": signed(
            strict_house, {**release_1, "began": now, "seen": now, "fs_paa": now}
        ),
        "the hash in the store": row.id_hash,
        "the first letters of the hash": row.id_hash[:43],
        "the seal in the store": row.seal[:43],
        "an id of one's own": secrets.token_urlsafe(32),
        "an id made of the key": hmac.digest(key, account.id.encode(), "sha256").hex()[:43],
        "the account": account.id,
    }

    for what, value in forged.items():
        thief = strict_house.new_browser()
        thief.has_cookie(value)
        thief.client.set_cookie("remember_token", remembered, domain="desk.example.org")
        for path in ("/queue", "/export", "/account", "/account/second-factor"):
            assert (thief.opens(path).status, what) == (401, what)
    assert len(strict_house.trail()) == before


def test_a_row_written_past_the_desk_is_no_session(strict_house: DeskApp, grace: DeskUser) -> None:
    """Whoever writes the store chooses the id, and every column but the seal."""
    row, chosen = row_of(strict_house, grace), secrets.token_urlsafe(32)
    with writing(strict_house.store) as connection:
        values = {**row._asdict(), "id_hash": hash_session_id(chosen), "proven_at": clock.now()}
        connection.execute(sa.insert(DeskSession).values(values))
    thief = strict_house.new_browser()
    thief.has_cookie(chosen)

    assert [thief.opens("/queue").status for _ in range(3)] == [401] * 3
    assert [event["actor"] for event in strict_house.account_events("session_refused")] == [grace.email]
    assert grace.opens("/queue").status == 200


def of_grace(desk: DeskApp) -> dict[str, object]:
    return {"account_id": desk.account("grace@example.org").id}


CHANGES: dict[str, Callable[[DeskApp], dict[str, object]]] = {
    "another account": of_grace,
    "a fresh proof": lambda desk: {"proven_at": clock.now() + timedelta(minutes=5)},
    "a later beginning": lambda desk: {"begun_at": clock.now() + timedelta(hours=6)},
    "seen later": lambda desk: {"seen_at": clock.now() + timedelta(minutes=30)},
    "no second factor": lambda desk: {"second_factor": False},
    "another secret to set up": lambda desk: {"new_totp": "x"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_session_whose_row_was_changed_is_refused_and_named_in_the_trail(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser, change: str
) -> None:
    assert ada.opens("/team").status == 200
    change_row(strict_house, ada, **CHANGES[change](strict_house))

    assert [ada.opens(path).status for path in ("/team", "/queue", "/team")] == [401] * 3

    refused = strict_house.account_events("session_refused")
    assert [event["action"] for event in refused] == ["desk:account:session_refused"]
    assert grace.opens("/queue").status == 200


def test_a_session_that_ended_is_not_brought_back_by_writing_the_store(strict_house: DeskApp, ada: DeskUser) -> None:
    copied, seal = ada.cookie(), row_of(strict_house, ada).seal
    strict_house.clock.shift(61)
    ada.opens("/team")
    ada.signs_out()
    thief = strict_house.new_browser()
    thief.has_cookie(copied)

    for value in ("", seal):
        change_row(strict_house, thief, ended_at=None, seal=value)
        assert thief.opens("/team").status == 401


ENDINGS: dict[str, Callable[[DeskApp, DeskUser, DeskUser], object]] = {
    "signing out": lambda desk, ada, grace: grace.signs_out(),
    "signing out from elsewhere": lambda desk, ada, grace: elsewhere(desk, grace),
    "disabling": lambda desk, ada, grace: desk.disables(grace.email),
    "another password": lambda desk, ada, grace: ada_links(desk, grace),
    "other roles": lambda desk, ada, grace: other_roles(desk, grace),
    "a reset of the second factor": lambda desk, ada, grace: reset(desk, grace),
    "an hour of quiet": lambda desk, ada, grace: desk.clock.shift(3601 + 60),
}


def elsewhere(desk: DeskApp, person: DeskUser) -> None:
    desk.clock.shift(30)
    other = person.another_browser()
    other.signs_in()
    other.posts(other.opens("/account"), "other-sessions")


def ada_links(desk: DeskApp, person: DeskUser) -> None:
    link = desk.invites_again(person.email)
    desk.new_browser(person.email).takes_up(link, "another four quiet words")


def other_roles(desk: DeskApp, person: DeskUser) -> None:
    rights = accounts.parse_rights(["study_lead"], ["en"])
    with writing(desk.store) as connection:
        accounts.change_rights(connection, desk.account(person.email), rights, by=BY, at=clock.now())


def reset(desk: DeskApp, person: DeskUser) -> None:
    with writing(desk.store) as connection:
        accounts.reset_second_factor(connection, desk.account(person.email), by=BY, at=clock.now())


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_copied_cookie_opens_nothing_after(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser, ending: str
) -> None:
    thief = strict_house.new_browser(grace.email)
    thief.has_cookie(grace.cookie())
    assert thief.opens("/queue").status == 200

    ENDINGS[ending](strict_house, ada, grace)

    assert [thief.opens(path).status for path in ("/queue", "/export", "/account")] == [401] * 3


def test_an_account_that_is_switched_off_in_the_store_has_no_session(strict_house: DeskApp, grace: DeskUser) -> None:
    with writing(strict_house.store) as connection:
        off = {"active": False, "disabled_at": clock.now()}
        connection.execute(sa.update(Account).where(Account.email == grace.email).values(off))

    assert grace.opens("/queue").status == 401


def test_a_cookie_copied_between_password_and_code_opens_nothing(strict_house: DeskApp, grace: DeskUser) -> None:
    again, thief = grace.another_browser(), strict_house.new_browser()
    page = again.gives_password(PASSWORD)
    thief.has_cookie(again.cookie())

    assert [thief.opens(path).status for path in ("/queue", "/account")] == [401, 401]
    again.posts(page, "/code", code=grace.code())
    assert (again.opens("/queue").status, thief.opens("/queue").status) == (200, 401)


def test_a_clock_put_back_or_forward_lets_no_old_session_live(strict_house: DeskApp, grace: DeskUser) -> None:
    with strict_house.app.app_context(), writing(strict_house.store) as connection:
        record = insert_session(connection, strict_house.account(grace.email), second_factor=True)
    for hours in (-13, 13):
        strict_house.clock.shift(hours * 3600)
        thief = strict_house.new_browser()
        thief.has_cookie(record.session_id)
        assert thief.opens("/queue").status == 401
        strict_house.clock.shift(-hours * 3600)
