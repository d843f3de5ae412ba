"""Invitations: a link that works once, for three days, and only when its button is pressed."""

import pytest
import sqlalchemy as sa

from screener.db import reading
from screener.staff.models import Invitation
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskUser
from tests.support.desk_client import link_in


def test_taking_one_up_proves_the_address_and_is_in_the_trail(house: DeskApp) -> None:
    link = house.invites("Ada", "coordinator", languages=("es", "en"))
    assert house.account("ada@example.org").confirmed_at is None

    page = house.new_browser().takes_up(link)

    account = house.account("ada@example.org")
    assert (page.status, page.leads_to) == (303, "/queue")
    assert account.confirmed_at is not None
    assert (account.role_names, account.languages) == ("coordinator", "en,es")
    assert [event["action"] for event in house.account_events()] == [
        "test:account:invited",
        "desk:account:taken_up",
        "desk:account:signed_in",
    ]


def test_opening_the_link_uses_nothing_up(house: DeskApp) -> None:
    link = house.invites("Ada", "coordinator")

    for _ in range(3):
        assert house.new_browser().opens_invitation(link).heading == "Welcome, Ada"

    assert house.account("ada@example.org").confirmed_at is None
    assert house.new_browser().takes_up(link).status == 303


@pytest.mark.parametrize("fate", ["used", "old", "forged", "void", "disabled"])
def test_a_link_that_works_no_more_gets_a_kind_page(house: DeskApp, fate: str) -> None:
    house.onboards("Zoe", "administrator")
    link = house.invites("Ada", "coordinator")
    person = house.new_browser("ada@example.org")
    form = person.opens_invitation(link)
    if fate == "used":
        house.new_browser().takes_up(link)
    elif fate == "old":
        house.clock.shift(72 * 3600 + 1)
    elif fate == "forged":
        link = link[:-2] + ("AA" if link[-2:] != "AA" else "BB")
    elif fate == "void":
        house.invites("Ada", "coordinator")
    else:
        house.disables("ada@example.org")
    before = house.account("ada@example.org").password

    opened = house.new_browser().opens_invitation(link)
    typed = [*form.pairs()[:1], ("code", link.rpartition("#")[2]), ("password", "another good password")]
    sent = person.posts_pairs("/invitation/password", typed)

    assert (opened.status, opened.error.startswith("This code does not work.")) == (422, True)
    assert (sent.status, sent.heading) == (404, "This link no longer works")
    assert house.account("ada@example.org").password == before


