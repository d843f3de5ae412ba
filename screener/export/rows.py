"""Iterate over the rows of an export: every submission in order of arrival, opened one at a time.

One reading transaction sees the store as it was at one moment, and a few hundred submissions are in memory at a
time, so a million take no more memory than a thousand. A box that does not open stops nothing and leaves no person out:
the row holds what is known without it, and says which part is missing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

import sqlalchemy as sa

from screener.errors import UserError
from screener.export.columns import RowLayout
from screener.export.source import ExportSource
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.sealing.open import PrivateKeys
from screener.sealing.open import open_answers
from screener.sealing.open import open_contact
from screener.sealing.seal import ANSWERS
from screener.sealing.seal import CONTACT
from screener.submissions.payload import FieldValue
from screener.submissions.payload import unpack_values


@dataclass
class ExportCounts:
    """What the rows of one export add up to, for its manifest."""

    rows: int = 0
    erased: int = 0
    unreadable: int = 0
    unlisted: int = 0
    wording_versions: Counter[str] = field(default_factory=Counter)


def iterate_rows(
    connection: sa.Connection, source: ExportSource, layout: RowLayout, counts: ExportCounts
) -> Iterator[list[str] | None]:
    """Yield the cells of each submission, and None for an erased one, which has no row; add it to *counts*."""
    for kept in iterate_submissions(connection):
        if kept.erased_at is None:
            opened = dict(_open_boxes(kept, source.keys, source.study))
            cells = layout.list_cells(kept, opened, unreadable=_name_missing(opened))
            counts.rows += 1
            counts.wording_versions[kept.envelope.wording_version] += 1
            counts.unreadable += len(opened) < 2
            counts.unlisted += bool(cells[-1])
            yield cells
        else:
            counts.erased += 1
            yield None


def _open_boxes(kept: StoredSubmission, keys: PrivateKeys, study: str) -> Iterator[tuple[str, dict[str, FieldValue]]]:
    """Yield the compartments of *kept* that open, each with its values."""
    for compartment, box, open_box in (
        (CONTACT, kept.contact_box, open_contact),
        (ANSWERS, kept.answers_box, open_answers),
    ):
        if box is None:
            continue
        try:
            values = unpack_values(open_box(box, keys, study=study, submission=kept.envelope.id))
        except (UserError, ValueError):  # ValueError: it opens, but holds no payload of ours
            continue
        yield compartment, values


def _name_missing(opened: dict[str, dict[str, FieldValue]]) -> str:
    missing = [compartment for compartment in (CONTACT, ANSWERS) if compartment not in opened]
    return "both" if len(missing) == 2 else "".join(missing)
