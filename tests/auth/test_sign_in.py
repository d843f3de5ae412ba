"""Signing in: both factors or nothing, the same words for every wrong try, and a session that ends when it should."""

from dataclasses import replace

import pytest

from screener import clock
from screener.auth import lockout
from screener.auth.context import AUTH_EXTENSION
from screener.db import writing
from screener.staff.models import Account
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskUser

WRONG = "four loud words there"


def test_somebody_comes_with_a_password_and_a_code(strict_house: DeskApp, ada: DeskUser) -> None:
    again = ada.another_browser()

    page = again.signs_in()

    assert page.leads_to == "/team"
    assert again.opens("/team").heading == "Team"
    assert [event["detail"] for event in strict_house.account_events("signed_in")] == [{"second_factor": "given"}] * 2


def test_a_password_alone_opens_nothing(ada: DeskUser) -> None:
    thief = ada.another_browser()

    page = thief.gives_password()

    assert page.heading == "Your code"
    for path in ("/", "/team", "/account", "/account/second-factor", "/account/second-factor.svg"):
        answer = thief.opens(path)
        assert (answer.status, answer.heading) == (401, "Sign in")
        assert "example.org" not in answer.text


def test_a_desk_in_production_lets_nobody_in_who_has_not_set_up_a_second_factor(strict_house: DeskApp) -> None:
    person = strict_house.new_browser("eve@example.org")

    page = person.takes_up(strict_house.invites("Eve", "coordinator"))

    assert page.heading == "Set up your second factor"
    assert person.opens("/account").status == 401
    assert person.posts(page, code="000000").error.startswith("That code is not right")
    assert person.opens("/account").status == 401


def test_development_lets_in_without_a_second_factor_and_says_so(house: DeskApp) -> None:
    person = house.onboards("Eve", "coordinator")

    assert "can sign in without one" in person.opens("/account").text
    assert house.account_events("signed_in")[0]["detail"] == {"second_factor": "none"}


def test_a_session_of_development_is_worth_nothing_in_production(
    house: DeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = house.onboards("Eve", "coordinator")
    assert person.opens("/account").status == 200

    strict = replace(house.app.extensions[AUTH_EXTENSION], requires_second_factor=True)
    monkeypatch.setitem(house.app.extensions, AUTH_EXTENSION, strict)

    assert person.opens("/account").status == 401


def test_a_code_is_taken_once(strict_house: DeskApp, ada: DeskUser) -> None:
    first, second = ada.another_browser(), ada.another_browser()
    one, other = first.gives_password(), second.gives_password()
    code = ada.code()

    assert first.posts(one, "/code", code=code).leads_to == "/team"
    assert second.posts(other, "/code", code=code).error.startswith("That code is not right")

    strict_house.clock.shift(30)
    assert second.posts(other, "/code", code=ada.code()).leads_to == "/team"


def test_an_earlier_code_is_not_taken_after_a_later_one(strict_house: DeskApp, ada: DeskUser) -> None:
    thief = ada.another_browser()
    seen_over_a_shoulder = ada.code()
    strict_house.clock.shift(30)
    assert ada.another_browser().signs_in().leads_to == "/team"

    assert thief.posts(thief.gives_password(), "/code", code=seen_over_a_shoulder).error


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 400, "-1", "000000'--"])
def test_what_is_no_code_is_refused(ada: DeskUser, code: str) -> None:
    thief = ada.another_browser()

    assert thief.posts(thief.gives_password(), "/code", code=code).error.startswith("That code is not right")


def test_what_is_missing_is_asked_for_beside_its_field(strict_house: DeskApp, ada: DeskUser) -> None:
    again = ada.another_browser()

    page = again.posts(again.opens("/sign-in"), "/sign-in", email=" kept@example.org", password="")
    code = again.posts(again.gives_password(), "/code", code="")

    assert (page.status, page.error) == (422, "Enter your password.")
    assert page.soup.select_one("#password")["aria-describedby"] == "password-error"
    assert dict(page.filled("/sign-in"))["email"] == " kept@example.org"
    assert (code.status, code.error) == (422, "Enter the code from your app.")
    assert strict_house.account_events("refused") == []


@pytest.mark.parametrize("fault", ["unknown", "wrong password", "disabled", "invited", "resting"])
def test_every_wrong_try_reads_the_same(strict_house: DeskApp, ada: DeskUser, fault: str) -> None:
    thief = strict_house.new_browser("ada@example.org")
    password = PASSWORD
    if fault == "unknown":
        thief.email = "nobody@example.org"
    elif fault == "wrong password":
        password = WRONG
    elif fault == "disabled":
        strict_house.onboards("Bea", "administrator")
        strict_house.disables("ada@example.org")
    elif fault == "invited":
        strict_house.invites("Carol", "coordinator")
        thief.email = "carol@example.org"
    else:
        for _ in range(lockout.MAX_FAILED_ATTEMPTS):
            thief.gives_password(WRONG)

    page = thief.gives_password(password)

    assert (page.status, page.heading) == (422, "Sign in")
    assert page.error == "The email address or password is not right. Check both, then try again."
    assert page.soup.select_one("#email")["aria-describedby"] == "email-error"


