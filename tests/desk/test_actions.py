"""What somebody does on a record: each deed is saved with its event, or refused with all that was typed."""

from datetime import UTC
from datetime import datetime

import pytest
import sqlalchemy as sa

from screener import clock
from screener.db import reading
from screener.db import writing
from screener.follow_up.models import Note
from screener.follow_up.service import Edit
from screener.follow_up.service import apply
from screener.follow_up.states import EventKind
from screener.submissions.models import Submission
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser

#: 9 in the morning at the site, on 25 November 2026.
TOMORROW = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
NOTED = "Prefers \u05e2\u05d1\u05e8\u05d9\u05ea <b>& short</b> calls\n\nsecond line"


def actions_of(house: DeskApp) -> list[str]:
    return [event["action"] for event in house.trail() if event["action"] != "desk:record:opened"]


def test_the_next_due_is_claimed_in_one_press(house: DeskApp, ada: DeskUser) -> None:
    first, _ = house.receives(), house.receives()

    page = ada.posts(ada.opens("/queue"), "queue/claim")

    assert page.soup.h1.get_text(strip=True) == first
    assert "Assigned to Ada Coordinator" in page.text
    assert (house.follow_up(first).assignee, house.follow_up(first).state) == (ada.id, "assigned")
    assert actions_of(house) == ["desk:submission:claimed"]


def test_claiming_again_gives_what_is_one_s_own_and_due_before_anything_new(house: DeskApp, ada: DeskUser) -> None:
    first, second = house.receives(), house.receives()
    ada.posts(ada.opens("/queue"), "queue/claim")

    assert ada.posts(ada.opens("/queue"), "queue/claim").soup.h1.get_text(strip=True) == first
    ada.does(first, "attempt", happened="call:no_answer", days="1")
    assert ada.posts(ada.opens("/queue"), "queue/claim").soup.h1.get_text(strip=True) == second


