"""One person who wants more access: alone or unseen they get none, and everyone who should know is told at once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from screener import clock
from screener.auth import access_changes
from screener.auth import access_rules
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.mail.models import QueuedMessage
from screener.staff.accounts import AuditActor
from screener.staff.models import AccessChange
from screener.staff.models import Account
from tests.support.desk_app import DeskApp
from tests.support.desk_client import PASSWORD
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.desk_client import link_in

DAY = timedelta(hours=24).total_seconds()


@pytest.fixture
def desk(house: DeskApp) -> DeskApp:
    """A desk at which forms were received already."""
    house.receives()
    return house


@pytest.fixture
def root(desk: DeskApp) -> DeskUser:
    """An administrator."""
    return desk.onboards("Root", "administrator")


@pytest.fixture
def eve(desk: DeskApp, root: DeskUser) -> DeskUser:
    """A coordinator, whose account another person would like to have."""
    return desk.onboards("Eve", "coordinator")


def member(desk: DeskApp, person: DeskUser, email: str) -> DeskPage:
    return person.opens(f"/team/{desk.account(email).id}")


def again(page: DeskPage, person: DeskUser) -> DeskPage:
    """Prove who one is where the page asks for it."""
    return person.posts(page, proof=PASSWORD) if page.soup.select_one("#proof") else page


def change(desk: DeskApp) -> AccessChange:
    with reading(desk.store) as connection:
        (found,) = connection.execute(sa.select(AccessChange.__table__)).all()
        return found  # type: ignore[return-value]


def told(desk: DeskApp) -> set[tuple[str, str, str]]:
    """Name, step and whose, of every email about access."""
    query = sa.select(Account.email, QueuedMessage.facts).join(Account, Account.id == QueuedMessage.account_id)
    with reading(desk.store) as connection:
        rows = connection.execute(query.where(QueuedMessage.kind == "access_change"))
        return {(row.email.partition("@")[0], row.facts["step"], row.facts["whose"]) for row in rows}


def asks_for_a_reset(desk: DeskApp, person: DeskUser, email: str) -> DeskPage:
    with writing(desk.store) as connection:
        connection.execute(sa.update(Account).where(Account.email == email).values(tf_totp_secret="x", totp_step=1))
    return again(person.posts(member(desk, person, email), "/second-factor"), person)


@pytest.mark.parametrize("role", ["coordinator", "study_lead"])
def test_an_administrator_does_not_give_herself_a_role(desk: DeskApp, root: DeskUser, eve: DeskUser, role: str) -> None:
    page = member(desk, root, root.email)

    refused = root.posts(page, "/rights", role=["administrator", role])

    assert (refused.status, refused.error) == (422, access_rules.OWN_ACCESS)
    assert desk.account(root.email).role_names == "administrator"


def test_a_forged_form_gives_an_administrator_no_role_either(desk: DeskApp, root: DeskUser, eve: DeskUser) -> None:
    """The address is typed in other letters, or the form of a colleague is sent to one's own account."""
    form = member(desk, root, eve.email).pairs("/rights")
    own = desk.account(root.email).id

    assert root.posts_pairs(f"/team/{own}/rights", form).error == access_rules.OWN_ACCESS
    for email in ("root@example.org", "ROOT@Example.org"):
        page = root.posts(root.opens("/team"), "/team", name="R", email=email, role=["coordinator"])
        assert "already has an account" in page.error
    assert desk.account(root.email).role_names == "administrator"


def test_an_administrator_cannot_open_her_own_way_to_content_over_a_second_account(
    desk: DeskApp, root: DeskUser, eve: DeskUser
) -> None:
    page = root.posts(root.opens("/team"), "/team", name="Alias", email="alias@example.org", role=["coordinator"])

    assert page.leads_to == "/access"
    with pytest.raises(UserError):
        desk.account("alias@example.org")
    assert "Waiting for a second person" in root.opens("/access").text
    assert told(desk) == {("root", "waiting", "other"), ("eve", "waiting", "other")}


