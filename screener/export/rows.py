"""Iterate over the rows of an export: every submission in order of arrival, opened one at a time.

One reading transaction sees the store as it was at one moment, and a few hundred submissions are in memory at a
time, so a million take no more memory than a thousand. A box that does not open stops nothing and leaves no person out:
the row holds what is known without it, and says which part is missing.
"""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

import sqlalchemy as sa

from screener.export.columns import RowLayout
from screener.export.source import ExportSource
from screener.follow_up.queries import StoredSubmission
from screener.follow_up.queries import iterate_submissions
from screener.sealing.seal import ANSWERS
from screener.sealing.seal import CONTACT
from screener.submissions.box_digest import compare_with_receipt
from screener.submissions.opening import OpenedBox
from screener.submissions.opening import OpenedSubmission
from screener.submissions.opening import ProofResult
from screener.submissions.opening import SealedBoxes
from screener.submissions.opening import open_submission
from screener.submissions.payload import FieldValue

#: Altered submissions that get an audit event of their own; beyond them they are only counted.
MOST_NAMED = 100


@dataclass
class ExportCounts:
    """What the rows of one export add up to, for its manifest."""

    rows: int = 0
    erased: int = 0
    unreadable: int = 0
    unlisted: int = 0
    wording_versions: Counter[str] = field(default_factory=Counter)
    #: Submissions by the worse result of their two boxes; those of which a box does not open are *unreadable* only.
    proofs: Counter[ProofResult] = field(default_factory=Counter)
    #: References of submissions that do not hold what was sent, the first *MOST_NAMED*.
    altered: list[str] = field(default_factory=list)


def iterate_rows(
    connection: sa.Connection, source: ExportSource, layout: RowLayout, counts: ExportCounts
) -> Iterator[list[str] | None]:
    """Yield the cells of each submission, and None for an erased one, which has no row; add it to *counts*."""
    for kept in iterate_submissions(connection):
        if kept.erased_at is None:
            opened = _open_boxes(connection, kept, source, counts)
            cells = layout.list_cells(kept, opened, unreadable=_name_missing(opened))
            counts.rows += 1
            counts.wording_versions[kept.envelope.wording_version] += 1
            counts.unreadable += len(opened) < 2
            counts.unlisted += bool(cells[-1])
            yield cells
        else:
            counts.erased += 1
            yield None


def _open_boxes(
    connection: sa.Connection, kept: StoredSubmission, source: ExportSource, counts: ExportCounts
) -> dict[str, Mapping[str, FieldValue]]:
    """The compartments of *kept* that open and are not known to be something else than was sent."""
    stored = {CONTACT: kept.contact_box, ANSWERS: kept.answers_box}
    boxes = SealedBoxes(kept.envelope.id, **stored)
    opened = open_submission(
        boxes, source.keys, compare=lambda: compare_with_receipt(connection, kept.reference, stored)
    )
    _count_proof(kept.reference, opened, counts)
    both: tuple[tuple[str, OpenedBox | None], ...] = ((CONTACT, opened.contact), (ANSWERS, opened.answers))
    return {name: box.values for name, box in both if box is not None and not box.error}


def _count_proof(reference: str, opened: OpenedSubmission, counts: ExportCounts) -> None:
    results = [box.proof for box in (opened.contact, opened.answers) if box is not None and box.proof is not None]
    if not results:
        return
    worst = max(results, key=_SEVERITY.index)
    counts.proofs[worst] += 1
    if worst is ProofResult.ALTERED and len(counts.altered) < MOST_NAMED:
        counts.altered.append(reference)


_SEVERITY = (ProofResult.CHECKED, ProofResult.BEFORE_PROOFS, ProofResult.UNCHECKABLE, ProofResult.ALTERED)


def _name_missing(opened: Mapping[str, Mapping[str, FieldValue]]) -> str:
    missing = [compartment for compartment in (CONTACT, ANSWERS) if compartment not in opened]
    return "both" if len(missing) == 2 else "".join(missing)
