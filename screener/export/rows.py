"""How submissions pass from the store into a sheet: in order of arrival, each opened, written and forgotten.

One reading transaction sees the store as it was at one moment, and a few hundred submissions are in memory at a
time: it takes no more for a million than for a thousand. A box that does not open is no reason to stop, and none
to leave the person out: the row stands there with what is known without it, and says what is missing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

import sqlalchemy as sa

from screener.errors import UserError
from screener.export.columns import Table
from screener.export.csv_file import Sheet
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.sealing.open import PrivateKeys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.sealing.seal import ANSWERS
from screener.sealing.seal import CONTACT
from screener.submissions.payload import FieldValue
from screener.submissions.payload import unpack


@dataclass
class Passed:
    """What went by, counted: the manifest tells it."""

    rows: int = 0
    erased: int = 0
    unreadable: int = 0
    unlisted: int = 0
    wording_versions: Counter[str] = field(default_factory=Counter)


def passing(
    connection: sa.Connection, keys: PrivateKeys, study: str, table: Table, sheet: Sheet, passed: Passed
) -> Iterator[None]:
    """Write every submission that was not erased into *sheet*, and stop after each one, erased or not."""
    for kept in iterate_submissions(connection):
        if kept.erased_at is None:
            opened = dict(_opened(kept, keys, study))
            row = table.row(kept, opened, unreadable=_missing(opened))
            sheet.add(row)
            passed.rows += 1
            passed.wording_versions[kept.envelope.wording_version] += 1
            passed.unreadable += len(opened) < 2
            passed.unlisted += bool(row[-1])
        else:
            passed.erased += 1
        yield


def _opened(kept: StoredSubmission, keys: PrivateKeys, study: str) -> Iterator[tuple[str, dict[str, FieldValue]]]:
    """The compartments of *kept* that open, with what is in them."""
    for compartment, box, open_box in (
        (CONTACT, kept.contact_box, open_contact),
        (ANSWERS, kept.answers_box, open_answers),
    ):
        if box is None:
            continue
        try:
            values = unpack(open_box(box, keys, study=study, submission=kept.envelope.id))
        except (UserError, ValueError):  # ValueError: it opens, and what is inside is no text of ours
            continue
        yield compartment, values


def _missing(opened: dict[str, dict[str, FieldValue]]) -> str:
    missing = [compartment for compartment in (CONTACT, ANSWERS) if compartment not in opened]
    return "both" if len(missing) == 2 else "".join(missing)
