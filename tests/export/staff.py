"""What the tests do with a store: send in what an invented person typed, export, read the file."""

import csv
import hashlib
import io
import itertools
import json
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.export.formula_guard import unescape_formula
from screener.export.manifest import ExportManifest
from screener.export.manifest import ExportPart
from screener.export.manifest import read_manifest
from screener.export.pipeline import export
from screener.export.request import ExportRequest
from screener.export.source import load_export_source
from screener.export.to_file import FileSink
from screener.follow_up.receipt import receive_submission
from screener.sealing.open import load_private_keys
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.settings import Settings
from screener.submissions.envelope import Envelope
from screener.submissions.envelope import SealedSubmission
from screener.submissions.payload import FieldValue
from screener.submissions.payload import pack_values
from screener.submissions.queries import count_submissions
from tests.support.submissions import ADA
from tests.support.submissions import ADAS_ANSWERS

BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Staff:
    """Fills a store, and exports from it into a folder."""

    def __init__(self, settings: Settings, files: Path) -> None:
        self.settings = settings
        self.files = files
        self.out = files / "interest.csv"
        self.store = connect(settings.store, may="write")
        self._public = load_public_keys(settings.public_keys)
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self.store.dispose()

    def seal(
        self,
        contact: Mapping[str, FieldValue],
        answers: Mapping[str, FieldValue],
        *,
        wording: str = "a" * 64,
        minute: int = 0,
    ) -> SealedSubmission:
        number = next(self._numbers)
        id_ = hashlib.sha256(f"invented {number}".encode()).digest()
        bound: Any = {"study": "nct05870540", "submission": id_}
        received = BEGAN + timedelta(minutes=minute or number)
        envelope = Envelope(id_, received, wording, "en", "direct", "", suspected_spam=number == 2)
        boxes = (
            seal_contact(pack_values(contact), self._public, **bound),
            seal_answers(pack_values(answers), self._public, **bound),
        )
        return SealedSubmission(envelope, *boxes)

    def keeps(self, *sealed: SealedSubmission) -> None:
        with writing(self.store) as connection:
            for each in sealed:
                receive_submission(connection, each, at=BEGAN)

    def keeps_people(self, *names: str) -> None:
        """Keep one submission for each of *names*."""
        self.keeps(*(self.seal({**ADA, "name_pref": name}, ADAS_ANSWERS) for name in names))

    def exports(self, *, purpose: str = "first calls", step: Any = lambda one: None) -> ExportManifest:
        keys = load_private_keys(self.settings.private_keys, passphrase=None)
        source = load_export_source(self.settings, keys)
        try:
            return export(source, ExportRequest(purpose, "grace"), FileSink(self.out), progress=step)
        finally:
            source.store.dispose()

    def export_anew(self) -> ExportManifest:
        """Export where an earlier export lies, which is moved out of the way first."""
        for path in self.files.iterdir():
            path.unlink()
        return self.exports()

    @property
    def manifest_path(self) -> Path:
        return ExportPart.MANIFEST.path_for(self.out)

    @property
    def codebook_path(self) -> Path:
        return ExportPart.CODEBOOK.path_for(self.out)

    def manifest(self) -> ExportManifest:
        return read_manifest(self.manifest_path)[0]

    def codebook(self) -> list[tuple[str, ...]]:
        text = self.codebook_path.read_bytes().decode("utf-8-sig")
        return [tuple(map(unescape_formula, row)) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]

    def arrivals(self) -> int:
        with reading(self.store) as connection:
            return count_submissions(connection)

    def tampers_with_trail(
        self, statement: str = "UPDATE audit_event SET actor = 'somebody else' WHERE seq = 1"
    ) -> None:
        """What somebody with every right could do: change events after taking the triggers away."""
        with writing(self.store) as connection:
            for name in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
            connection.execute(sa.text(statement))

    def rows(self) -> list[dict[str, str]]:
        """The exported rows as a person has them who takes the guard off."""
        text = self.out.read_bytes().decode("utf-8-sig")
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        return [dict(zip(table[0], map(unescape_formula, row), strict=True)) for row in table[1:]]

    def events(self, start: str = "cli:export:") -> list[dict[str, Any]]:
        with reading(self.store) as connection:
            found = connection.execute(sa.select(audit.EVENTS).order_by(audit.EVENTS.c.seq)).mappings()
            return [{**row, "detail": json.loads(row["detail"])} for row in found if row["action"].startswith(start)]
