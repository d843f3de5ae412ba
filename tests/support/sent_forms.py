"""A site from the form to the desk, and what an attacker with the rights of the worker does to its store."""

import base64
from typing import Any

import sqlalchemy as sa

from screener.db import connect
from screener.db import writing
from screener.public_app import create_public_app
from screener.sealing.form_key import load_form_keys
from screener.sealing.open import load_private_keys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.sealing.seal import load_public_keys
from screener.settings import Settings
from screener.submissions.models import Submission
from screener.submissions.payload import canonical_bytes
from screener.submissions.payload import unpack_values
from screener.worker.loop import Worker
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskPage
from tests.support.public_client import FORM
from tests.support.public_client import PublicClient

STUDY = "nct05870540"


class Site:
    """A deployment from the form to the desk, and what an attacker does to its store."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = connect(settings.store, may="write")
        self.public = load_public_keys(settings.public_keys)
        self.private = load_private_keys(settings.private_keys, passphrase=None)
        self.form_key = load_form_keys(settings.form_keys).current
        self._app = create_public_app(settings)
        self._desk = DeskApp(settings)
        self.ada = self._desk.hires("Ada Coordinator")

    def close(self) -> None:
        self._desk.close()

    def sends(self, **typed: str) -> str:
        received = PublicClient(self._app).tells(phone="+1 415 555 0100", **typed)
        Worker(self.settings).run_once()
        return received.reference

    def posts(self, path: str, body: str) -> str:
        """Post a body as a page that was left open does; returns the page that answers, after the worker has run."""
        answer = self._app.test_client().post(path, data=body, content_type=FORM)
        assert answer.status_code == 200
        Worker(self.settings).run_once()
        return answer.text

    @staticmethod
    def nonce_of(token: str) -> bytes:
        return base64.urlsafe_b64decode(token)[12:28]

    def canonical(self, row: Any) -> bytes:
        """The content of *row* as release 1 made its id of it."""
        bound: Any = {"study": STUDY, "submission": row.id}
        contact = unpack_values(open_contact(row.contact_box, self.private, **bound))
        return canonical_bytes(contact, unpack_values(open_answers(row.answers_box, self.private, **bound)))

    def row(self, reference: str) -> Any:
        with writing(self.store) as connection:
            return connection.execute(sa.select(Submission.__table__).where(Submission.reference == reference)).one()

    def replaces(self, reference: str, **columns: object) -> None:
        with writing(self.store) as connection:
            connection.execute(sa.update(Submission).where(Submission.reference == reference).values(columns))

    def shows(self, reference: str) -> DeskPage:
        """The record with its answers; the record alone is opened on the way."""
        return self.ada.does(reference, "answers")

    def mismatch(self, reference: str) -> str:
        """The parts of *reference* of which the trail says that they do not fit; empty when it says nothing."""
        events = [event for event in self._desk.trail() if event["action"] == "desk:box:altered"]
        return " ".join(sorted({event["detail"]["part"] for event in events if event["subject"] == reference}))
