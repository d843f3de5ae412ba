"""What somebody had typed is still there after they were asked to sign in, and only what they typed themselves."""

from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser

TYPED = {"name": "Bea \u05d1\u05d9\u05d4 <b>", "email": "bea@example.org", "languages": "es"}


def half_written(ada: DeskUser) -> tuple[DeskPage, list[tuple[str, str]]]:
    page = ada.opens("/team")
    kept = [pair for pair in page.pairs("/team") if pair[0] in ("csrf_token",)]
    return page, [*kept, *TYPED.items(), ("role", "coordinator"), ("role", "study_lead")]


def test_a_session_that_ended_meanwhile_loses_nothing(strict_house: DeskApp, ada: DeskUser) -> None:
    _, pairs = half_written(ada)
    strict_house.clock.shift(2 * 3600)

    asked = ada.posts_pairs("/team", pairs)
    assert (asked.status, asked.heading) == (401, "Sign in")
    code_page = ada.posts(asked, "/sign-in", email=ada.email, password=PASSWORD)
    given_back = ada.posts(code_page, "/code", code=ada.code())

    assert given_back.heading == "What you typed was kept"
    assert TYPED["name"] in given_back.text
    assert len(strict_house.account_events("invited")) == 1
    assert ada.posts(given_back, "/team").heading.startswith("A link for Bea")
    assert strict_house.account("bea@example.org").role_names == "coordinator,study_lead"


def test_wrong_tries_in_between_lose_nothing_either(strict_house: DeskApp, ada: DeskUser) -> None:
    _, pairs = half_written(ada)
    strict_house.clock.shift(2 * 3600)

    page = ada.posts(ada.posts_pairs("/team", pairs), "/sign-in", email=ada.email, password="four loud words there")
    page = ada.posts(page, "/sign-in", email=ada.email, password=PASSWORD)
    page = ada.posts(page, "/code", code="000000")
    page = ada.posts(page, "/code", code=ada.code())

    assert TYPED["name"] in page.text


def test_a_page_from_before_a_new_sign_in_is_given_back_under_a_fresh_token(
    strict_house: DeskApp, ada: DeskUser
) -> None:
    _, pairs = half_written(ada)
    ada.signs_out()
    strict_house.clock.shift(30)
    ada.signs_in()

    page = ada.posts_pairs("/team", pairs)

    assert (page.status, page.heading) == (400, "What you typed was kept")
    assert ada.posts(page, "/team").heading.startswith("A link for Bea")


def test_a_page_that_was_wanted_is_led_to_after_the_sign_in(strict_house: DeskApp, ada: DeskUser) -> None:
    ada.signs_out()
    strict_house.clock.shift(30)

    asked = ada.opens("/account?from=letter")
    code_page = ada.posts(asked, "/sign-in", email=ada.email, password=PASSWORD)

    assert ada.posts(code_page, "/code", code=ada.code()).leads_to == "/account?from=letter"


def test_another_site_puts_no_words_into_anybodys_mouth(strict_house: DeskApp, ada: DeskUser) -> None:
    _, pairs = half_written(ada)
    strict_house.clock.shift(2 * 3600)

    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        asked = ada.posts_pairs("/team", pairs, from_us=False, headers=headers)
        assert dict(asked.pairs("/sign-in"))["held"] == ""


def test_what_is_held_cannot_be_made_up(strict_house: DeskApp, ada: DeskUser) -> None:
    ada.signs_out()
    strict_house.clock.shift(30)

    for held in ("x", '["https://evil.example/",null]', "WyIvdGVhbSJd.forged"):
        page = ada.posts(ada.opens("/sign-in"), "/sign-in", email=ada.email, password=PASSWORD, held=held)
        strict_house.clock.shift(30)
        assert ada.posts(page, "/code", code=ada.code()).leads_to == "/team"
        ada.signs_out()
        strict_house.clock.shift(30)


def test_a_link_in_a_letter_does_not_sign_out_who_is_signed_in(strict_house: DeskApp, ada: DeskUser) -> None:
    """Strict cookies stay at home when somebody comes from another site; the page in between brings them along."""
    newcomer = ada.another_browser()

    page = newcomer.opens("/team", headers={"Sec-Fetch-Site": "cross-site"})

    assert (page.status, page.heading) == (200, "To the desk")
    assert "Set-Cookie" not in page.answer.headers
    assert page.soup.select_one("meta[http-equiv=refresh]")["content"] == "0"
    assert newcomer.opens("/team", headers={"Sec-Fetch-Site": "same-origin"}).status == 401


def test_what_is_too_much_is_refused_in_words(ada: DeskUser) -> None:
    page = ada.posts_pairs("/team", [("name", "x" * 70_000)])

    assert (page.status, page.heading) == (413, "That was too long")
