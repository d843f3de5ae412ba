"""The form is open only while everything is there, says why not in words, and reopens by itself."""

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from screener import db
from screener.intake.gate import Door
from screener.intake.gate import Gate
from screener.public_app import create_public_app
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.register import Approval
from screener.submissions import board

from .visitor import Visitor

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class House:
    """A deployment whose staff side can say things on the board, and whose clock can be moved."""

    def __init__(self, settings: Settings, clock: time_machine.Traveller) -> None:
        self.settings = settings
        self.clock = clock
        self.app = create_public_app(settings)
        self.writer = db.connect(settings.board, may="write")

    @property
    def gate(self) -> Gate:
        gate: Gate = self.app.extensions["screener.intake"].gate
        return gate

    def says(self, write: Callable[[sa.Connection], object]) -> None:
        with db.writing(self.writer) as connection:
            write(connection)

    def beats(self, ago: float = 0) -> None:
        self.says(lambda connection: board.beat(connection, datetime.now(UTC) - timedelta(seconds=ago)))

    def sets(self, status: str) -> None:
        self.says(lambda connection: board.set_intake_status(connection, status, "", datetime.now(UTC)))

    def approves(self, **changes: object) -> None:
        wording = self.gate.wordings["en"]
        facts = {
            "wording_version": wording.version,
            "locale": "en",
            "irb_name": "Example IRB",
            "irb_number": "1",
            "approved_on": date(2026, 11, 1),
            "expires_on": date(2027, 10, 31),
            "reviewer": "",
        }
        self.says(lambda connection: board.publish_approval(connection, Approval(**{**facts, **changes})))  # type: ignore[arg-type]

    def proves(self) -> None:
        keys = load_public_keys(self.settings.public_keys)
        for key in (keys.contact, keys.answers):
            self.says(
                lambda connection, key=key: board.publish_proven_key(
                    connection, key.key_id, key.compartment, datetime.now(UTC)
                )
            )

    def later(self, seconds: float) -> Door:
        self.clock.shift(seconds)
        return self.gate.door("en")

    def opens(self) -> None:
        """All that production asks for."""
        self.beats()
        self.sets("open")
        self.approves()
        self.proves()


FACTS = """
name = "Example Clinic"
address = "1 Example Street, San Francisco"
phone = "+1 415 555 0100"
phone_link = "tel:+1-415-555-0100"
investigator = "Dr. Ada Example"
irb_name = "Example IRB"
on_call = "+1 415 555 0101"
"""


def with_facts(study: Path, folder: Path) -> Path:
    """A copy of *study* in which the site has filled in its facts."""
    folder.mkdir()
    for path in study.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "study.toml":
            head, _, rest = text.partition("[site]\n")
            text = head + "[site]" + FACTS + "\n[clocks]" + rest.partition("[clocks]")[2]
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(params=["development", "production"])
def house(request: pytest.FixtureRequest, deployment: Settings, tmp_path: Path) -> Iterator[House]:
    folder = with_facts(deployment.study, tmp_path / "study")
    with (
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(START, tick=False) as clock,
    ):
        patch.setattr("screener.public_app._refuse_to_know_too_much", lambda _: None)
        made = House(deployment.model_copy(update={"env": request.param, "study": folder}), clock)
        yield made
        made.writer.dispose()


@pytest.fixture
def open_house(house: House) -> House:
    house.opens()
    assert house.gate.door("en") == Door(open=True, notice="", fault=False, reasons=(), keys=house.gate._keys)
    return house


def closes_only_in_production(house: House, door: Door, reason: str) -> None:
    assert [name for name, _ in door.reasons] == [reason]
    assert door.open != house.settings.in_production
    assert door.fault == house.settings.in_production


def test_a_stale_heartbeat_closes_and_only_a_really_fresh_one_reopens(open_house: House) -> None:
    assert open_house.later(90).reasons == ()
    closes_only_in_production(open_house, open_house.later(3), "heartbeat")

    open_house.beats(ago=60)
    closes_only_in_production(open_house, open_house.later(2), "heartbeat")

    open_house.beats(ago=20)
    assert open_house.later(2).open
    assert not open_house.later(60).reasons


def test_a_heartbeat_from_the_future_is_not_believed(open_house: House) -> None:
    open_house.beats(ago=-3600)

    closes_only_in_production(open_house, open_house.later(2), "heartbeat")


def test_an_approval_holds_on_its_days_and_for_its_version(house: House) -> None:
    house.beats()
    house.sets("open")
    house.proves()
    closes_only_in_production(house, house.gate.door("en"), "wording")

    house.approves(wording_version="0" * 64)
    closes_only_in_production(house, house.later(2), "wording")
    house.approves(irb_number="2", approved_on=date(2025, 1, 1), expires_on=date(2026, 11, 22))
    closes_only_in_production(house, house.later(2), "wording")
    house.approves(irb_number="3", approved_on=date(2026, 11, 20), expires_on=date(2026, 11, 23))
    assert not house.later(2).reasons


def test_keys_that_nobody_has_proven_close(house: House) -> None:
    house.beats()
    house.sets("open")
    house.approves()

    closes_only_in_production(house, house.gate.door("en"), "proof")


def test_placeholders_close(house: House, deployment: Settings) -> None:
    house.opens()
    bare = House(house.settings.model_copy(update={"study": deployment.study}), house.clock)
    bare.approves()

    closes_only_in_production(bare, bare.gate.door("en"), "placeholders")
    bare.writer.dispose()


