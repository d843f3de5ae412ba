"""Guessing at passwords and codes: it shuts out neither the person, nor who is signed in, nor a clinic."""

import base64
import json
import re

import pytest
import sqlalchemy as sa

from screener.auth import lockout
from screener.db import reading
from screener.mail.models import QueuedMessage
from screener.staff.models import AttemptCounter
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskUser

WRONG = "four loud words there"
BROWSER_COOKIE = "__Host-screener-browser"


def guesses(house: DeskApp, email: str, times: int) -> DeskUser:
    thief = house.new_browser(email)
    page = thief.opens("/sign-in")
    for _ in range(times):
        # Slowly enough for the limit of its network.
        house.clock.shift(2)
        thief.posts(page, "/sign-in", email=email, password=WRONG)
    return thief


def again_in_the_same_browser(person: DeskUser) -> DeskUser:
    """The person's own browser, signed out, as in the morning."""
    person.signs_out()
    return person


def messages(house: DeskApp) -> list[tuple[str, str, str]]:
    """Kind, recipient and whose account, of every message."""
    with reading(house.store) as connection:
        rows = connection.execute(sa.select(QueuedMessage.kind, QueuedMessage.account_id, QueuedMessage.facts))
        return sorted((row.kind, str(row.account_id), row.facts["whose"]) for row in rows if "whose" in row.facts)


def test_eleven_tries_of_a_stranger_lock_out_nobody_whose_browser_is_known(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    guesses(strict_house, "ada@example.org", 11)

    assert ada.opens("/team").status == 200
    strict_house.clock.shift(60)
    assert again_in_the_same_browser(ada).signs_in().leads_to == "/team"
    assert grace.another_browser().signs_in().leads_to == "/queue"


def test_who_is_signed_in_proves_it_once_more_while_a_stranger_guesses(strict_house: DeskApp, ada: DeskUser) -> None:
    strict_house.clock.shift(11 * 60)
    guesses(strict_house, "ada@example.org", 11)

    page = ada.posts(ada.opens("/team"), "/team", name="Bea", email="bea@example.org", role=["coordinator"])
    assert page.heading == "Confirm that it is you"

    assert ada.posts(page, proof=PASSWORD).heading == "A link for Bea"


def test_guesses_at_the_proof_are_counted_apart_and_do_not_stop_a_sign_in(strict_house: DeskApp, ada: DeskUser) -> None:
    strict_house.clock.shift(11 * 60)
    page = ada.opens("/account/second-factor")
    for _ in range(lockout.MAX_FAILED_ATTEMPTS):
        page = ada.posts(page, proof=WRONG)

    assert ada.posts(page, proof=PASSWORD).error.startswith("That password or code is not right")
    assert ada.another_browser().signs_in().leads_to == "/team"


def test_a_known_browser_has_ten_tries_like_any_other(strict_house: DeskApp, ada: DeskUser) -> None:
    again_in_the_same_browser(ada)
    for _ in range(lockout.MAX_FAILED_ATTEMPTS):
        ada.gives_password(WRONG)

    assert ada.gives_password().status == 422
    assert ada.another_browser().gives_password().heading == "Your code"


def test_a_browser_is_known_for_the_account_that_signed_in_fully_and_for_no_other(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    with_password_only = ada.another_browser()
    with_password_only.gives_password()
    guesses(strict_house, "ada@example.org", 10)
    again_in_the_same_browser(grace)

    assert with_password_only.gives_password().status == 422
    assert grace.gives_password(email="ada@example.org").status == 422
    assert with_password_only.client.get_cookie(BROWSER_COOKIE, domain="desk.example.org") is None


@pytest.mark.parametrize("forged", ["", "x", '"0123456789abcdef0123456789abcdef".forged'])
def test_a_cookie_that_we_did_not_sign_is_no_known_browser(strict_house: DeskApp, ada: DeskUser, forged: str) -> None:
    thief = guesses(strict_house, "ada@example.org", 10)
    thief.client.set_cookie(BROWSER_COOKIE, forged, domain="desk.example.org", secure=True, path="/")

    assert thief.gives_password().status == 422


def test_the_cookie_of_a_known_browser_names_no_account_and_neither_does_the_store(
    strict_house: DeskApp, ada: DeskUser
) -> None:
    cookie = ada.client.get_cookie(BROWSER_COOKIE, domain="desk.example.org")
    assert cookie is not None and cookie.secure and cookie.http_only and cookie.same_site == "Strict"
    browser_id = json.loads(base64.urlsafe_b64decode(cookie.decoded_value.partition(".")[0] + "=="))
    account = strict_house.account("ada@example.org")
    with reading(strict_house.store) as connection:
        rows = connection.execute(sa.select(AttemptCounter.__table__)).mappings().all()

    assert account.id not in cookie.decoded_value and "ada" not in cookie.decoded_value
    assert len(rows) == 1
    assert not {account.id, browser_id} & set(re.findall(r"[0-9a-f]+", str(rows)))


def test_a_known_browser_is_not_shut_out_with_its_whole_network(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    """A stranger in the clinic's own network uses up what one network may send in a minute."""
    again_in_the_same_browser(grace)
    stranger = strict_house.new_browser("nobody@example.org")
    page, statuses = stranger.opens("/sign-in"), set[int]()
    while 429 not in statuses:
        statuses.add(stranger.posts(page, "/sign-in", email="", password="").status)

    assert grace.gives_password().heading == "Your code"


def test_twenty_wrong_tries_are_told_to_the_person_and_an_administrator_once_a_day(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    ada_id, grace_id = (strict_house.account(f"{name}@example.org").id for name in ("ada", "grace"))
    guesses(strict_house, "grace@example.org", 19)
    assert messages(strict_house) == []

    guesses(strict_house, "grace@example.org", 31)

    told = [("failed_sign_ins", ada_id, "other"), ("failed_sign_ins", grace_id, "own")]
    assert messages(strict_house) == sorted(told)
    assert "50 wrong attempts in a row" in ada.opens("/team").text
    strict_house.clock.shift(24 * 3600)
    guesses(strict_house, "grace@example.org", 10)
    assert messages(strict_house) == sorted(told * 2)


def test_after_a_hundred_wrong_tries_only_unknown_browsers_need_a_new_link(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    guesses(strict_house, "grace@example.org", lockout.MAX_IN_A_ROW + 1)
    strict_house.clock.shift(lockout.LOCKOUT.total_seconds() + 1)

    assert grace.another_browser().gives_password().status == 422
    assert again_in_the_same_browser(grace).signs_in().leads_to == "/queue"
    assert grace.another_browser().gives_password().status == 422
    assert strict_house.new_browser("grace@example.org").takes_up(strict_house.invites_again("grace@example.org"))
    assert grace.another_browser().gives_password().heading == "Your code"
