"""Staff read words: the desk shows no stored code, and the dictionary has a label for each of them.

Every page of the desk is read for codes where it is shown to a browser (``tests/browser``).
"""

from collections.abc import Iterator

import pytest
from bs4 import Tag

from screener import audit
from screener.board.board import STATUSES
from screener.db import writing
from screener.desk import audit_words
from screener.desk import queue
from screener.desk import words
from screener.follow_up.states import ContactChannel
from screener.follow_up.states import ContactOutcome
from screener.follow_up.states import EventKind
from screener.follow_up.states import FollowUpState
from screener.follow_up.transitions import CLOSED_STATES
from screener.follow_up.transitions import OPEN_STATES
from screener.follow_up.transitions import OUTCOMES_BY_CHANNEL
from screener.follow_up.transitions import OUTGOING_CHANNELS
from screener.settings import Settings
from screener.staff.models import Role
from screener.study.contact_fields import CONTACT_FIELDS
from tests.desk.test_queue import sets
from tests.laws.test_the_trail_has_words import left_by_the_code
from tests.support.desk_client import DeskPage
from tests.support.desk_pages import FROM_US
from tests.support.desk_pages import DeskScenario
from tests.support.stored_codes import shown_codes

CODES_OF = {field.id: field.codes for field in CONTACT_FIELDS}


@pytest.fixture
def desk(deployment: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskScenario]:
    """A desk whose pages are read for codes alone; the rules of every page are held elsewhere."""
    monkeypatch.setattr("tests.support.page_rules.faults_of_desk", lambda html: ())
    made = DeskScenario(deployment, monkeypatch)
    yield made
    made.close()


def test_every_stored_code_has_a_label() -> None:
    kept = {
        "STATES": {*FollowUpState},
        "CHANNELS": {*ContactChannel},
        "CONTACT_METHODS": {*OUTGOING_CHANNELS},
        "OUTCOMES": {*ContactOutcome},
        "EVENT_KINDS": {*EventKind},
        "ROLE_NAMES": {*Role},
        "LANGUAGES": {*CODES_OF["lang"]},
        "VOICEMAIL": {*CODES_OF["voicemail"]},
        "PREFERRED_CONTACT": {*CODES_OF["how_contact"]},
        "CALL_TIMES": {*CODES_OF["when_call"]},
        "TIME_ZONES": {*CODES_OF["time_zone"]},
        "COMMUNICATION_NEEDS": {*CODES_OF["access"]},
        "LISTS": {*queue.LISTS},
    }

    assert {name: {*getattr(words, name)} ^ codes for name, codes in kept.items()} == {name: set() for name in kept}
    assert audit_words.detail_text("status", "not_ready") == "not ready"
    assert set(STATUSES) <= {status for status in STATUSES if "_" not in audit_words.detail_text("status", status)}


@pytest.mark.slow
def test_no_state_or_outcome_of_a_follow_up_is_shown_as_its_code(desk: DeskScenario) -> None:
    reference = desk.house.receives({"sms_ok": "1"})
    pages = [desk.ada.record(reference)]
    for channel, outcomes in OUTCOMES_BY_CHANNEL.items():
        for outcome in outcomes:
            pages.append(desk.ada.does(reference, "attempt", happened=f"{channel}:{outcome}"))
    desk.ada.does(reference, "assign", to=desk.ada.id)
    for state in (*OPEN_STATES, *CLOSED_STATES):
        sets(desk.house, reference, state=state)
        pages += [desk.ada.opens("/queue?show=all"), desk.ada.record(reference)]
        assert words.STATES[state] in pages[-1].text
    for field in CONTACT_FIELDS:
        for code in field.codes:
            other = desk.house.receives({field.id: (code,) if field.kind == "choices" else code})
            pages.append(desk.ada.record(other))

    found = {code for page in pages for code in shown_codes(page.answer.text)}
    assert found == set()


def sent_again(desk: DeskScenario, form: Tag, page: DeskPage) -> Iterator[DeskPage]:
    """The page that lists what was sent, after the form was sent under an old token: once for each of its options."""
    action = str(form["action"])
    typed = {str(field["name"]): "typed" for field in form.select("[name]:not([type=hidden]):not([type=radio])")}
    options = [
        (str(option.get("name") or option.find_parent("select")["name"]), str(option["value"]))
        for option in form.select("input[type=radio], input[type=checkbox], select option")
    ]
    for chosen in [{}, *({name: value} for name, value in options)]:
        data = {**typed, "version": "1", **chosen, "csrf_token": "old"}
        yield DeskPage(desk.ada.client.post(action, data=data, headers=FROM_US))


def test_the_page_that_lists_what_was_being_saved_has_a_label_for_every_field(desk: DeskScenario) -> None:
    addresses = ["/queue", f"/record/{desk.house.receives()}", "/export", "/audit", "/team", f"/team/{desk.ada.id}"]
    pages = [desk.ada.opens(address) for address in (*addresses, "/account", "/account/second-factor")]

    unlabelled, shown = set(), set()
    for page in pages:
        for form in page.soup.select("form"):
            names = {str(field["name"]) for field in form.select("[name]:not([type=hidden])")}
            unlabelled |= names - words.FIELDS.keys() - {"code", "proof"}
            for again in sent_again(desk, form, page):
                assert again.status in (400, 303), form["action"]
                shown |= shown_codes(again.answer.text)

    assert (unlabelled, shown) == (set(), set())


def test_the_audit_page_has_words_for_every_action_and_detail(desk: DeskScenario) -> None:
    details = {name: next(iter(audit_words.known_values(name)), "") for name in audit_words.DETAILS}
    with writing(desk.house.room.store) as connection:
        for action in (*left_by_the_code(), "a_new:kind_of_event"):
            audit.record(connection, actor="worker", action=f"worker:{action}", subject="x", detail=details)

    page = desk.ada.opens("/audit")

    assert shown_codes(page.answer.text) == set()
    assert {audit_words.action_label(f"desk:{action}") for action in left_by_the_code()} <= {
        cell.contents[0].strip()
        for cell in page.soup.select("td[data-label=Action]")
        if isinstance(cell.contents[0], str)
    }


@pytest.mark.parametrize(
    "planted",
    [
        "<p>State: trying_to_reach</p>",
        "<option value='x'>call:spoke_full</option>",
        "<span title='worker:letter:sent'>Sent</span>",
        "<input aria-label='next_action_at'>",
        "<td>SMTPRecipientsRefused</td>",
    ],
)
def test_this_law_bites(planted: str) -> None:
    assert shown_codes(planted)
    assert not shown_codes(
        "<p>Trying to reach</p><input value='trying_to_reach'><a href='/x?y=call:busy'>Call: busy</a>"
    )