def test_a_new_link_for_a_colleague_waits_and_is_told_to_them_at_once(
    desk: DeskApp, root: DeskUser, eve: DeskUser
) -> None:
    desk.onboards("Lin", "study_lead")

    page = root.posts(member(desk, root, eve.email), "/link")

    assert page.leads_to == "/access"
    assert "/invitation#" not in root.opens("/access").text
    assert told(desk) == {("root", "waiting", "other"), ("lin", "waiting", "other"), ("eve", "waiting", "own")}
    assert "1 change of access to the desk in the last week, 1 waiting, 1 for your own account" in (
        eve.opens("/queue").text
    )
    (event,) = desk.account_events("access_requested")
    assert (event["actor"], event["subject"]) == (root.email, eve.email)


def test_a_reset_for_a_colleague_waits_too(desk: DeskApp, root: DeskUser, eve: DeskUser) -> None:
    page = asks_for_a_reset(desk, root, eve.email)

    assert page.leads_to == "/access"
    assert desk.account(eve.email).tf_totp_secret == "x"
    assert eve.opens("/queue").status == 200


def test_a_study_lead_confirms_and_the_link_is_made_once_by_who_asked(
    desk: DeskApp, root: DeskUser, eve: DeskUser
) -> None:
    lin = desk.onboards("Lin", "study_lead")
    root.posts(member(desk, root, eve.email), "/link")

    assert lin.opens("/access").soup.select("form[action$='/link']") == []
    assert lin.decides_access("confirm").leads_to == "/access"
    shown = root.decides_access("link")

    assert shown.heading == "A link for Eve"
    assert desk.new_browser().takes_up(link_in(shown.text), "seven other words stand here").leads_to == "/queue"
    assert root.opens("/access").soup.select("form[action$='/link']") == []
    (event,) = desk.account_events("access_confirmed")
    assert (event["actor"], event["detail"]["how"]) == (lin.email, "second_person")


def test_with_a_study_lead_no_administrator_confirms_and_nobody_confirms_their_own(
    desk: DeskApp, root: DeskUser, eve: DeskUser
) -> None:
    lin, other = desk.onboards("Lin", "study_lead"), desk.onboards("Olga", "administrator")
    root.posts(member(desk, root, lin.email), "/link")
    address = f"/access/{change(desk).id}/confirm"

    for person in (root, lin):
        page = again(person.posts_pairs(address, person.opens("/access").pairs("/sign-out")), person)
        assert page.status == 422
    assert "Confirm" not in [button.get_text() for button in lin.opens("/access").soup.select("button")]
    assert other.decides_access("confirm").leads_to == "/access"


def test_a_second_administrator_who_is_an_alias_of_the_first_is_no_quick_way(desk: DeskApp, root: DeskUser) -> None:
    """An administrator invites another one, to confirm with that account what she asks for with hers."""
    desk.onboards("Eve", "coordinator")

    page = root.posts(root.opens("/team"), "/team", name="Alias", email="alias@example.org", role=["administrator"])

    assert page.leads_to == "/access"
    assert has_no_button(root)


def has_no_button(person: DeskUser) -> bool:
    return person.opens("/access").soup.select("form[action$='/confirm']") == []


@pytest.mark.parametrize("who", ["the lead", "the colleague"])
def test_a_second_person_and_the_colleague_herself_can_refuse(
    desk: DeskApp, root: DeskUser, eve: DeskUser, who: str
) -> None:
    lin = desk.onboards("Lin", "study_lead")
    asks_for_a_reset(desk, root, eve.email)

    assert (lin if who == "the lead" else eve).decides_access("refuse").leads_to == "/access"

    desk.clock.shift(10 * DAY)
    root.signs_in()
    assert change(desk).state == "refused"
    assert desk.account(eve.email).tf_totp_secret == "x"
    assert ("root", "refused", "other") in told(desk)
    assert len(desk.account_events("access_refused")) == 1
    with pytest.raises(UserError, match="not waiting"), writing(desk.store) as connection:
        by = AuditActor("desk", lin.email)
        access_changes.confirm_change(connection, change(desk).id, by=by, at=clock.now())


