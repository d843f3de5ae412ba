"""Nobody is closed as not real by one person alone, nor many at once unseen, and no answer plays a part."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from screener import audit
from screener.db import reading
from screener.mail.models import QueuedMessage
from screener.retention.stops import list_open_stops
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

NOT_REAL = "not_a_real_submission"


def chosen(page: DeskPage, verb: str) -> list[str]:
    """The forms that can be ticked in the list."""
    return [str(box["value"]) for box in page.form(f"spam/{verb}").select("[name=chosen]")]


def choose_all(person: DeskUser, verb: str, **typed: str) -> DeskPage:
    """Tick every form of the list, press the button, and confirm."""
    page = person.opens("/spam")
    asked = person.posts(page, f"spam/{verb}", chosen=chosen(page, verb), **typed)
    return person.posts(asked, f"spam/{verb}")


def events(house: DeskApp, action: str) -> list[tuple[str, str, Mapping[str, str | int]]]:
    with reading(house.store) as connection:
        rows = audit.newest(connection, actor="", subject="", before=None, limit=100)
    return [(row.actor, row.subject, row.detail) for row in rows if row.action == action]


def test_suspected_forms_are_closed_by_two_people_with_a_reason_and_an_event_each(any_house: DeskApp) -> None:
    ada, grace = any_house.hires("Ada Coordinator"), any_house.hires("Grace Coordinator")
    spam = [any_house.receives(spam=True) for _ in range(3)]
    person = any_house.receives()

    assert [value.partition(":")[0] for value in chosen(ada.opens("/spam"), "propose")] == spam
    assert "3 of 3 forms proposed" in choose_all(ada, "propose", reason="automated").text
    assert {any_house.follow_up(each).state for each in spam} == {"new"}
    assert "You proposed this yourself" in choose_all(ada, "close").text
    assert "3 of 3 forms closed" in choose_all(grace, "close").text

    assert {any_house.follow_up(each).state for each in spam} == {NOT_REAL}
    assert any_house.follow_up(person).state == "new"
    proposed, closed = (events(any_house, f"desk:not_real:{verb}") for verb in ("proposed", "closed"))
    assert {(actor, reason["reason"]) for actor, _, reason in proposed} == {(ada.email, "automated")}
    assert {subject for _, subject, _ in closed} == set(spam)
    assert {(actor, detail["alone"]) for actor, _, detail in closed} == {(grace.email, 0)}


def test_the_number_is_named_before_anything_is_changed(house: DeskApp, ada: DeskUser) -> None:
    references = [house.receives(spam=True) for _ in range(2)]
    page = ada.opens("/spam")

    asked = ada.posts(page, "spam/propose", chosen=chosen(page, "propose"), reason="test")

    assert asked.soup.h1 is not None
    assert asked.soup.h1.get_text() == "Propose to close 2 forms as not a real submission?"
    assert {house.follow_up(each).version for each in references} == {1}


def test_where_there_is_nobody_else_the_same_person_may_a_day_later_and_the_leads_are_told(
    house: DeskApp, ada: DeskUser
) -> None:
    lead = house.hires("Zoe Administrator", roles="administrator")
    reference = house.receives(spam=True)
    choose_all(ada, "propose", reason="made_up")

    for hours, said in ((1, "0 of 1 forms closed"), (23, "0 of 1 forms closed"), (24, "1 of 1 forms closed")):
        with time_machine.travel(NOON.replace(day=24) + timedelta(hours=hours), tick=False):
            later = ada.another_browser()
            later.is_signed_in_as(house.account(ada.email))
            assert said in choose_all(later, "close").text

    assert house.follow_up(reference).state == NOT_REAL
    assert events(house, "desk:not_real:closed")[0][2] == {"alone": 1}
    with reading(house.store) as connection:
        told = connection.execute(sa.select(QueuedMessage.account_id, QueuedMessage.kind, QueuedMessage.facts)).all()
    assert [tuple(row) for row in told] == [(house.account(lead.email).id, "closed_alone", {"number": 1})]


def test_work_on_a_form_takes_its_proposal_back(house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    first, second = house.receives(spam=True), house.receives(spam=True)
    choose_all(ada, "propose", reason="automated")
    page = grace.opens("/spam")

    ada.does(first, "attempt", happened="call:spoke_full", state="reached")
    asked = grace.posts(page, "spam/close", chosen=chosen(page, "close"))
    left = grace.posts(asked, "spam/close")

    assert "1 of 2 forms closed" in left.text
    assert "changed by a colleague" in left.text
    assert [house.follow_up(each).state for each in (first, second)] == ["reached", NOT_REAL]
    assert first not in left.text


def test_a_record_s_own_form_proposes_and_moving_it_there_is_refused(
    house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    reference = house.receives()

    moved = ada.does(reference, "move", state=NOT_REAL)
    ada.does(reference, "propose", reason="made_up")

    assert moved.status == 422
    assert house.follow_up(reference).state == "new"
    assert "1 of 1 forms closed" in choose_all(grace, "close").text


@pytest.mark.parametrize("verb", ["propose", "close"])
@pytest.mark.parametrize(
    "value", ["", "x", "2222-2222-2222-2:1", "{reference}", "{reference}:-1", "{reference}:" + "9" * 40, "too many"]
)
def test_what_no_list_offered_changes_nothing(house: DeskApp, ada: DeskUser, verb: str, value: str) -> None:
    reference = house.receives(spam=True)
    token = str(ada.opens("/account").soup.select("[name=csrf_token]")[0]["value"])
    values = [value.format(reference=reference)] * (1 if value != "too many" else 0)
    values = values or [f"{reference}:{number}" for number in range(51)]
    pairs = [("csrf_token", token), ("reason", "test"), ("confirmed", "1"), *(("chosen", each) for each in values)]

    answer = ada.posts_pairs(f"/spam/{verb}", pairs)

    assert answer.status in (200, 422)
    assert house.follow_up(reference).version == 1


def test_more_than_one_day_s_share_at_once_is_not_closed_and_is_told(
    house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    spam = [house.receives(spam=True) for _ in range(26)]
    choose_all(ada, "propose", reason="automated")

    refused = choose_all(grace, "close")

    assert refused.status == 409
    assert "26 at once, after 0 in the last day, is more than one day's share of 25" in refused.text
    assert {house.follow_up(each).state for each in spam} == {"new"}
    with reading(house.store) as connection:
        assert [stop.number for stop in list_open_stops(connection)] == [26]
