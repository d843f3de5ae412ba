"""Somebody at the desk, as a test sees them: they open pages, fill in what they read there, and press buttons."""

import itertools
import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from bs4 import BeautifulSoup
from bs4 import Tag
from flask import Flask
from werkzeug.test import TestResponse

from screener import audit
from screener import clock
from screener.db import reading
from screener.db import writing
from screener.desk.context import Room
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.staff.models import Account
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import Sealed
from screener.submissions.payload import FieldValue
from screener.submissions.payload import pack
from screener.submissions.reference import reference_of
from screener.submissions.store import FollowUp
from screener.submissions.store import FollowUpEvent
from screener.submissions.store import Submission
from screener.submissions.writes import keep
from tests.export.staff import ADA
from tests.export.staff import ADAS_ANSWERS
from tests.support.desk_app import come_in
from tests.support.submissions import NOON


class House:
    """The desk's application, its store, and who works there."""

    def __init__(self, app: Flask, room: Room) -> None:
        self.app = app
        self.room = room
        self._numbers = itertools.count(1)

    def hires(self, name: str, *, roles: str = "coordinator") -> "Person":
        account = {
            # By the name, so that two houses with the same people begin alike.
            "id": uuid.uuid5(uuid.NAMESPACE_DNS, name).hex,
            "name": name,
            "email": f"{re.sub('[^a-z]', '', name.lower())}@example.org",
            "role_names": roles,
            "languages": "en",
            "active": True,
            "created_at": NOON,
            "confirmed_at": NOON,
            "fs_uniquifier": uuid.uuid4().hex,
            "failures": 0,
        }
        with writing(self.room.store) as connection:
            connection.execute(sa.insert(Account).values(account))
        return Person(self, account)

    def receives(
        self,
        contact: Mapping[str, FieldValue] | None = None,
        answers: Mapping[str, FieldValue] | None = None,
        *,
        at: datetime | None = None,
        wording: str = "a" * 64,
        id_: bytes = b"",
        spam: bool = False,
    ) -> str:
        """One submission arrives; gives its reference."""
        number = next(self._numbers)
        id_ = id_ or number.to_bytes(32, "big")
        bound: Any = {"study": self.room.study.id, "submission": id_}
        at = at or NOON + timedelta(minutes=number)
        envelope = Envelope(id_, at, wording, "en", "direct", "es", suspected_spam=spam)
        boxes = (
            seal_contact(pack({**ADA, **(contact or {})}), self.room.shuts, **bound),
            seal_answers(pack({**ADAS_ANSWERS, **(answers or {})}), self.room.shuts, **bound),
        )
        with writing(self.room.store) as connection:
            keep(connection, Sealed(envelope, *boxes), at=at)
        return reference_of(id_)

    def follow_up(self, reference: str) -> Any:
        query = sa.select(FollowUp.__table__).join(Submission).where(Submission.reference == reference)
        with reading(self.room.store) as connection:
            return connection.execute(query).one()

    def history(self, reference: str) -> list[Any]:
        query = (
            sa.select(FollowUpEvent.__table__)
            .join(Submission, Submission.id == FollowUpEvent.submission_id)
            .where(Submission.reference == reference)
            .order_by(FollowUpEvent.version)
        )
        with reading(self.room.store) as connection:
            return list(connection.execute(query))

    def trail(self, *, start: str = "desk:") -> list[Any]:
        """The audit events, each with its detail read."""
        with reading(self.room.store) as connection:
            rows = connection.execute(sa.select(audit.EVENTS).order_by(audit.EVENTS.c.seq)).mappings()
            return [{**row, "detail": json.loads(row["detail"])} for row in rows if row["action"].startswith(start)]


class Page:
    """An answer of the desk, read as a person reads it."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.dom = BeautifulSoup(answer.text, "html.parser")
        self.text = " ".join(self.dom.get_text(" ").split())

    def form(self, verb: str) -> Tag:
        """The form that posts to *verb*."""
        (found,) = (form for form in self.dom.select("form") if str(form["action"]).endswith(f"/{verb}"))
        return found

    def filled(self, verb: str) -> dict[str, str]:
        """What a browser would post from the form of *verb* if nobody touched it."""
        fields: dict[str, str] = {}
        for field in self.form(verb).select("input[name], textarea, select"):
            name = str(field.get("name"))
            if field.name == "textarea":
                fields[name] = field.get_text().removeprefix("\n")
            elif field.name == "select":
                chosen = field.select_one("option[selected]") or field.select_one("option")
                fields[name] = str(chosen["value"]) if chosen else ""
            elif field.get("type") != "radio" or field.has_attr("checked"):
                fields[name] = str(field.get("value", ""))
        return fields

    def links(self, start: str) -> list[str]:
        return [str(link["href"]) for link in self.dom.select("a[href]") if str(link["href"]).startswith(start)]

    @property
    def references(self) -> list[str]:
        """The references in the list, from top to bottom."""
        return [link.get_text(strip=True) for link in self.dom.select(".ledger th a")]


class Person:
    """Somebody who is signed in at the desk."""

    def __init__(self, house: House, account: Mapping[str, Any]) -> None:
        self.house = house
        self.id: str = account["id"]
        self.email: str = account["email"]
        self.browser = house.app.test_client()
        self._uniquifier: str = account["fs_uniquifier"]
        self.comes_back()

    def comes_back(self) -> None:
        """Sign in anew, as after a night."""
        come_in(self.browser, self._uniquifier)

    def opens(self, address: str) -> Page:
        return Page(self.browser.get(address, follow_redirects=True))

    def record(self, reference: str) -> Page:
        return self.opens(f"/record/{reference}")

    def posts(self, page: Page, verb: str, **typed: str) -> Page:
        """Fill in the form of *verb* on *page* and press its button."""
        said = {**page.filled(verb), **typed}
        address = str(page.form(verb)["action"])
        return Page(self.browser.post(address, data=said, follow_redirects=True))

    def does(self, reference: str, verb: str, **typed: str) -> Page:
        """Open the record and do that."""
        return self.posts(self.record(reference), verb, **typed)


def tomorrow() -> datetime:
    return clock.now() + timedelta(days=1)