def test_a_coordinator_refuses_nothing_that_is_not_about_her(desk: DeskApp, root: DeskUser, eve: DeskUser) -> None:
    gus = desk.onboards("Gus", "coordinator")
    root.posts(member(desk, root, gus.email), "/link")

    page = eve.posts_pairs(f"/access/{change(desk).id}/refuse", eve.opens("/account").pairs("/sign-out"))

    assert page.status == 403
    assert "Gus" not in eve.opens("/access").text
    assert change(desk).state == "waiting"


def test_without_a_refusal_it_takes_effect_after_three_working_days(
    desk: DeskApp, root: DeskUser, eve: DeskUser
) -> None:
    """Asked for on a Tuesday; the sign-in of anybody after Friday noon puts it into effect."""
    desk.onboards("Lin", "study_lead")
    asks_for_a_reset(desk, root, eve.email)

    desk.clock.shift(3 * DAY - 600)
    root.signs_in()
    assert desk.account(eve.email).tf_totp_secret == "x"
    desk.clock.shift(1200)
    root.another_browser().signs_in()

    account = desk.account(eve.email)
    assert (account.tf_totp_secret, account.sign_in_reset_at) == (None, clock.now())
    assert [event["detail"]["how"] for event in desk.account_events("access_confirmed")] == ["no_refusal"]


def test_one_person_alone_confirms_again_after_a_day_and_everybody_is_told(
    desk: DeskApp, root: DeskUser, eve: DeskUser
) -> None:
    root.posts(member(desk, root, eve.email), "/rights", role=["coordinator", "study_lead"])
    assert has_no_button(root)
    address = f"/access/{change(desk).id}/confirm"
    assert root.posts_pairs(address, root.opens("/access").pairs("/sign-out")).status == 422
    gus = desk.onboards("Gus", "coordinator")

    desk.clock.shift(DAY)
    root.signs_in()
    assert root.decides_access("confirm").leads_to == "/access"

    assert desk.account(eve.email).role_names == "coordinator,study_lead"
    assert ("gus", "in_effect", "other") in told(desk)
    gus.signs_in()
    assert "change of access to the desk" in gus.opens("/queue").text
    assert "because no other could" in gus.opens("/access").text
    assert [event["detail"]["how"] for event in desk.account_events("access_confirmed")] == ["same_person"]


def test_what_an_administrator_asked_for_goes_with_her_account(desk: DeskApp, root: DeskUser, eve: DeskUser) -> None:
    desk.onboards("Olga", "administrator")
    root.posts(member(desk, root, eve.email), "/link")
    desk.disables(root.email)

    assert change(desk).state == "refused"


def test_readings_after_a_reset_say_so_for_a_week(desk: DeskApp, root: DeskUser, eve: DeskUser) -> None:
    lin, reference = desk.onboards("Lin", "study_lead"), desk.receives()
    root.posts(member(desk, root, eve.email), "/link")
    lin.decides_access("confirm")
    taken = desk.new_browser(eve.email)
    taken.takes_up(link_in(root.decides_access("link").text))

    taken.record(reference)
    lin.record(reference)
    assert "password or second factor reset in the week before" in lin.opens("/audit").text
    desk.clock.shift(7 * DAY + 60)
    taken.signs_in()
    taken.record(reference)

    details = [event["detail"] for event in desk.trail(start="desk:record:opened")]
    assert details == [{"account": "reset_lately"}, {}, {}]


def test_the_first_set_up_takes_minutes_and_stands_on_the_page(house: DeskApp) -> None:
    root = house.onboards("Root", "administrator")

    for name in ("Lin", "Eve"):
        email = f"{name.lower()}@example.org"
        page = root.posts(root.opens("/team"), "/team", name=name, email=email, role=["coordinator"])
        assert page.heading == f"A link for {name}"

    assert root.opens("/access").text.count("First set-up") == 2
    house.new_browser().takes_up(link_in(page.text))
    late = root.posts(root.opens("/team"), "/team", name="Late", email="late@example.org", role=["coordinator"])
    assert late.leads_to == "/access"
