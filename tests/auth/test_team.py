"""The team page: who is here, every change in the trail under the name of who made it, and an administrator left."""

import re

import pytest

from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.desk_client import link_in


def member(house: DeskApp, person: DeskUser, email: str) -> DeskPage:
    return person.opens(f"/team/{house.account(email).id}")


def test_an_administrator_invites_somebody_who_then_comes(strict_house: DeskApp, ada: DeskUser) -> None:
    page = ada.posts(
        ada.opens("/team"),
        "/team",
        name=" Bea  Example ",
        email="Bea@Example.org",
        role=["coordinator"],
        languages="es en",
    )

    assert (page.status, page.heading) == (200, "A link for Bea Example")
    link = link_in(page.text)
    assert link.startswith("https://desk.example.org/invitation#")
    bea = strict_house.new_browser("bea@example.org")
    done = bea.posts(bea.sets_up(bea.takes_up(link)))
    assert done.leads_to == "/queue"
    (event,) = strict_house.account_events("invited")[-1:]
    assert (event["actor"], event["subject"]) == ("ada@example.org", "bea@example.org")
    assert event["detail"] == {"roles": "coordinator", "languages": "en,es"}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("name", "   ", "Enter a name"),
        ("name", "x" * 81, "Enter a name"),
        ("name", "a\u202eb", "Enter a name"),
        ("email", "bea", "Enter an email address"),
        ("email", "bea@example.org\r\nBcc: x@example.org", "Enter an email address"),
        ("role", [], "at least one role"),
        ("role", ["owner"], "at least one role"),
        ("languages", "", "one to eight language"),
        ("languages", "<script>", "one to eight language"),
    ],
)
def test_what_cannot_be_read_comes_back_as_it_was_typed(
    strict_house: DeskApp, ada: DeskUser, field: str, value: str | list[str], why: str
) -> None:
    typed: dict[str, str | list[str]] = {
        "name": "Bea",
        "email": "bea@example.org",
        "role": ["study_lead"],
        "languages": "en",
    }

    page = ada.posts(ada.opens("/team"), "/team", **{**typed, field: value})

    assert page.status == 422
    assert why in page.error
    kept = dict(page.pairs("/team"))
    if field != "name":
        assert kept["name"] == "Bea"
    if field != "role":
        assert kept["role"] == "study_lead"
    assert len(strict_house.account_events("invited")) == 1


def test_a_name_full_of_script_is_shown_as_text(ada: DeskUser) -> None:
    name = "<script>alert(1)</script>'\""

    ada.posts(ada.opens("/team"), "/team", name=name, email="x@example.org", role=["coordinator"])

    page = ada.opens("/team")
    assert name in [one.get_text() for one in page.soup.select("th bdi")]
    assert not page.soup.select("main script")


