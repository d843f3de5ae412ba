"""The form is open only while everything is there, says why not in words, and reopens by itself."""

from datetime import date

import pytest
from flask import Flask

from screener.board import board
from screener.settings import Settings
from tests.support.public_client import PublicClient
from tests.support.public_deployment import PublicDeployment
from tests.support.public_deployment import assert_closed_only_in_production


def test_a_stale_heartbeat_closes_and_only_a_really_fresh_one_reopens(open_form: PublicDeployment) -> None:
    assert open_form.check_after(90).reasons == ()
    assert_closed_only_in_production(open_form, open_form.check_after(3), "heartbeat")

    open_form.beat(ago=60)
    assert_closed_only_in_production(open_form, open_form.check_after(2), "heartbeat")

    open_form.beat(ago=20)
    assert open_form.check_after(2).is_open
    assert not open_form.check_after(60).reasons


def test_a_heartbeat_from_the_future_is_not_believed(open_form: PublicDeployment) -> None:
    open_form.beat(ago=-3600)

    assert_closed_only_in_production(open_form, open_form.check_after(2), "heartbeat")


def test_an_approval_holds_on_its_days_and_for_its_version(public_form: PublicDeployment) -> None:
    public_form.beat()
    public_form.set_status("open")
    public_form.prove_keys()
    assert_closed_only_in_production(public_form, public_form.availability.check("en"), "wording")

    public_form.approve(wording_version="0" * 64)
    assert_closed_only_in_production(public_form, public_form.check_after(2), "wording")
    public_form.approve(irb_number="2", approved_on=date(2025, 1, 1), expires_on=date(2026, 11, 22))
    assert_closed_only_in_production(public_form, public_form.check_after(2), "wording")
    public_form.approve(irb_number="3", approved_on=date(2026, 11, 20), expires_on=date(2026, 11, 23))
    assert not public_form.check_after(2).reasons


def test_a_draft_opens_nothing_even_if_its_words_were_approved_once(open_form: PublicDeployment) -> None:
    words = open_form.settings.study / "wording.en.toml"
    text = words.read_text(encoding="utf-8")
    words.write_text(text.replace('status = "source"', 'status = "draft"'), encoding="utf-8")
    again = PublicDeployment(open_form.settings, open_form.clock)

    assert again.availability.wordings["en"].version == open_form.availability.wordings["en"].version
    assert_closed_only_in_production(again, again.availability.check("en"), "wording")
    again.writer.dispose()


def test_keys_that_nobody_has_proven_close(public_form: PublicDeployment) -> None:
    public_form.beat()
    public_form.set_status("open")
    public_form.approve()

    assert_closed_only_in_production(public_form, public_form.availability.check("en"), "proof")


def test_without_a_coordinator_who_can_be_told_it_closes_and_reopens_by_itself(open_form: PublicDeployment) -> None:
    open_form.beat(coordinators=0)
    assert_closed_only_in_production(open_form, open_form.check_after(2), "coordinator")

    open_form.beat(coordinators=None)
    assert_closed_only_in_production(open_form, open_form.check_after(2), "coordinator")

    open_form.beat(coordinators=2)
    assert open_form.check_after(2).is_open


def test_placeholders_close(public_form: PublicDeployment, deployment: Settings) -> None:
    public_form.open_form()
    bare = PublicDeployment(public_form.settings.model_copy(update={"study": deployment.study}), public_form.clock)
    bare.approve()

    assert_closed_only_in_production(bare, bare.availability.check("en"), "placeholders")
    bare.writer.dispose()


@pytest.mark.parametrize("name", ["contact.public", "answers.public"])
def test_a_public_key_that_is_gone_or_broken_closes_everywhere_until_it_is_back(
    open_form: PublicDeployment, name: str
) -> None:
    key = open_form.settings.public_keys / name
    whole = key.read_bytes()

    key.unlink()
    gone = open_form.check_after(2)
    key.write_bytes(whole[:40])
    broken = open_form.check_after(2)
    key.write_bytes(whole)
    back = open_form.check_after(2)

    for availability in (gone, broken):
        assert (availability.is_open, availability.is_fault, availability.notice, availability.keys) == (
            False,
            True,
            "not_ready",
            None,
        )
    assert back.is_open