def test_the_store_keeps_no_code_that_could_be_used(house: DeskApp) -> None:
    link = house.invites("Ada", "coordinator")
    code = link.rpartition("#")[2]

    with reading(house.store) as connection:
        kept = connection.execute(sa.select(Invitation.__table__)).one()

    assert len(kept.code_hash) == 64
    assert code not in str(tuple(kept))
    assert house.new_browser().opens_invitation(f"/invitation#{kept.code_hash}").status == 422


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 12"),
        ("x" * 129, "at most 128"),
        ("ada@example.org", "hard to guess"),
        ("aaaaaaaaaaaaaaa", "hard to guess"),
        ("finalfantasy", "many people use"),
        ("Final Fantasy", "many people use"),
        ("1qaz2wsx3edc", "many people use"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(house: DeskApp, password: str, why: str) -> None:
    link = house.invites("Ada", "coordinator")

    page = house.new_browser().takes_up(link, password)

    assert page.status == 422
    assert why in page.error
    assert house.new_browser().takes_up(link).status == 303


def test_a_password_that_is_typed_in_another_form_of_the_same_letters_fits(house: DeskApp) -> None:
    person = house.new_browser("ada@example.org")
    person.takes_up(house.invites("Ada", "coordinator"), "caf\u00e9 caf\u00e9 caf\u00e9 ole")

    assert (
        house.new_browser("ada@example.org").gives_password("cafe\u0301 cafe\u0301 cafe\u0301 ole").leads_to == "/queue"
    )


def test_passwords_are_stretched_with_argon2id_and_peppered(shipped_passwords: None, house: DeskApp) -> None:
    house.onboards("Ada", "coordinator")
    kept = house.account("ada@example.org").password or ""

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert "m=65536,t=3" in kept
    (house.settings.desk_keys / "current.desk-key").unlink()
    other = DeskApp(house.settings, house.clock)
    assert other.new_browser("ada@example.org").gives_password().status == 422
    other.close()


def test_two_who_send_the_same_code_at_once_make_one_account(house: DeskApp, at_once) -> None:  # type: ignore[no-untyped-def]
    link = house.invites("Ada", "coordinator")
    people = [house.new_browser() for _ in range(4)]
    pages = [person.opens_invitation(link) for person in people]
    answers: list[int] = []

    at_once(lambda number: answers.append(people[number].posts(pages[number], password=PASSWORD).status), 4)

    assert sorted(answers) == [303, 404, 404, 404]


def test_a_new_link_for_a_lost_password_ends_the_old_sessions_when_it_is_taken_up(house: DeskApp) -> None:
    house.onboards("Ada", "administrator")
    bea = house.onboards("Bea", "coordinator")
    page = house.new_browser("ada@example.org")
    page.signs_in()
    member = page.opens(f"/team/{house.account('bea@example.org').id}")
    page.posts(member, "/link")
    house.onboards("Lin", "study_lead").decides_access("confirm")
    shown = page.decides_access("link")
    link = link_in(shown.text)
    assert bea.opens("/account").status == 200

    house.new_browser().takes_up(link, "quite another password")

    assert bea.opens("/account").status == 401
    assert house.new_browser("bea@example.org").gives_password().status == 422
    assert house.new_browser("bea@example.org").gives_password("quite another password").leads_to == "/queue"


def test_the_first_administrator_of_a_development_desk_is_invited_until_somebody_came(house: DeskApp) -> None:
    first, second = house.invites_first(), house.invites_first()
    assert first != second
    assert house.new_browser().opens_invitation(f"/invitation#{first}").status == 422

    house.new_browser().takes_up(f"/invitation#{second}")

    assert house.account("admin@example.org").role_names == "coordinator,study_lead,administrator"
    assert house.invites_first() is None


def test_an_address_is_somebodys_once(house: DeskApp) -> None:
    ada: DeskUser = house.onboards("Ada", "administrator")
    page = ada.opens("/team")

    again = ada.posts(page, "/team", name="Other", email="ADA@example.org", role=["coordinator"])

    assert again.status == 422
    assert "already has an account" in again.error
    assert house.account("ada@example.org").name == "Ada"


def test_no_address_log_or_referer_holds_the_code(house: DeskApp, caplog: pytest.LogCaptureFixture) -> None:
    link = house.invites("Ada", "coordinator")
    address, code = link.split("#")
    person = house.new_browser("ada@example.org")

    pages = [person.opens(address), person.opens_invitation(link), person.opens_invitation("/invitation#forged")]
    pages.append(person.posts(pages[1], password="short"))
    pages.append(person.posts(pages[-1], password=PASSWORD))

    assert pages[-1].leads_to == "/queue"
    for page in pages:
        actions = [str(form["action"]) for form in page.soup.select("form")]
        assert code not in "".join([page.answer.request.path, page.leads_to, *actions, *page.links("")])
    assert code not in caplog.text


@pytest.mark.parametrize("paste", ["{code}", " {code}\n", "{link}", "https://desk.example.org/invitation/{code}"])
def test_without_script_the_code_or_the_whole_link_is_pasted(house: DeskApp, paste: str) -> None:
    link = house.invites("Ada", "coordinator")
    person = house.new_browser("ada@example.org")
    typed = paste.format(code=link.split("#")[1], link=f"https://desk.example.org{link}")

    page = person.posts(person.opens("/invitation"), "invitation", code=typed)

    assert page.heading == "Welcome, Ada"
    assert person.posts(page, password=PASSWORD).leads_to == "/queue"


@pytest.mark.parametrize("typed", ["", "  ", "no code", "x" * 5000, "\0", "#", "<b>"])
def test_what_is_no_code_is_refused_beside_its_field(house: DeskApp, typed: str) -> None:
    person = house.new_browser()

    page = person.posts(person.opens("/invitation"), "invitation", code=typed)

    assert (page.status, bool(page.error)) == (422, True)
    assert page.soup.select_one("#code")["aria-describedby"] == "code-hint code-error"


def test_a_link_of_the_release_before_still_works(house: DeskApp) -> None:
    code = house.invites("Ada", "coordinator").split("#")[1]
    person = house.new_browser("ada@example.org")

    page = person.opens(f"/invitation/{code}")

    assert page.heading == "Welcome, Ada"
    assert str(page.form()["action"]) == "/invitation/password"
    open_page = [*page.pairs()[:1], ("password", PASSWORD)]
    assert person.posts_pairs(f"/invitation/{code}", open_page).leads_to == "/queue"
    assert house.new_browser().opens(f"/invitation/{code}").heading == "This link no longer works"
