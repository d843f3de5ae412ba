"""One's own account, recovery codes, and the proof that is asked for once more before something is changed."""

import pytest

from screener.auth.context import AUTH_EXTENSION
from screener.auth.totp import use_recovery_code
from screener.db import writing
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser

NEW = "quite another password"


def codes_on(page: DeskPage) -> list[str]:
    return [one.get_text(strip=True) for one in page.soup.select(".codes code")]


def renewed(person: DeskUser) -> list[str]:
    return codes_on(person.posts(person.opens("/account"), "/recovery-codes"))


def test_recovery_codes_are_shown_once_kept_hashed_and_good_once(strict_house: DeskApp, ada: DeskUser) -> None:
    codes = renewed(ada)
    kept = strict_house.account("ada@example.org").mf_recovery_codes or []
    assert (len(set(codes)), len(kept)) == (10, 10)
    assert not {code for code in codes for one in kept if code in one or code.replace("-", "") in one}

    again = ada.another_browser()
    assert again.posts(again.gives_password(), "/code", code=f" {codes[3].upper()} ").leads_to == "/team"
    second = ada.another_browser()
    assert second.posts(second.gives_password(), "/code", code=codes[3]).status == 422
    assert second.posts(second.gives_password(), "/code", code=codes[4]).leads_to == "/team"
    details = [event["detail"] for event in strict_house.account_events("second_factor_given")]
    assert details == [{"with": "recovery code", "left": "9"}, {"with": "recovery code", "left": "8"}]


def test_new_recovery_codes_make_the_old_ones_worthless(ada: DeskUser) -> None:
    old = renewed(ada)
    renewed(ada)
    again = ada.another_browser()

    assert again.posts(again.gives_password(), "/code", code=old[0]).status == 422


def test_of_two_who_send_one_recovery_code_at_once_one_gets_in(any_house: DeskApp, at_once) -> None:  # type: ignore[no-untyped-def]
    person = any_house.onboards("Ada", "administrator")
    any_house.clock.shift(1)
    codes = codes_on(person.sets_up(person.opens("/account/second-factor")))
    key = any_house.app.extensions[AUTH_EXTENSION].keys.recovery
    account_id = any_house.account("ada@example.org").id
    left: list[int | None] = []

    def use(number: int) -> None:
        with writing(any_house.store) as connection:
            left.append(use_recovery_code(connection, account_id, key, codes[0]))

    at_once(use, 6)

    assert sorted(left, key=str) == [9, None, None, None, None, None]


def test_a_fresh_sign_in_needs_no_further_proof(ada: DeskUser) -> None:
    assert ada.opens("/account/second-factor").heading == "Set up your second factor"


@pytest.mark.parametrize("proof", ["password", "code"])
def test_after_ten_minutes_a_change_asks_once_more_and_nothing_is_typed_twice(
    strict_house: DeskApp, ada: DeskUser, proof: str
) -> None:
    page = ada.opens("/team")
    strict_house.clock.shift(601)

    asked = ada.posts(page, "/team", name="Bea", email="bea@example.org", role=["coordinator", "study_lead"])
    assert (asked.status, asked.heading) == (403, "Confirm that it is you")
    assert len(strict_house.account_events("invited")) == 1
    done = ada.posts(asked, "/team", proof=PASSWORD if proof == "password" else ada.code())

    assert done.heading == "A link for Bea"
    assert strict_house.account("bea@example.org").role_names == "coordinator,study_lead"
    assert ada.posts(page, "/team", name="Cy", email="cy@example.org", role=["coordinator"]).heading == "A link for Cy"


def test_a_wrong_proof_changes_nothing_keeps_what_was_typed_and_counts(strict_house: DeskApp, ada: DeskUser) -> None:
    page = ada.opens("/team")
    strict_house.clock.shift(601)
    asked = ada.posts(page, "/team", name="Bea", email="bea@example.org", role=["coordinator"])

    for _ in range(12):
        asked = ada.posts(asked, "/team", proof="four loud words there")
        assert (asked.status, dict(asked.pairs("/team"))["name"]) == (422, "Bea")

    assert ada.posts(asked, "/team", proof=PASSWORD).status == 422
    strict_house.clock.shift(15 * 60 + 1)
    assert ada.posts(asked, "/team", proof=PASSWORD).heading == "A link for Bea"


def test_a_page_that_wants_a_proof_leads_there_after_it(strict_house: DeskApp, ada: DeskUser) -> None:
    strict_house.clock.shift(601)

    asked = ada.opens("/account/second-factor")
    wrong = ada.posts(asked, "/prove", proof="no")
    done = ada.posts(wrong, "/prove", proof=PASSWORD)

    assert (asked.status, wrong.status) == (403, 422)
    assert done.leads_to == "/account/second-factor"
    assert ada.opens("/account/second-factor").status == 200


def test_another_telephone_takes_the_place_of_the_old_one(strict_house: DeskApp, ada: DeskUser) -> None:
    elsewhere = ada.another_browser()
    elsewhere.signs_in()
    strict_house.clock.shift(30)
    old = ada.another_browser()

    page = ada.sets_up(ada.opens("/account/second-factor"))

    assert len(codes_on(page)) == 10
    assert ada.opens("/team").status == 200
    assert elsewhere.opens("/team").status == 401
    strict_house.clock.shift(30)
    assert old.signs_in().status == 422
    assert ada.another_browser().signs_in().leads_to == "/team"


def test_the_picture_is_ours_and_only_for_who_sets_up(house: DeskApp) -> None:
    person = house.onboards("Ada", "coordinator")
    assert person.opens("/account/second-factor.svg").status == 404
    page = person.opens("/account/second-factor")

    answer = person.opens(str(page.soup.select_one("img")["src"])).answer

    assert (answer.mimetype, answer.status_code) == ("image/svg+xml", 200)
    assert "no-store" in answer.headers["Cache-Control"]
    assert house.new_browser().opens("/sign-in/second-factor.svg").status == 404


def test_a_new_password_ends_the_sessions_elsewhere(strict_house: DeskApp, ada: DeskUser) -> None:
    elsewhere = ada.another_browser()
    elsewhere.signs_in()

    page = ada.posts(ada.opens("/account"), "/password", password=NEW)

    assert "signed out everywhere else" in page.text
    assert ada.opens("/team").status == 200
    assert elsewhere.opens("/team").status == 401
    assert ada.another_browser().gives_password().status == 422
    assert ada.another_browser().gives_password(NEW).heading == "Your code"


def test_a_weak_new_password_is_refused(ada: DeskUser) -> None:
    page = ada.posts(ada.opens("/account"), "/password", password="ada@example.org")

    assert (page.status, "hard to guess" in page.error) == (422, True)
    assert ada.another_browser().gives_password().heading == "Your code"