def test_a_form_key_that_is_gone_closes_everywhere(open_form: PublicDeployment) -> None:
    (open_form.settings.form_keys / "current.form-key").unlink()

    availability = open_form.check_after(2)

    assert (availability.is_open, availability.is_fault) == (False, True)


def test_an_inbox_that_takes_no_writes_closes_everywhere(open_form: PublicDeployment) -> None:
    inbox = open_form.settings.data / "inbox.db"
    open_form.app.extensions["screener.intake"].inbox.dispose()
    away = inbox.rename(inbox.with_name("away.db"))

    availability = open_form.check_after(2)

    assert (availability.is_open, availability.is_fault) == (False, True)
    assert [name for name, _ in availability.reasons] == ["inbox"]
    away.rename(inbox)
    assert open_form.check_after(2).is_open


def test_a_board_that_cannot_be_read_is_a_fault_in_production(open_form: PublicDeployment) -> None:
    path = open_form.settings.data / "board.db"
    open_form.availability.board.dispose()
    path.rename(path.with_name("away.db"))

    availability = open_form.check_after(2)

    assert availability.is_open != open_form.settings.in_production
    assert (availability.is_fault, availability.notice) == (
        (True, "not_ready") if open_form.settings.in_production else (False, "")
    )


@pytest.mark.parametrize(
    "change", ["heartbeat SET beaten_at = 'rubbish'", "approved_wording SET irb_name = cast(x'ff' AS TEXT)"]
)
def test_a_board_with_a_spoilt_value_is_one_that_cannot_be_read(open_form: PublicDeployment, change: str) -> None:
    open_form.write_board(lambda connection: connection.exec_driver_sql(f"UPDATE {change}"))

    availability = open_form.check_after(2)

    assert availability.is_open != open_form.settings.in_production


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_a_choice_closes_everywhere_and_is_no_fault(open_form: PublicDeployment, status: board.IntakeStatus) -> None:
    open_form.set_status(status)

    availability = open_form.check_after(2)

    assert (availability.is_open, availability.notice, availability.is_fault) == (False, status, False)


def test_the_day_of_the_last_look_is_known_at_the_door_and_a_look_opens_nothing(open_form: PublicDeployment) -> None:
    open_form.set_status("paused")
    begun = open_form.check_after(2)
    open_form.check_after(86400)
    open_form.beat()
    open_form.set_status("paused")

    availability = open_form.check_after(2)

    assert (begun.checked_on, availability.checked_on) == (date(2026, 11, 23), date(2026, 11, 24))
    assert (availability.is_open, availability.closed_since) == (False, begun.closed_since)


def test_a_board_that_says_nothing_was_never_checked(public_form: PublicDeployment) -> None:
    assert public_form.availability.check("en").checked_on is None


def test_not_ready_is_a_choice_in_production_and_a_sentence_in_development(open_form: PublicDeployment) -> None:
    open_form.set_status("not_ready")

    availability = open_form.check_after(2)

    assert [name for name, _ in availability.reasons] == ["status"]
    expected = (False, "not_ready", False) if open_form.settings.in_production else (True, "", False)
    assert (availability.is_open, availability.notice, availability.is_fault) == expected


def test_a_waiting_list_is_open_with_a_notice(open_form: PublicDeployment) -> None:
    open_form.set_status("waitlist")

    availability = open_form.check_after(2)

    assert (availability.is_open, availability.notice, availability.reasons) == (True, "waitlist", ())


def test_a_look_is_good_for_two_seconds(open_form: PublicDeployment) -> None:
    open_form.set_status("closed")

    assert open_form.check_after(1.9).is_open
    assert not open_form.check_after(0.2).is_open


def test_the_banner_of_development_says_what_production_would_want(deployment: Settings, app: Flask) -> None:
    page = PublicClient(app).opens("/en/")

    assert page.status == 200
    said = [one.get_text() for one in page.soup.select(".preview li")]
    assert "The worker is not running, so forms wait in the inbox. Run: screener worker." in said
    assert any("placeholders" in sentence for sentence in said)
    assert [one.get_text() for one in page.soup.select(".preview-title")] == ["Preview: not for recruitment"]


def test_only_development_has_a_banner_and_has_it_always(open_form: PublicDeployment) -> None:
    open_form.set_status("waitlist")
    open_form.check_after(2)

    page = PublicClient(open_form.app).opens("/en/interest")

    assert "The study is not taking new people right now" in page.text
    assert bool(page.soup.select(".preview")) != open_form.settings.in_production