def test_ten_wrong_tries_and_an_account_rests_alone_and_for_a_while(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    thief = strict_house.new_browser("ada@example.org")
    for _ in range(lockout.MAX_FAILED_ATTEMPTS):
        assert thief.gives_password(WRONG).status == 422

    assert ada.another_browser().gives_password().status == 422
    assert ada.opens("/team").status == 200
    assert grace.another_browser().signs_in().leads_to == "/queue"

    strict_house.clock.shift(lockout.LOCKOUT.total_seconds() + 1)
    assert ada.another_browser().signs_in().leads_to == "/team"
    assert strict_house.account("ada@example.org").failures == 0


def test_a_known_password_does_not_open_the_way_to_guess_at_codes(strict_house: DeskApp, ada: DeskUser) -> None:
    thief = ada.another_browser()

    answers = []
    for number in range(lockout.MAX_FAILED_ATTEMPTS + 3):
        page = thief.gives_password()
        answers.append(page.heading)
        if page.heading == "Your code":
            thief.posts(page, "/code", code=f"{number:06}")

    assert answers.count("Your code") <= lockout.MAX_FAILED_ATTEMPTS
    assert strict_house.account("ada@example.org").locked_until is not None
    page = ada.another_browser().gives_password()
    assert page.heading == "Sign in"


def test_tries_at_once_are_all_counted(any_house: DeskApp, at_once) -> None:  # type: ignore[no-untyped-def]
    any_house.onboards("Ada", "administrator")
    allowed: list[bool] = []

    def guess(number: int) -> None:
        with writing(any_house.store) as connection:
            counter = lockout.Counter(Account, Account.email == "ada@example.org")
            allowed.append(lockout.register_attempt(connection, counter, at=clock.now()))

    at_once(guess, 24)

    assert sum(allowed) == lockout.MAX_FAILED_ATTEMPTS


def test_signing_out_ends_every_copy_of_this_session_and_no_other(strict_house: DeskApp, ada: DeskUser) -> None:
    elsewhere, thief = ada.another_browser(), strict_house.new_browser()
    elsewhere.signs_in()
    thief.has_cookie(ada.cookie())
    assert thief.opens("/team").status == 200

    page = ada.signs_out()

    assert page.leads_to == "/sign-in"
    assert ada.cookie() == ""
    assert [browser.opens("/team").status for browser in (ada, thief, elsewhere)] == [401, 401, 200]
    assert strict_house.account_events("signed_out")[0]["actor"] == "ada@example.org"


def test_a_session_ends_after_an_hour_of_quiet_and_after_twelve_in_any_case(
    strict_house: DeskApp, ada: DeskUser
) -> None:
    for _ in range(13):
        strict_house.clock.shift(55 * 60 - 1)
        assert ada.opens("/team").status == 200
    strict_house.clock.shift(55 * 60)
    assert ada.opens("/team").status == 401

    ada.signs_in()
    strict_house.clock.shift(61 * 60)
    assert ada.opens("/team").status == 401


def test_the_session_is_a_new_one_after_each_step(ada: DeskUser) -> None:
    again = ada.another_browser()
    again.opens("/sign-in")
    before = again.cookie()
    page = again.gives_password()
    halfway = again.cookie()
    again.posts(page, "/code", code=ada.code())
    after = again.cookie()

    assert len({before, halfway, after}) == 3
    again.has_cookie(halfway)
    assert again.opens("/team").status == 401


def test_the_second_factor_must_follow_within_ten_minutes(strict_house: DeskApp, ada: DeskUser) -> None:
    again = ada.another_browser()
    page = again.gives_password()
    strict_house.clock.shift(601)

    assert again.posts(page, "/code", code=ada.code()).error.startswith("That took more than ten minutes")


def test_the_cookie_is_for_this_host_and_no_script(strict_house: DeskApp, house: DeskApp) -> None:
    strict = strict_house.new_browser().opens("/sign-in").answer.headers["Set-Cookie"]
    relaxed = house.new_browser().opens("/sign-in").answer.headers["Set-Cookie"]

    assert strict.startswith("__Host-screener-desk=")
    assert {part.strip() for part in strict.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    assert relaxed.startswith("screener-desk=")
    assert {part.strip() for part in relaxed.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Strict"}


@pytest.mark.parametrize("name", ["Authentication-Token", "Authorization", "X-XSRF-Token"])
def test_no_header_and_no_address_signs_anybody_in(strict_house: DeskApp, ada: DeskUser, name: str) -> None:
    thief = strict_house.new_browser()
    token = strict_house.token_of("ada@example.org")

    assert thief.opens("/team", headers={name: token}).status == 401
    assert thief.opens(f"/team?auth_token={token}").status == 401


def test_a_post_that_no_page_of_ours_sent_is_refused(ada: DeskUser) -> None:
    again = ada.another_browser()
    again.opens("/sign-in")

    page = again.posts_pairs("/sign-in", [("email", ada.email), ("password", PASSWORD)], from_us=False)

    assert (page.status, page.heading) == (400, "We could not accept that")


def test_nothing_says_from_where_somebody_came(strict_house: DeskApp, ada: DeskUser) -> None:
    columns = {column.name for column in Account.__table__.columns}
    for event in strict_house.account_events():
        assert "127.0.0.1" not in str(event)

    assert not {name for name in columns if "ip" in name.split("_") or "current" in name}


def test_of_two_who_send_the_same_code_at_once_one_is_refused(strict_house: DeskApp, ada: DeskUser) -> None:
    """Both were read before either was taken: only the statement that takes it can tell."""
    strict_house.clock.shift(60)
    first, second = (strict_house.account("ada@example.org") for _ in range(2))
    codes = strict_house.app.extensions[AUTH_EXTENSION].one_time_codes

    assert [codes.verify_once(one, ada.code()) for one in (first, second)] == [True, False]
