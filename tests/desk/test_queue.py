"""The lists: who is next, page by page, whatever the number, and nothing but envelope and follow-up."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from screener import clock
from screener.db import reading
from screener.db import writing
from screener.desk import queue
from screener.follow_up.models import FollowUp
from screener.mail.models import QueuedMessage
from screener.submissions.models import Submission
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser
from tests.support.submissions import NOON

AWAY = {"age_years": "16", "dep_told": "0", "dep_now": "0", "ad_tried": "0"}


def sets(house: DeskApp, reference: str, **changes: object) -> None:
    """Change a follow-up behind the desk's back, to have a store in which much has happened."""
    found = sa.select(Submission.id).where(Submission.reference == reference).scalar_subquery()
    with writing(house.room.store) as connection:
        connection.execute(sa.update(FollowUp).where(FollowUp.submission_id == found).values(changes))


def paged(house: DeskApp, show: str, account: str = "a" * 32) -> list[str]:
    """The references of the whole list, walked through page by page."""
    found: list[str] = []
    after = ""
    while True:
        with reading(house.room.store) as connection:
            page = queue.list_follow_ups(connection, show, account=account, now=clock.now(), after=after)
        assert len(page.rows) <= queue.ROWS_PER_PAGE
        found += [row.reference for row in page.rows]
        if not page.after:
            return found
        assert len(page.rows) == queue.ROWS_PER_PAGE
        after = page.after


def test_what_is_due_comes_first_then_whoever_was_tried_least_and_arrived_first(any_house: DeskApp) -> None:
    now = clock.now()
    tried, new, newer, later, overdue, due, closed = (any_house.receives() for _ in range(7))
    sets(any_house, tried, attempts=2)
    sets(any_house, later, next_action_at=now + timedelta(minutes=1))
    sets(any_house, overdue, next_action_at=now - timedelta(days=2), attempts=3)
    sets(any_house, due, next_action_at=now)
    sets(any_house, closed, state="not_interested", ended_at=now)

    assert paged(any_house, "due") == [overdue, due, new, newer, tried]
    assert paged(any_house, "closed") == [closed]
    assert paged(any_house, "all") == [closed, due, overdue, later, newer, new, tried]