@pytest.mark.parametrize("name", ["contact.public", "answers.public"])
def test_a_public_key_that_is_gone_or_broken_closes_everywhere_until_it_is_back(open_house: House, name: str) -> None:
    key = open_house.settings.public_keys / name
    whole = key.read_bytes()

    key.unlink()
    gone = open_house.later(2)
    key.write_bytes(whole[:40])
    broken = open_house.later(2)
    key.write_bytes(whole)
    back = open_house.later(2)

    for door in (gone, broken):
        assert (door.open, door.fault, door.notice, door.keys) == (False, True, "not_ready", None)
    assert back.open


def test_a_form_key_that_is_gone_closes_everywhere(open_house: House) -> None:
    (open_house.settings.form_keys / "current.form-key").unlink()

    door = open_house.later(2)

    assert (door.open, door.fault) == (False, True)


def test_an_inbox_that_takes_no_writes_closes_everywhere(open_house: House) -> None:
    inbox = open_house.settings.data / "inbox.db"
    open_house.app.extensions["screener.intake"].inbox.dispose()
    away = inbox.rename(inbox.with_name("away.db"))

    door = open_house.later(2)

    assert (door.open, door.fault) == (False, True)
    assert [name for name, _ in door.reasons] == ["inbox"]
    away.rename(inbox)
    assert open_house.later(2).open


def test_a_board_that_cannot_be_read_is_a_fault_in_production(open_house: House) -> None:
    path = open_house.settings.data / "board.db"
    open_house.gate.board.dispose()
    path.rename(path.with_name("away.db"))

    door = open_house.later(2)

    assert door.open != open_house.settings.in_production
    assert (door.fault, door.notice) == ((True, "not_ready") if open_house.settings.in_production else (False, ""))


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_a_choice_closes_everywhere_and_is_no_fault(open_house: House, status: str) -> None:
    open_house.sets(status)

    door = open_house.later(2)

    assert (door.open, door.notice, door.fault) == (False, status, False)


def test_not_ready_is_a_choice_in_production_and_a_sentence_in_development(open_house: House) -> None:
    open_house.sets("not_ready")

    door = open_house.later(2)

    assert [name for name, _ in door.reasons] == ["status"]
    expected = (False, "not_ready", False) if open_house.settings.in_production else (True, "", False)
    assert (door.open, door.notice, door.fault) == expected


def test_a_waiting_list_is_open_with_a_notice(open_house: House) -> None:
    open_house.sets("waitlist")

    door = open_house.later(2)

    assert (door.open, door.notice, door.reasons) == (True, "waitlist", ())


def test_a_look_is_good_for_two_seconds(open_house: House) -> None:
    open_house.sets("closed")

    assert open_house.later(1.9).open
    assert not open_house.later(0.2).open


def test_a_page_opened_before_the_closing_is_taken_for_two_hours(open_house: House) -> None:
    visitor = Visitor(open_house.app)
    check = visitor.checks()
    open_house.later(60)
    open_house.sets("paused")
    late = open_house.later(2)
    assert not late.open

    refused = visitor.opens("/en/interest")
    taken = visitor.sends(check)
    open_house.later(7190)
    open_house.beats()
    open_house.later(2)
    changed = visitor.posts("/en/interest", check.pairs())
    open_house.later(8)
    too_late = visitor.sends(check)

    assert (refused.status, refused.heading) == (200, "This form is closed for now")
    assert taken.status == 200
    assert "The site stopped taking new forms while you were writing" in taken.text
    assert changed.status == 200
    assert (too_late.status, too_late.heading) == (503, "This form is closed for now")
    assert set(check.pairs()) <= set(too_late.pairs())


def test_a_page_minted_after_the_closing_has_no_grace(open_house: House) -> None:
    visitor = Visitor(open_house.app)
    open_house.sets("paused")
    check = visitor.checks()

    open_house.later(2)

    assert visitor.sends(check).status == 503


def test_no_grace_bridges_a_fault(open_house: House) -> None:
    visitor = Visitor(open_house.app)
    check = visitor.checks()
    open_house.later(60)
    open_house.sets("closed")
    open_house.settings.public_keys.joinpath("answers.public").unlink()

    open_house.later(2)

    assert visitor.sends(check).status == 503


def test_a_closed_form_says_so_and_a_page_that_comes_in_is_given_back(open_house: House) -> None:
    visitor = Visitor(open_house.app)
    check = visitor.checks(dep_told="9")
    open_house.settings.public_keys.joinpath("answers.public").unlink()
    open_house.later(2)

    shown = [visitor.opens("/en/"), visitor.opens("/en/interest")]
    refused = [visitor.posts(path, check.pairs()) for path in ("/en/check", "/en/interest", "/en/received")]

    for page in shown:
        assert (page.status, page.heading) == (503, "This form is not open right now")
        assert page.answer.headers["Retry-After"]
    for page in refused:
        assert (page.status, page.heading) == (503, "Please try again later")
        assert page.answer.headers["Retry-After"]
        assert sorted(page.pairs()) == sorted(check.pairs())


def test_the_banner_of_development_says_what_production_would_want(deployment: Settings, app: Flask) -> None:
    page = Visitor(app).opens("/en/")

    assert page.status == 200
    said = [one.get_text() for one in page.soup.select(".preview li")]
    assert "The worker is not running, so forms wait in the inbox. Run: screener worker." in said
    assert any("placeholders" in sentence for sentence in said)
    assert page.soup.select_one(".preview-title").get_text() == "Preview: not for recruitment"  # type: ignore[union-attr]


def test_only_development_has_a_banner_and_has_it_always(open_house: House) -> None:
    open_house.sets("waitlist")
    open_house.later(2)

    page = Visitor(open_house.app).opens("/en/interest")

    assert "The study is not taking new people right now" in page.text
    assert bool(page.soup.select(".preview")) != open_house.settings.in_production