def test_another_role_signs_somebody_out_and_another_language_does_not(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    lin = strict_house.onboards("Lin", "study_lead")
    page = member(strict_house, ada, "grace@example.org")
    ada.posts(page, "/rights", languages="en es")
    assert grace.opens("/account").status == 200

    assert ada.posts(page, "/rights", role=["coordinator", "study_lead"]).leads_to == "/access"
    assert grace.opens("/account").status == 200
    lin.decides_access("confirm")

    assert grace.opens("/account").status == 401
    assert strict_house.account("grace@example.org").role_names == "coordinator,study_lead"
    assert [event["detail"]["languages"] for event in strict_house.account_events("changed")] == ["en,es", "en"]


def test_somebody_who_is_disabled_is_out_at_once_and_their_open_work_moves(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    strict_house.onboards("Bea", "coordinator")
    bea, old = strict_house.account("bea@example.org"), strict_house.account("grace@example.org")
    strict_house.gives_work(old, "assigned", "reached", "not_interested")

    page = member(strict_house, ada, "grace@example.org")
    assert "Open follow-ups (2) go to" in page.text
    ada.posts(page, "/disable", heir=bea.id)

    assert grace.opens("/account").status == 401
    assert grace.another_browser().gives_password().status == 422
    assert strict_house.work() == {"assigned": bea.id, "reached": bea.id, "not_interested": old.id}
    (event,) = strict_house.account_events("disabled")
    assert (event["actor"], event["detail"]) == ("ada@example.org", {"moved": 2, "to": bea.id})


def test_without_an_heir_the_work_waits_to_be_claimed(strict_house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    strict_house.gives_work(strict_house.account("grace@example.org"), "assigned", "reached")

    ada.posts(member(strict_house, ada, "grace@example.org"), "/disable", heir="")

    assert strict_house.work() == {"new": None, "reached": None}


@pytest.mark.parametrize("heir", ["herself", "an administrator", "nobody", "somebody invited"])
def test_work_goes_only_to_somebody_who_can_do_it(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser, heir: str
) -> None:
    strict_house.invites("Carol", "coordinator")
    ids = {
        "herself": strict_house.account("grace@example.org").id,
        "an administrator": strict_house.account("ada@example.org").id,
        "nobody": "f" * 32,
        "somebody invited": strict_house.account("carol@example.org").id,
    }

    page = ada.posts(member(strict_house, ada, "grace@example.org"), "/disable", heir=ids[heir])

    assert page.status == 422
    assert "Choose another coordinator" in page.error
    assert strict_house.account("grace@example.org").active


@pytest.mark.parametrize("change", ["disable", "rights"])
def test_a_disabled_account_is_not_changed_from_an_older_page(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser, change: str
) -> None:
    page = member(strict_house, ada, "grace@example.org")
    strict_house.disables("grace@example.org")

    refused = ada.posts(page, f"/{change}", **({"role": ["none"]} if change == "rights" else {"heir": "f" * 32}))

    assert (refused.status, refused.error) == (422, "This account is disabled. Nothing was changed.")


def test_the_last_administrator_stays(strict_house: DeskApp, ada: DeskUser) -> None:
    strict_house.invites("Bea", "administrator")
    page = member(strict_house, ada, "ada@example.org")

    refused = ada.posts(page, "/disable")

    assert refused.status == 422
    assert "last administrator" in refused.error
    strict_house.onboards("Zoe", "administrator")
    assert ada.posts(page, "/disable").status == 303
    assert ada.opens("/team").status == 401


def test_who_changes_her_own_languages_keeps_her_roles(strict_house: DeskApp, ada: DeskUser) -> None:
    page = member(strict_house, ada, "ada@example.org")

    assert ada.posts(page, "/rights", role=["coordinator"]).error.startswith("You cannot change your own access")
    assert ada.posts(page, "/rights", languages="en es").status == 303

    account = strict_house.account("ada@example.org")
    assert (account.role_names, account.languages) == ("administrator", "en,es")


def test_a_lost_telephone_is_reset_and_the_next_sign_in_sets_up_a_new_one(
    strict_house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    lin = strict_house.onboards("Lin", "study_lead")
    ada.posts(member(strict_house, ada, "grace@example.org"), "/second-factor")
    lin.decides_access("confirm")

    assert grace.opens("/account").status == 401
    page = grace.another_browser().gives_password()
    assert page.heading == "Set up your second factor"
    account = strict_house.account("grace@example.org")
    assert (account.tf_totp_secret, account.mf_recovery_codes, account.totp_step) == (None, None, None)


def test_somebody_who_comes_back_begins_anew(strict_house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    lin = strict_house.onboards("Lin", "study_lead")
    strict_house.disables("grace@example.org")

    ada.posts(ada.opens("/team"), "/team", name="Grace", email="grace@example.org", role=["study_lead"])
    lin.decides_access("confirm")
    page = ada.decides_access("link")

    account = strict_house.account("grace@example.org")
    assert (account.active, account.confirmed_at, account.password, account.tf_totp_secret) == (True, None, None, None)
    assert grace.another_browser().gives_password(PASSWORD).status == 422
    link = re.sub("^https?://[^/]+", "", link_in(page.text))
    assert strict_house.new_browser().takes_up(link).heading == "Set up your second factor"


def test_an_account_that_is_not_there_is_a_page_that_is_not_there(ada: DeskUser) -> None:
    assert ada.opens("/team/nobody").status == 404
