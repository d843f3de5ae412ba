"""One page with one content is one submission, sealed in two boxes, and the answers change nothing else."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from screener import db
from screener.public_app import create_public_app
from screener.sealing.seal import recipient_key_ids
from screener.settings import Settings
from screener.submissions import inbox as letterbox
from screener.submissions.envelope import SealedSubmission
from screener.submissions.reference import derive_reference
from tests.support.public_client import ADA
from tests.support.public_client import PublicClient
from tests.support.public_client import PublicPage

Inbox = Callable[[], list[SealedSubmission]]
Opened = Callable[[], list[dict[str, object]]]
FULL: dict[str, Any] = {
    "age_years": "34",
    "dep_told": "1",
    "dep_now": "8",
    "ad_tried": "4",
    "ad_now": "9",
    "tx_had": ["1", "0"],
    "travel_sf": "2",
    "phone": "+1 415 555 0100",
    "how_contact": "2",
    "sms_ok": "1",
    "voicemail": "0",
    "when_call": ["1", "5"],
    "time_zone": "7",
    "lang": "yue",
    "access": ["2", "6"],
    "access_text": "Please speak slowly",
}


def test_what_is_sent_lies_in_two_boxes_and_the_page_gives_its_reference(
    visitor: PublicClient, inbox: Inbox, opened: Opened
) -> None:
    check = visitor.checks(**FULL)

    received = visitor.sends(check)

    assert (received.status, received.heading) == (200, "We have your form")
    (sealed,) = inbox()
    assert received.reference == derive_reference(sealed.envelope.id)
    submission = opened()[0]
    expected = {name: tuple(value) if isinstance(value, list) else value for name, value in {**ADA, **FULL}.items()}
    assert {name: submission[name] for name in expected} == expected


def test_the_envelope_says_when_and_which_words_and_nothing_of_the_answers(
    visitor: PublicClient, inbox: Inbox, app_wording_version: str
) -> None:
    with time_machine.travel("2026-11-23T09:30:00Z", tick=False) as clock:
        page = visitor.opens("/en/interest")
        clock.shift(60)
        visitor.sends(visitor.checks(page, **FULL))
        now = datetime.now(UTC)

    (sealed,) = inbox()
    envelope = sealed.envelope
    assert envelope.received_at == now
    assert envelope.wording_version == app_wording_version
    assert (envelope.locale, envelope.source, envelope.call_language) == ("en", "direct", "yue")
    assert not envelope.suspected_spam
    assert len(recipient_key_ids(sealed.contact)) == len(recipient_key_ids(sealed.answers)) == 1
    assert recipient_key_ids(sealed.contact) != recipient_key_ids(sealed.answers)


def test_the_received_page_repeats_nothing_that_was_typed(visitor: PublicClient) -> None:
    received = visitor.tells(**{**FULL, "name_pref": "Adaqzx", "access_text": "Slowlyqzx"}, email="adaqzx@example.org")

    assert "qzx" not in received.answer.text
    assert "555 0100" not in received.answer.text


def test_the_same_page_sent_again_is_the_same_submission(visitor: PublicClient, inbox: Inbox) -> None:
    check = visitor.checks(**FULL)

    references = {visitor.sends(check).reference for _ in range(10)}

    assert len(references) == len(inbox()) == 1


def test_the_same_page_sent_by_many_at_once_is_the_same_submission(
    app: Flask, visitor: PublicClient, inbox: Inbox
) -> None:
    check = visitor.checks(**FULL)

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: PublicClient(app).sends(check), range(24)))

    assert {page.status for page in pages} == {200}
    assert len({page.reference for page in pages}) == len(inbox()) == 1


def test_an_edited_page_is_a_new_submission_and_both_are_kept(visitor: PublicClient, opened: Opened) -> None:
    check = visitor.checks(**FULL)
    first = visitor.sends(check)

    changed = visitor.posts("/en/interest", check.pairs())
    second = visitor.sends(visitor.checks(changed, **{**FULL, "dep_now": "0"}))

    assert changed.token == check.token
    assert first.reference != second.reference
    assert sorted(str(submission["dep_now"]) for submission in opened()) == ["0", "8"]


def test_two_tabs_are_two_submissions(visitor: PublicClient, inbox: Inbox) -> None:
    assert visitor.tells(**FULL).reference != visitor.tells(**FULL).reference
    assert len(inbox()) == 2


def test_errors_change_and_back_lead_to_one_submission(visitor: PublicClient, inbox: Inbox, opened: Opened) -> None:
    wrong = visitor.checks(**{**FULL, "email": "ada@"})
    assert wrong.status == 422
    check = visitor.checks(wrong, **FULL)
    changed = visitor.posts("/en/interest", check.pairs())
    assert changed.status == 200
    again = visitor.posts("/en/check", changed.pairs())

    visitor.sends(check)
    visitor.sends(again)

    assert sorted(check.pairs()) == sorted(again.pairs())
    assert len(inbox()) == 1
    assert opened()[0]["tx_had"] == ("1", "0")


def test_the_check_page_says_every_answer_in_the_words_that_were_read(visitor: PublicClient) -> None:
    check = visitor.checks(**FULL, name_pref="<b>Ada</b> عائشة")

    said = [one.get_text(strip=True) for one in check.soup.select("dd.said")]
    assert "<b>Ada</b> عائشة" in said
    assert "Ketamine or esketamine (Spravato)" in said
    assert "Cantonese" in said
    assert len(check.soup.select("dt")) == 19
    assert not check.soup.select("dd.blank")


def test_what_was_left_blank_is_said_to_be_fine(visitor: PublicClient) -> None:
    check = visitor.checks()

    blank = [one.get_text(strip=True) for one in check.soup.select("dd.blank")]
    assert blank == ["Left blank. That is fine."] * 16


def test_a_page_is_taken_after_a_month(visitor: PublicClient, inbox: Inbox) -> None:
    with time_machine.travel("2026-11-23T09:30:00Z") as clock:
        check = visitor.checks(**FULL)
        clock.shift(timedelta(days=31))

        assert visitor.sends(check).status == 200

    assert not inbox()[0].envelope.suspected_spam


def test_a_spoilt_token_gives_the_page_back_once_with_a_fresh_one(visitor: PublicClient, inbox: Inbox) -> None:
    pairs = [pair for pair in visitor.checks(**FULL).pairs() if pair[0] != "token"]

    wrong = []
    for path in ("/en/check", "/en/interest", "/en/received"):
        for token in ("", "x", "A" * 80, "../../etc", "0" * 5000):
            page = visitor.posts(path, [*pairs, ("token", token)])
            is_given_back = "This page was open for a long time." in page.text and set(pairs) <= set(page.pairs())
            if page.status != 400 or not is_given_back or inbox():
                wrong.append((path, token, page.status))
        if visitor.posts(path, page.pairs()).status != 200:
            wrong.append((path, "again", page.status))

    assert not wrong


def test_a_missing_and_a_repeated_token_are_spoilt_too(visitor: PublicClient) -> None:
    pairs = visitor.checks(**FULL).pairs()

    without = visitor.posts("/en/received", [pair for pair in pairs if pair[0] != "token"])
    twice = visitor.posts("/en/received", [*pairs, ("token", dict(pairs)["token"])])

    assert (without.status, twice.status) == (400, 400)


def test_a_hidden_value_changed_on_the_way_is_read_like_any_other(visitor: PublicClient, inbox: Inbox) -> None:
    check = visitor.checks(**FULL)

    page = visitor.posts("/en/received", visitor.fills(check, {"dep_told": "77", "email": "ada@"}))

    assert page.status == 422
    assert page.errors().keys() == {"dep_told"}, "the first step in the way"
    again = visitor.presses(page, "Check your answers", dep_told="1")
    assert again.errors().keys() == {"email"}
    assert page.token == check.token
    assert not inbox()


def test_a_program_gets_the_same_answer_and_a_note_on_the_envelope(visitor: PublicClient, inbox: Inbox) -> None:
    with time_machine.travel("2026-11-23T09:30:00Z", tick=False) as clock:
        page = visitor.opens("/en/interest")
        clock.shift(60)
        trapped = visitor.sends(visitor.checks(page, leave_blank="http://example.org"))
        page = visitor.opens("/en/interest")
        clock.shift(2.9)
        quick = visitor.sends(visitor.checks(page))
        page = visitor.opens("/en/interest")
        clock.shift(3)
        honest = visitor.sends(visitor.checks(page))

    assert [masked(trapped), masked(quick)] == [masked(honest)] * 2
    assert {one.envelope.id: one.envelope.suspected_spam for one in inbox()} == {
        one.envelope.id: derive_reference(one.envelope.id) != honest.reference for one in inbox()
    }


ANSWERS: tuple[dict[str, Any], ...] = (
    {},
    {"age_years": "16"},
    {"age_years": "34", "dep_told": "1", "dep_now": "1", "ad_tried": "4", "travel_sf": "1"},
    {"age_years": "99", "dep_told": "0", "dep_now": "0", "ad_tried": "0", "travel_sf": "0", "tx_had": ["0"]},
    {"age_years": "000", "dep_told": "9", "ad_now": "8", "tx_had": ["1", "2", "3", "0", "8", "9"]},
    {"dep_told": "", "tx_had": []},
)


def masked(page: PublicPage) -> tuple[str, str, list[tuple[str, str]]]:
    text = re.sub(r'(class="reference">)[^<]+', r"\1", page.answer.text)
    return page.answer.status, text, list(page.answer.headers)


def test_answers_change_nothing_that_can_be_seen_from_outside_their_box(visitor: PublicClient, inbox: Inbox) -> None:
    received = []
    with time_machine.travel("2026-11-23T09:30:00Z", tick=False) as clock:
        for answers in ANSWERS:
            page = visitor.opens("/en/interest")
            clock.shift(60)
            received.append(masked(visitor.sends(visitor.checks(page, **answers))))

    assert received == received[:1] * len(ANSWERS)
    sealed = inbox()
    assert len(sealed) == len(ANSWERS)
    assert len({len(one.answers) for one in sealed}) == len({len(one.contact) for one in sealed}) == 1
    envelopes = {(one.envelope.source, one.envelope.call_language, one.envelope.suspected_spam) for one in sealed}
    assert envelopes == {("direct", "", False)}


def test_an_unusual_answer_stands_in_no_log(visitor: PublicClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)

    visitor.tells(name_pref="Adaqzx", access_text="Slowlyqzx", age_years="117")
    visitor.checks(name_pref="Adaqzx", email="adaqzx@")

    assert "qzx" not in caplog.text
    assert "117" not in caplog.text


def test_the_whole_way_is_the_same_on_both_databases(any_deployment: Settings) -> None:
    app = create_public_app(any_deployment)
    visitor = PublicClient(app)
    check = visitor.checks(**FULL)

    first, second = visitor.sends(check), visitor.sends(check)

    assert (first.status, first.reference) == (200, second.reference)
    engine = db.connect(any_deployment.inbox, may="write")
    (sealed,) = letterbox.fetch_batch(engine, 10)
    engine.dispose()
    app.extensions["screener.intake"].close()
    assert derive_reference(sealed.envelope.id) == first.reference
