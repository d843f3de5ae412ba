"""One person's way through the desk, from arrival to hand-over, and another's who asks to be forgotten."""

from tests.support.desk_app import DeskApp


def test_somebody_is_called_twice_booked_and_handed_over(any_house: DeskApp) -> None:
    ada, grace = any_house.hires("Ada Coordinator"), any_house.hires("Grace Coordinator")
    reference = any_house.receives()

    page = ada.posts(ada.opens("/queue"), "queue/claim")
    page = ada.posts(page, "attempt", happened="call:no_answer", days="1", note="Rang out")
    page = ada.posts(page, "assign", to=grace.id)
    page = grace.does(reference, "attempt", happened="call:spoke_short", state="call_back_booked", day="2026-12-01")
    page = grace.posts(page, "attempt", happened="call:spoke_full", state="phone_screen_booked", day="2026-12-02")
    page = grace.posts(page, "move", state="phone_screen_done")
    page = grace.posts(page, "move", state="visit_booked", day="2026-12-09", hour="10:00")
    page = grace.posts(page, "move", state="handed_over")

    assert page.soup.select_one(".state strong").get_text() == "Handed off to the study team"
    assert [event.to_state for event in any_house.history(reference)] == [
        "assigned",
        "trying_to_reach",
        "trying_to_reach",
        "call_back_booked",
        "phone_screen_booked",
        "phone_screen_done",
        "visit_booked",
        "handed_over",
    ]
    assert grace.opens("/queue").references == []
    assert grace.opens("/queue?show=mine").references == []
    assert grace.opens("/queue?show=closed").references == [reference]
    assert "Rang out" in page.text
    assert "Earlier (4)" in page.text


def test_somebody_who_asks_to_be_forgotten_is(any_house: DeskApp) -> None:
    ada = any_house.hires("Ada Coordinator")
    reference = any_house.receives({"name_pref": "Forgotten DeskUser"})
    page = ada.does(reference, "attempt", happened="incoming:asked_to_stop", note="Please erase everything")
    assert page.links("tel:") + page.links("mailto:") == []
    stale = page

    page = ada.posts(page, "erase", reason="on_request")

    assert "This form was erased" in page.text
    assert ada.posts(stale, "undo").status == 409
    assert ada.posts(ada.opens("/queue"), "find", reference=reference).soup.h1.get_text(strip=True) == reference
    assert any_house.follow_up(reference).state == "withdrew"
    assert "Forgotten" not in str(any_house.trail(start=""))
