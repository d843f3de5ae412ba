"""The columns of an export, and the row that a submission has in them: answers verbatim, and nothing derived.

First comes what every submission has (envelope and state), then the contact fields, then the answers in the order
of the form. A question that takes several answers has one column for each code, named ``id___code``, "not sure"
and "rather talk" included: ``1`` ticked, ``0`` not ticked. If nothing was ticked at all, every one of these cells
is empty, as the cell of any other question that was left blank: a row of empty boxes is no answer, and must not
read as "none of these". What was sent can be read back exactly; whether a blank question was asked at all, the
column ``wording_version`` says.

The last column, ``unlisted``, is empty unless a submission holds an answer that no known wording has a column for
(its wording never reached the store); then it holds that answer, as JSON. Nothing that was sent is dropped.
"""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from screener.export.fields import ExportField
from screener.follow_up.queries import StoredSubmission
from screener.sealing.seal import COMPARTMENTS
from screener.submissions.payload import FieldValue

#: Columns that every submission has.
ENVELOPE = (
    "reference",
    "arrival",
    "received_at",
    "locale",
    "wording_version",
    "source",
    "suspected_spam",
    "state",
    "unreadable",
)
UNLISTED = "unlisted"
_NO_CODES: frozenset[str] = frozenset()

#: Compartment → its values; a compartment whose box did not open is absent.
OpenedBoxes = Mapping[str, Mapping[str, FieldValue]]


@dataclass(frozen=True)
class AnswerColumn:
    """A column of answers: one field, or one code of a field that takes several."""

    field: ExportField
    #: The code that this column is about; None when the column holds the answer itself.
    code: str | None = None

    @property
    def name(self) -> str:
        return self.field.id if self.code is None else f"{self.field.id}___{self.code}"


def _list_columns(field: ExportField) -> Iterator[AnswerColumn]:
    if field.takes_several:
        yield from (AnswerColumn(field, code) for code in field.codes)
    else:
        yield AnswerColumn(field)


class RowLayout:
    """The columns of one export, and the cells of a submission in them."""

    def __init__(self, fields: tuple[ExportField, ...]) -> None:
        self.columns = tuple(column for field in fields for column in _list_columns(field))
        self.names = (*ENVELOPE, *(column.name for column in self.columns), UNLISTED)
        self._cells = tuple((column.field.compartment, column.field.id, column.code) for column in self.columns)
        self._text_fields: dict[str, set[str]] = {each: set() for each in COMPARTMENTS}
        self._codes: dict[str, dict[str, frozenset[str]]] = {each: {} for each in COMPARTMENTS}
        for field in fields:
            if field.takes_several:
                self._codes[field.compartment][field.id] = frozenset(field.codes)
            else:
                self._text_fields[field.compartment].add(field.id)

    def list_cells(self, kept: StoredSubmission, opened: OpenedBoxes, *, unreadable: str) -> list[str]:
        """Return the cells of *kept*, whose *opened* compartments could be read and *unreadable* could not."""
        cells = [*_list_envelope_cells(kept), unreadable]
        for compartment, field, code in self._cells:
            values = opened.get(compartment)
            cells.append(_format_cell(values.get(field, ""), code) if values else "")
        cells.append(self._dump_unlisted(opened))
        return cells

    def _dump_unlisted(self, opened: OpenedBoxes) -> str:
        if all(self._has_columns(compartment, values) for compartment, values in opened.items()):
            return ""
        left = {
            compartment: {
                field: value for field, value in values.items() if not self._has_columns(compartment, {field: value})
            }
            for compartment, values in opened.items()
        }
        return json.dumps({each: values for each, values in left.items() if values}, ensure_ascii=False, sort_keys=True)

    def _has_columns(self, compartment: str, values: Mapping[str, FieldValue]) -> bool:
        """Return whether every answer in *values* has a column; a blank one needs none."""
        codes, text = self._codes[compartment], self._text_fields[compartment]
        return all(
            field in text if isinstance(value, str) else codes.get(field, _NO_CODES).issuperset(value)
            for field, value in values.items()
            if value
        )


def _list_envelope_cells(kept: StoredSubmission) -> tuple[str, ...]:
    envelope = kept.envelope
    return (
        kept.reference,
        str(kept.arrival),
        format_utc(envelope.received_at),
        envelope.locale,
        envelope.wording_version,
        envelope.source,
        "1" if envelope.suspected_spam else "0",
        kept.state,
    )


def _format_cell(value: FieldValue, code: str | None) -> str:
    if code is None:
        return value if isinstance(value, str) else ""
    if isinstance(value, str) or not value:
        return ""
    return "1" if code in value else "0"


def format_utc(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
