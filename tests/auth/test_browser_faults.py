"""A browser without cookies or Referer: every form before the sign-in says so, and none comes back blank for ever."""

from collections.abc import Callable
from collections.abc import Mapping

import pytest

from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.html_forms import replace_values

NO_COOKIE = "Your browser did not send back the cookie that signing in needs"
NO_REFERRER = "Your browser does not say from which page a form was sent"
OUTDATED = "This page was out of date"
#: What a browser sends that names no page, or another one, by how it says that the form is ours.
NO_REFERER: Mapping[str, Mapping[str, str | None]] = {
    "Referer taken off": {"Referer": None},
    "Referer and Origin taken off": {"Referer": None, "Origin": None},
    "Origin made opaque": {"Referer": None, "Origin": "null"},
    "by a browser that names the site": {"Referer": None, "Origin": "null", "Sec-Fetch-Site": "same-origin"},
    "Referer of an extension": {"Referer": "https://hidden.invalid/"},
}


def invitation(desk: DeskApp, user: DeskUser) -> DeskPage:
    return user.opens("/invitation")


def password_of_an_invitation(desk: DeskApp, user: DeskUser) -> DeskPage:
    return DeskUser(desk.app).opens_invitation(desk.invites("Bea", "coordinator"))


def sign_in(desk: DeskApp, user: DeskUser) -> DeskPage:
    return user.opens("/sign-in")


def code(desk: DeskApp, user: DeskUser) -> DeskPage:
    return user.another_browser().gives_password()


def first_second_factor(desk: DeskApp, user: DeskUser) -> DeskPage:
    return DeskUser(desk.app).takes_up(desk.invites("Bea", "coordinator"))


Form = Callable[[DeskApp, DeskUser], DeskPage]
FORMS: list[Form] = [invitation, password_of_an_invitation, sign_in, code, first_second_factor]
#: Right and wrong, so that the sentence tells nothing about either.
TYPED = {"email": "ada@example.org", "password": PASSWORD, "code": "123456"}


def sent(user: DeskUser, page: DeskPage, *, headers: Mapping[str, str | None] = {}) -> DeskPage:
    """The form of *page*, filled in and sent by *user*; a header that is None is left out."""
    form = page.form()
    pairs = replace_values(page.pairs(), {name: value for name, value in TYPED.items() if name in dict(page.pairs())})
    base = {"Origin": user.origin, "Referer": f"{user.origin}/"}
    given = {name: value for name, value in {**base, **headers}.items() if value is not None}
    return DeskPage(user.client.post(str(form["action"]), data=dict(pairs), headers=given, base_url=user.origin))


@pytest.mark.parametrize("form", FORMS)
def test_with_cookies_off_each_form_before_the_sign_in_says_so(
    strict_house: DeskApp, ada: DeskUser, form: Form
) -> None:
    page = form(strict_house, strict_house.new_browser(ada.email) if form is not code else ada)

    for _ in range(2):
        page = sent(strict_house.new_browser().without_cookies(), page)

        assert (page.status, page.soup.select_one("main form") is not None) == (400, True)
        assert page.error.startswith(NO_COOKIE)
        assert "desk.example.org" in page.error
        assert PASSWORD not in page.answer.text


@pytest.mark.parametrize("headers", NO_REFERER)
@pytest.mark.parametrize("form", [sign_in, invitation])
def test_with_the_referer_taken_off_signing_in_says_so(strict_house: DeskApp, form: Form, headers: str) -> None:
    user = strict_house.new_browser("ada@example.org")

    page = sent(user, form(strict_house, user), headers=NO_REFERER[headers])

    assert (page.status, page.soup.select_one("main form") is not None) == (400, True)
    assert page.error.startswith(NO_REFERRER)


def test_right_and_wrong_passwords_get_the_same_answer_without_cookies(strict_house: DeskApp, ada: DeskUser) -> None:
    user = strict_house.new_browser(ada.email).without_cookies()

    right, wrong = user.gives_password(), user.gives_password("four loud words there")

    assert right.error == wrong.error
    assert strict_house.account_events("refused") == []


def test_a_page_of_an_earlier_session_says_so_once_and_keeps_the_address(strict_house: DeskApp, ada: DeskUser) -> None:
    again = ada.another_browser()
    stale = again.opens("/sign-in")
    again.client.delete_cookie("__Host-screener-desk", domain="desk.example.org")
    again.opens("/sign-in")

    page = again.posts(stale, "/sign-in", email=ada.email, password=PASSWORD)

    assert (page.status, page.error.startswith(OUTDATED)) == (400, True)
    assert page.filled("/sign-in")["email"] == ada.email
    assert again.posts(page, "/sign-in", password=PASSWORD).heading == "Your code"


def test_a_cookie_that_is_never_renewed_is_thought_of(strict_house: DeskApp) -> None:
    user = strict_house.new_browser("ada@example.org")
    page = user.opens("/sign-in")
    user.has_cookie("old.kept.cookie")

    assert "allow cookies for desk.example.org" in sent(user, page).error


def test_a_sign_in_page_left_open_gives_no_password_to_whoever_is_signed_in(
    strict_house: DeskApp, ada: DeskUser
) -> None:
    stale = ada.another_browser().opens("/sign-in")

    page = ada.posts(stale, "/sign-in", email=ada.email, password=PASSWORD)

    assert (page.status, page.leads_to) == (303, "/team")


def test_what_was_typed_is_kept_and_the_missing_referer_is_said(strict_house: DeskApp, ada: DeskUser) -> None:
    page = ada.opens("/team")
    pairs = replace_values(page.pairs("/team"), {"name": "Bea", "email": "bea@example.org"})

    kept = ada.posts_pairs("/team", pairs, headers={"Referer": ""})

    assert (kept.status, kept.heading) == (400, "What you typed was kept")
    assert kept.error.startswith(NO_REFERRER)
    assert dict(kept.pairs("/team"))["name"] == "Bea"


@pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_that_another_site_sent_is_refused_as_before(strict_house: DeskApp, origin: dict[str, str]) -> None:
    user = strict_house.new_browser("ada@example.org").without_cookies()

    page = sent(user, user.opens("/sign-in"), headers=origin)

    assert (page.status, page.heading) == (400, "We could not accept that")