def test_what_a_colleague_has_is_not_claimed_by_the_way(house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    house.receives()
    ada.posts(ada.opens("/queue"), "queue/claim")

    page = grace.posts(grace.opens("/queue"), "queue/claim")

    assert "Nothing is due" in page.text
    assert actions_of(house) == ["desk:submission:claimed"]


def test_a_record_is_claimed_from_itself(house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    reference = house.receives()
    ada.does(reference, "claim")

    page = grace.does(reference, "claim")
    assert "Assigned to Grace Coordinator" in page.text
    assert not [form for form in page.soup.select("form") if str(form["action"]).endswith("/claim")]


def test_a_no_answer_with_a_next_date_takes_three_presses(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.does(reference, "attempt", happened="call:no_answer", days="1")

    now = house.follow_up(reference)
    assert (now.state, now.attempts, now.next_action_at) == ("trying_to_reach", 1, TOMORROW)
    assert "Phone call: No answer." in page.text
    assert "Next action: Wed Nov 25, 9:00 AM PST" in page.text
    (event,) = (event for event in house.trail() if event["action"] == "desk:attempt:logged")
    assert (event["actor"], event["subject"]) == (ada.email, reference)
    assert event["detail"] == {"channel": "call", "outcome": "no_answer", "state": "trying_to_reach", "note": 0}


def test_a_day_and_a_time_are_those_of_the_site(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    said = {"happened": "call:call_back_at", "day": "2026-12-01", "hour": "14:30", "state": "call_back_booked"}
    page = ada.does(reference, "attempt", **said)

    assert house.follow_up(reference).next_action_at == datetime(2026, 12, 1, 22, 30, tzinfo=UTC)
    assert "Tue Dec 1, 2:30 PM PST" in page.text


def test_a_note_is_sealed_and_read_on_the_record(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.does(reference, "note", note=NOTED)

    assert page.soup.select_one("p.note").get_text() == NOTED
    with reading(house.room.store) as connection:
        box = connection.scalar(sa.select(Note.box))
    assert b"Prefers" not in box
    assert actions_of(house) == ["desk:note:written"]
    assert "Prefers" not in str(house.trail())


def test_a_note_of_many_lines_is_as_long_as_whoever_types_it_counts(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.does(reference, "note", note="\r\n".join("x" * 250) + "\x00")

    assert page.soup.select_one("p.note").get_text() == "\n".join("x" * 250)


def test_what_no_keyboard_types_is_left_out_of_a_name(any_house: DeskApp) -> None:
    reference = any_house.receives()
    ada = any_house.hires("Ada Coordinator")
    ada.does(reference, "attempt", happened="call:spoke_full", state="reached")

    ada.does(reference, "move", state="study_team_not_continuing", decided_by="Dr.\x00 \u202eExample\r\n")

    assert any_house.history(reference)[-1].decided_by == "Dr. Example"


def test_all_notes_have_one_size(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()
    for note in ("x", "y" * 500):
        ada.does(reference, "note", note=note)
    ada.does(reference, "attempt", happened="call:busy", note="z" * 77)

    with reading(house.room.store) as connection:
        lengths = {len(box or b"") for box in connection.scalars(sa.select(Note.box))}
    assert len(lengths) == 1


@pytest.mark.parametrize("note", ["x" * 501, "\u5b57" * 400, " "])
def test_a_note_that_cannot_be_kept_comes_back_whole(house: DeskApp, ada: DeskUser, note: str) -> None:
    reference = house.receives()

    page = ada.does(reference, "note", note=note)

    assert page.status == 422
    assert page.filled("note")["note"] == note
    assert house.history(reference) == []
    assert page.soup.select_one("#note")["open"] == ""


def test_the_next_step_is_taken_along_the_table(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.does(reference, "move", state="phone_screen_booked", day="2026-11-30", hour="10:00")

    assert "Phone screen scheduled" in page.text
    assert house.follow_up(reference).next_action_at == datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
    (event,) = (event for event in house.trail() if event["action"] == "desk:state:changed")
    assert event["detail"] == {"state": "phone_screen_booked", "other": ""}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"state": "handed_over"}, "not possible from here"),
        ({"state": "assigned"}, "not possible from here"),
        ({"state": "withdrew"}, "not possible from here"),
        ({"state": "unheard_of"}, "not possible from here"),
        ({"state": ""}, "Choose the new status"),
        ({"state": "call_back_booked"}, "date and the time"),
        ({"state": "could_not_reach"}, "log an attempt first"),
        ({"state": "study_team_not_continuing", "decided_by": "Dr. Example"}, "No conversation"),
        ({"state": "duplicate_of"}, "the other form"),
        ({"state": "duplicate_of", "other_reference": "hello"}, "not a reference"),
        ({"state": "duplicate_of", "other_reference": "2222-2222-2222-2"}, "the other form"),
        ({"state": "reached", "days": "3000"}, "next action date from the list"),
        ({"state": "reached", "day": "yesterday"}, "valid date"),
        ({"state": "reached", "hour": "10:00"}, "Enter the date too"),
        ({"state": "reached", "day": "2026-11-23"}, "a date from today"),
        ({"state": "reached", "day": "9999-12-31", "hour": "23:59"}, "two years from now"),
        ({"state": "reached", "day": "0001-01-01"}, "a date from today"),
        ({"state": "reached", "decided_by": "x" * 81}, "at most 80 characters"),
        ({"state": "reached", "version": ""}, "incomplete"),
        ({"state": "reached", "version": "one"}, "valid integer"),
    ],
)
def test_a_step_that_cannot_be_taken_says_why_and_changes_nothing(
    house: DeskApp, ada: DeskUser, typed: dict[str, str], sentence: str
) -> None:
    reference = house.receives()

    page = ada.does(reference, "move", **typed)

    assert page.status == 422
    assert sentence.lower() in page.text.lower()
    assert page.soup.title.get_text(strip=True).startswith("Not saved")
    assert page.soup.select_one("#move")["open"] == ""
    assert house.history(reference) == []
    assert "desk:state:changed" not in actions_of(house)


def test_what_was_typed_into_a_refused_step_is_still_there(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.does(reference, "move", state="call_back_booked", decided_by='Dr. "Quote" <i>', other_reference="abc")

    filled = page.filled("move")
    assert (filled["state"], filled["decided_by"], filled["other_reference"]) == (
        "call_back_booked",
        'Dr. "Quote" <i>',
        "abc",
    )


def test_the_study_team_closes_only_after_a_talk_and_by_name(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()
    ada.does(reference, "attempt", happened="incoming:spoke_full", state="reached")

    page = ada.does(reference, "move", state="study_team_not_continuing", decided_by="Dr. Example")

    assert "Decided by Dr. Example" in page.text
    assert house.follow_up(reference).state == "study_team_not_continuing"
    assert "Dr. Example" not in str(house.trail())


def test_a_duplicate_names_the_other_form_and_leads_there(house: DeskApp, ada: DeskUser) -> None:
    one, other = house.receives(), house.receives()

    page = ada.does(one, "move", state="duplicate_of", other_reference=other.lower())

    assert f"/record/{other}" in page.links("/record/")


def test_it_is_given_to_a_colleague_and_back(house: DeskApp, ada: DeskUser, grace: DeskUser) -> None:
    reference = house.receives()

    assert "Assigned to Grace Coordinator" in ada.does(reference, "assign", to=grace.id).text
    assert "Unassigned" in ada.does(reference, "assign", to="").text
    assert ada.does(reference, "assign", to="f" * 32).status == 422
    assert actions_of(house) == ["desk:submission:assigned"] * 2


def test_a_stopped_channel_has_no_link_any_more_until_it_is_undone(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives({"sms_ok": "1"})
    assert ada.record(reference).links("sms:") == ["sms:+14155550100"]

    page = ada.does(reference, "stop", channel="text")

    assert (page.links("sms:"), page.links("tel:")) == ([], ["tel:+14155550100"])
    assert "Do not use: stopped" in page.text
    assert ada.does(reference, "undo").links("sms:") == ["sms:+14155550100"]
    assert actions_of(house) == ["desk:channel:stopped", "desk:change:undone"]
    assert ada.does(reference, "stop").status == 422


def test_who_asks_to_stop_loses_the_link_with_the_attempt(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    page = ada.does(reference, "attempt", happened="call:asked_to_stop")

    assert (page.links("tel:"), page.links("mailto:")) == ([], ["mailto:ada@example.org"])


def test_the_last_change_is_undone_by_a_new_event_and_stays_in_the_timeline(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()
    ada.does(reference, "attempt", happened="call:spoke_full", state="reached")

    page = ada.does(reference, "undo")

    assert house.follow_up(reference).state == "new"
    assert "Phone call: Full conversation." in page.text
    assert "Undone later." in page.text
    assert [event.kind for event in house.history(reference)] == ["attempt", "undone"]
    assert not [form for form in page.soup.select("form") if str(form["action"]).endswith("/undo")]


@pytest.mark.parametrize("reason", ["on_request", "under_18"])
def test_erasing_takes_everything_and_the_record_says_so(house: DeskApp, ada: DeskUser, reason: str) -> None:
    reference = house.receives({"name_pref": "Gone DeskUser"})
    ada.does(reference, "note", note="about a gone person")

    page = ada.does(reference, "erase", reason=reason)

    assert "This form was erased on Tue Nov 24" in page.text
    assert "Gone DeskUser" not in page.answer.text
    assert "about a gone person" not in page.answer.text
    assert "Erased the form" in page.text
    (event,) = (event for event in house.trail() if event["action"] == "desk:submission:erased")
    assert event["detail"] == {"reason": reason}
    with reading(house.room.store) as connection:
        assert connection.scalar(sa.select(Submission.contact_box)) is None
        assert connection.scalar(sa.select(Note.box)) is None


def test_erasing_wants_a_reason_of_ours(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    for typed in ({}, {"reason": "because"}):
        assert ada.does(reference, "erase", **typed).status == 422
    assert house.follow_up(reference).state == "new"


def test_what_was_typed_about_a_form_erased_meanwhile_is_given_back(
    house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    reference = house.receives()
    page = ada.record(reference)
    grace.does(reference, "erase", reason="on_request")

    answer = ada.posts(page, "note", note="I had just talked with them")

    assert answer.status == 409
    assert "I had just talked with them" in answer.soup.select_one("#typed").get_text()
    with reading(house.room.store) as connection:
        assert connection.scalars(sa.select(Note.box)).all() == []


def test_the_second_of_two_people_sees_both_versions_and_loses_nothing(
    house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    reference = house.receives()
    page = ada.record(reference)
    grace.does(reference, "attempt", happened="call:no_answer", days="2", note="Grace tried")

    answer = ada.posts(page, "attempt", happened="call:spoke_full", note="Ada talked", state="reached", days="7")

    assert answer.status == 409
    theirs = answer.soup.select_one("#summary").get_text(" ")
    assert "No answer" in theirs
    assert "Grace Coordinator" in theirs
    assert "Grace tried" in theirs
    mine = answer.filled("attempt")
    assert (mine["happened"], mine["note"], mine["state"], mine["days"]) == (
        "call:spoke_full",
        "Ada talked",
        "reached",
        "7",
    )
    assert len(house.history(reference)) == 1

    saved = ada.posts(answer, "attempt")
    assert saved.status == 200
    assert [event.kind for event in house.history(reference)] == ["attempt", "attempt"]
    assert house.follow_up(reference).attempts == 2


@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("claim", {}),
        ("assign", {"to": ""}),
        ("note", {"note": "mine"}),
        ("move", {"state": "reached"}),
        ("stop", {"channel": "call"}),
        ("erase", {"reason": "on_request"}),
    ],
)
def test_no_deed_overwrites_what_was_not_seen(
    house: DeskApp, ada: DeskUser, grace: DeskUser, verb: str, typed: dict[str, str]
) -> None:
    reference = house.receives()
    page = ada.record(reference)
    grace.does(reference, "move", state="trying_to_reach")

    answer = ada.posts(page, verb, **typed)

    assert answer.status == 409
    assert "Trying to reach" in answer.soup.select_one("#summary").get_text()
    assert len(house.history(reference)) == 1


def test_a_change_by_the_routing_rules_is_shown_to_the_one_who_was_slower(
    house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    reference = house.receives()
    page = ada.does(reference, "move", state="trying_to_reach")
    with writing(house.room.store) as connection:
        edit = Edit(house.follow_up(reference).submission_id, 2, "worker", clock.now())
        apply(connection, edit, kind=EventKind.ASSIGNED, assignee=grace.id)

    answer = ada.posts(page, "note", note="mine")

    assert answer.status == 409
    assert "It is now: Trying to reach, assigned to Grace Coordinator" in answer.text
    assert answer.filled("note")["note"] == "mine"
    assert ada.posts(answer, "note").status == 200


def test_an_attempt_that_stays_does_not_turn_back_what_a_colleague_did_meanwhile(
    house: DeskApp, ada: DeskUser, grace: DeskUser
) -> None:
    reference = house.receives()
    page = ada.does(reference, "move", state="trying_to_reach")
    grace.does(reference, "move", state="reached")

    answer = ada.posts(page, "attempt", happened="email:message_sent")
    ada.posts(answer, "attempt")

    assert house.follow_up(reference).state == "reached"


def test_a_double_click_logs_one_attempt(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()
    page = ada.record(reference)

    ada.posts(page, "attempt", happened="call:no_answer")
    again = ada.posts(page, "attempt", happened="call:no_answer")

    assert again.status == 409
    assert house.follow_up(reference).attempts == 1


def test_a_post_without_its_token_changes_nothing(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    answer = ada.client.post(f"/record/{reference}/claim", data={"version": "1"})

    assert answer.status_code == 400
    assert house.history(reference) == []


def test_the_addresses_that_are_posted_to_lead_to_the_record(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()

    for verb in ("answers", "claim", "assign", "attempt", "note", "move", "stop", "undo", "erase"):
        answer = ada.client.get(f"/record/{reference}/{verb}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/record/{reference}")
    assert "desk:answers:shown" not in [event["action"] for event in house.trail()]


@pytest.mark.parametrize(
    ("verb", "typed", "said"),
    [
        ("claim", {}, "Assigned to you."),
        ("attempt", {"happened": "call:busy"}, "Attempt saved."),
        ("note", {"note": "Rang out"}, "Note saved."),
        ("stop", {"channel": "text"}, "Contact stopped."),
    ],
)
def test_what_was_saved_is_said_once(
    house: DeskApp, ada: DeskUser, verb: str, typed: dict[str, str], said: str
) -> None:
    reference = house.receives()

    page = ada.does(reference, verb, **typed)

    assert [one.get_text(strip=True) for one in page.soup.select("[role=status]")] == [said]
    assert ada.record(reference).soup.select("[role=status]") == []
    assert ada.does(reference, "note", note="").soup.select("[role=status]") == []