def test_mine_are_mine_with_every_date_and_not_what_has_ended(any_house: DeskApp) -> None:
    now, ada = clock.now(), "a" * 32
    one, later, sooner, ended, theirs = (any_house.receives() for _ in range(5))
    for reference in (one, later, sooner, ended):
        sets(any_house, reference, assignee=ada)
    sets(any_house, theirs, assignee="b" * 32)
    sets(any_house, later, next_action_at=now + timedelta(days=9))
    sets(any_house, sooner, next_action_at=now + timedelta(days=1))
    sets(any_house, ended, state="handed_over", ended_at=now)

    assert paged(any_house, "mine", ada) == [sooner, later, one]
    assert paged(any_house, "mine", "c" * 32) == []


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 20, 21])
def test_paging_gives_everybody_once_at_every_edge(
    house: DeskApp, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ROWS_PER_PAGE", 10)
    now = clock.now()
    references = [house.receives() for _ in range(number)]
    for reference in references[::2]:
        sets(house, reference, next_action_at=now - timedelta(hours=1))
    for reference in references[::3]:
        sets(house, reference, assignee="a" * 32)

    assert sorted(paged(house, "due")) == sorted(references)
    assert paged(house, "all") == references[::-1]
    assert sorted(paged(house, "mine")) == sorted(references[::3])
    for reference in references:
        sets(house, reference, ended_at=now, next_action_at=None, state="not_interested")
    assert paged(house, "closed") == references[::-1]
    assert paged(house, "due") == []


def test_somebody_who_leaves_the_list_meanwhile_takes_nobody_along(
    house: DeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ROWS_PER_PAGE", 2)
    one, two, three, four = (house.receives() for _ in range(4))
    with reading(house.room.store) as connection:
        first = queue.list_follow_ups(connection, "due", account="", now=clock.now())
    for reference in (one, two):
        sets(house, reference, state="not_interested", ended_at=clock.now())

    with reading(house.room.store) as connection:
        second = queue.list_follow_ups(connection, "due", account="", now=clock.now(), after=first.after)

    assert [row.reference for row in second.rows] == [three, four]


def test_the_page_shows_one_line_a_person_and_leads_on(
    house: DeskApp, ada: DeskUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ROWS_PER_PAGE", 2)
    one, two, three = house.receives(), house.receives(spam=True), house.receives()
    sets(house, one, next_action_at=clock.now(), assignee=ada.id, attempts=1, state="trying_to_reach")

    page = ada.opens("/queue")

    assert page.references == [one, two]
    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]
    assert rows[0].startswith("Due Tue Nov 24, 4:00 AM PST")
    assert "Trying to reach 1 Ada Coordinator" in rows[0]
    assert "Possible spam" in rows[1]
    (more,) = [link for link in page.links("/queue?") if "after=" in link]
    assert ada.opens(more).references == [three]


def test_the_queue_knows_nobody_s_name_and_leaves_no_event(house: DeskApp, ada: DeskUser) -> None:
    house.receives({"name_pref": "Secret Name"})

    for show in queue.LISTS:
        assert "Secret Name" not in ada.opens(f"/queue?show={show}").answer.text
    assert house.trail() == []


def test_people_who_differ_in_answers_only_stand_in_the_same_lines(house: DeskApp, ada: DeskUser) -> None:
    through, away = house.receives(at=NOON), house.receives(answers=AWAY, at=NOON)

    def line(reference: str) -> str:
        (row,) = (row for row in ada.opens("/queue").soup.select("tbody tr") if reference in row.get_text())
        return str(row).replace(reference, "REFERENCE")

    assert line(through) == line(away)


@pytest.mark.parametrize(
    "query",
    [
        "show=score",
        "show=",
        "show=due&sort=name",
        "show=due&show=mine",
        "order=answers",
        "after=hello",
        "after=0~1",
        "after=7~1~2",
        "after=-1~1~2",
        "after=1~one~2",
        "after=1~1~99999999999999999999",
        "after=0~20261124T120000.000000Z~1~\u0663",
        "after=0~tomorrow~1~2",
        "show=all&after=1~1~1",
        "show=closed&after=0~1",
        "show=due%00",
    ],
)
def test_an_unknown_list_or_place_gets_a_sentence(house: DeskApp, ada: DeskUser, query: str) -> None:
    house.receives()

    page = ada.opens(f"/queue?{query}")

    assert page.status == 400
    assert "list" in page.soup.select_one("main p").get_text()


def test_a_record_is_found_by_its_reference_however_it_is_typed(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.posts(ada.opens("/queue"), "find", reference=f" {reference.lower().replace('-', ' ')} ")

    assert page.soup.h1.get_text(strip=True) == reference


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "not a reference"),
        ("<b>", "not a reference"),
        ("2222-2222-2222-3", "typing error"),
        ("2222-2222-2222-2", "No form"),
    ],
)
def test_what_is_not_found_gets_a_sentence_above_the_list(
    house: DeskApp, ada: DeskUser, typed: str, sentence: str
) -> None:
    house.receives()

    page = ada.posts(ada.opens("/queue"), "find", reference=typed)

    assert (page.status, sentence in page.text, len(page.references)) == (422, True, 1)


def test_nobody_waiting_is_said(house: DeskApp, ada: DeskUser) -> None:
    assert "There are no follow-ups in this list." in ada.opens("/queue").text
    assert "Nothing is due" in ada.posts(ada.opens("/queue"), "queue/claim").text


def enqueue_for(house: DeskApp, person: DeskUser, **facts: object) -> None:
    """Put a message to *person* into the outbox as a round of delivery leaves it."""
    now = clock.now()
    message = {"kind": "arrived", "account_id": person.id, "facts": {"number": 2}, "created_at": now, "due_at": now}
    with writing(house.room.store) as connection:
        connection.execute(sa.insert(QueuedMessage).values({**message, "attempts": 3, "fault": "", **facts}))


def test_the_state_of_the_outbox_is_shown(house: DeskApp, ada: DeskUser) -> None:
    assert "Emails to staff: all sent." in ada.opens("/queue").text

    enqueue_for(house, ada, created_at=clock.now() - timedelta(minutes=5))
    page = ada.opens("/queue")
    assert "the oldest unsent one has been waiting since Tue Nov 24, 3:55 AM PST" in page.text
    assert "not going out" not in page.text

    enqueue_for(house, ada, created_at=clock.now() - timedelta(hours=2))
    page = ada.opens("/queue")
    assert "Emails to staff are not going out: the oldest has been waiting since Tue Nov 24, 2:00 AM PST" in page.text


def test_an_email_that_was_given_up_is_shown_for_a_week(house: DeskApp, ada: DeskUser) -> None:
    enqueue_for(house, ada, given_up_at=clock.now() - timedelta(days=6), fault="SMTPRecipientsRefused")
    enqueue_for(house, ada, given_up_at=clock.now() - timedelta(days=8), fault="OldFault")

    page = ada.opens("/queue").text

    assert "An email to Ada Coordinator could not be delivered" in page
    assert "the mail server refused the address" in page
    assert "OldFault" not in page
