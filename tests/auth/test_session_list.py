"""Where a person is signed in, as *Your account* lists it, and signing out there."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import session

from screener.db import reading
from screener.staff.models import DeskSession
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser


def listed(page: DeskPage) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in page.soup.select(".sessions li")]


def rows(desk: DeskApp) -> list[Any]:
    with reading(desk.store) as connection:
        return list(connection.execute(sa.select(DeskSession.__table__).order_by(DeskSession.begun_at)))


@pytest.fixture
def elsewhere(strict_house: DeskApp, ada: DeskUser) -> DeskUser:
    """Ada in a second browser, signed in an hour and a half after the first, which was used in between."""
    for _ in range(2):
        strict_house.clock.shift(45 * 60)
        ada.opens("/team")
    second = ada.another_browser()
    second.signs_in()
    strict_house.clock.shift(5 * 60)
    return second


def test_browsers_are_listed_in_words_and_this_one_is_named(ada: DeskUser, elsewhere: DeskUser) -> None:
    assert listed(ada.opens("/account")) == [
        "Another browser: signed in Tue Nov 24, 5:31 AM PST , last used Tue Nov 24, 5:31 AM PST Sign out there",
        "This browser: signed in Tue Nov 24, 4:00 AM PST , last used Tue Nov 24, 5:36 AM PST",
    ]


def test_one_browser_is_signed_out_from_another_at_once(
    strict_house: DeskApp, ada: DeskUser, elsewhere: DeskUser
) -> None:
    page = ada.posts(ada.opens("/account"), "account/session")

    assert "Signed out there." in page.text
    assert len(listed(page)) == 1
    assert (elsewhere.opens("/team").status, ada.opens("/team").status) == (401, 200)
    assert [event["actor"] for event in strict_house.account_events("session_ended")] == ["ada@example.org"]


def test_all_others_are_signed_out_at_once(strict_house: DeskApp, ada: DeskUser, elsewhere: DeskUser) -> None:
    page = ada.posts(ada.opens("/account"), "other-sessions")

    assert "You are signed out everywhere else." in page.text
    assert (elsewhere.opens("/team").status, ada.opens("/team").status) == (401, 200)
    assert strict_house.account_events("other_sessions_ended")[0]["detail"] == {"sessions": 1}


def test_nobody_signs_out_a_colleague(strict_house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    hers = next(row for row in rows(strict_house) if row.account_id == strict_house.account(grace.email).id)
    token = dict(ada.opens("/account").pairs("sign-out"))["csrf_token"]

    pages = [
        ada.posts_pairs("/account/session", [("csrf_token", token), ("session", value)])
        for value in (hers.id_hash, "", "nothing", "\0")
    ]

    assert {(page.status, "signed out already" in page.text) for page in pages} == {(200, True)}
    assert grace.opens("/queue").status == 200
    assert strict_house.account_events("session_ended") == []


def test_seen_is_written_once_a_minute_and_no_other_column_by_looking(strict_house: DeskApp, ada: DeskUser) -> None:
    def after(seconds: int) -> Any:
        strict_house.clock.shift(seconds)
        assert ada.opens("/team").status == 200
        return rows(strict_house)[-1]

    before = rows(strict_house)[-1]
    soon, later, again = after(0), after(61), after(60)

    assert (soon, again) == (before, later)
    changed = {name for name in before._fields if getattr(before, name) != getattr(later, name)}
    assert changed == {"seen_at", "seal"}


def test_people_who_only_look_leave_no_row(strict_house: DeskApp, ada: DeskUser) -> None:
    before = rows(strict_house)
    visitor = strict_house.new_browser(ada.email)

    visitor.opens("/sign-in")
    visitor.gives_password("four loud words there")

    assert rows(strict_house) == before
    assert visitor.cookie().count(".") == 2


def test_a_session_holds_a_fixed_list_of_keys_and_nothing_else(strict_house: DeskApp, ada: DeskUser) -> None:
    with strict_house.app.test_request_context(headers={"Cookie": f"__Host-screener-desk={ada.cookie()}"}):
        held = dict(session)
        for key in ("_user_id", "_id", "_remember", "_fresh"):
            session[key] = "127.0.0.1"
        for key in ("name", "answers", "csrf_tokens", "fs_paa"):
            with pytest.raises(KeyError, match="cannot hold"):
                session[key] = "x"

        assert set(held) == {"csrf_token", "_user_id", "_fresh", "_id"}
        assert dict(session) == held
    assert set(DeskSession.__table__.columns.keys()) == {
        *("id_hash", "account_id", "begun_at", "seen_at", "proven_at"),
        *("second_factor", "new_totp", "seal", "ended_at"),
    }
