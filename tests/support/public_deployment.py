"""A public deployment for tests: writes to its board as the staff side does, and moves its clock."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import time_machine

from screener import db
from screener.board import board
from screener.intake.availability import AvailabilityMonitor
from screener.intake.availability import FormAvailability
from screener.operations.migrate import migrate_all
from screener.public_app import create_public_app
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.study.approvals import Approval

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def make_deployment(data: Path) -> Settings:
    """A deployment in the folder *data*, for a module of tests that share one."""
    settings = Settings(data=data)
    create_keys(KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys), passphrase=None)
    migrate_all(settings)
    return settings


class PublicDeployment:
    """A public deployment for tests: writes to its board as the staff side does, and moves its clock."""

    def __init__(self, settings: Settings, clock: time_machine.Traveller) -> None:
        self.settings = settings
        self.clock = clock
        self.app = create_public_app(settings)
        self.writer = db.connect(settings.board, may="write")

    @property
    def availability(self) -> AvailabilityMonitor:
        monitor: AvailabilityMonitor = self.app.extensions["screener.intake"].availability
        return monitor

    def write_board(self, write: Callable[[sa.Connection], object]) -> None:
        with db.writing(self.writer) as connection:
            write(connection)

    def beat(self, ago: float = 0, coordinators: int | None = 1) -> None:
        at = datetime.now(UTC) - timedelta(seconds=ago)
        self.write_board(lambda connection: board.record_heartbeat(connection, at, coordinators=coordinators))

    def set_status(self, status: board.IntakeStatus) -> None:
        self.write_board(lambda connection: board.set_intake_status(connection, status, "", datetime.now(UTC)))

    def approve(self, **changes: Any) -> None:
        wording = self.availability.wordings["en"]
        facts: dict[str, Any] = {
            "wording_version": wording.version,
            "locale": "en",
            "irb_name": "Example IRB",
            "irb_number": "1",
            "approved_on": date(2026, 11, 1),
            "expires_on": date(2027, 10, 31),
            "reviewer": "",
        }
        self.write_board(lambda connection: board.publish_approval(connection, Approval(**{**facts, **changes})))

    def prove_keys(self) -> None:
        keys = load_public_keys(self.settings.public_keys)
        for key in (keys.contact, keys.answers):
            with db.writing(self.writer) as connection:
                board.publish_proven_key(connection, key.key_id, key.compartment, datetime.now(UTC))

    def check_after(self, seconds: float) -> FormAvailability:
        self.clock.shift(seconds)
        return self.availability.check("en")

    def open_form(self) -> None:
        """All that production asks for."""
        self.beat()
        self.set_status("open")
        self.approve()
        self.prove_keys()


FACTS = """
name = "Example Clinic"
address = "1 Example Street, San Francisco"
phone = "+1 415 555 0100"
phone_link = "tel:+1-415-555-0100"
investigator = "Dr. Ada Example"
irb_name = "Example IRB"
on_call = "+1 415 555 0101"
"""


def fill_in_facts(study: Path, folder: Path) -> Path:
    """A copy of *study* in which the site has filled in its facts."""
    folder.mkdir()
    for path in study.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "study.toml":
            head, _, rest = text.partition("[site]\n")
            head = head.replace("# checked_on =", "checked_on = 2026-11-23")
            text = head + "[site]" + FACTS + "\n[clocks]" + rest.partition("[clocks]")[2]
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def assert_closed_only_in_production(
    public_form: PublicDeployment, availability: FormAvailability, reason: str
) -> None:
    assert [name for name, _ in availability.reasons] == [reason]
    assert availability.is_open != public_form.settings.in_production
    assert availability.is_fault == public_form.settings.in_production
