"""What the columns are, and how one submission becomes a row of raw answers: verbatim, and nothing derived.

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
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from screener.export.fields import Field
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

#: compartment → what was opened; a compartment that stayed shut is absent.
Opened = Mapping[str, Mapping[str, FieldValue]]


@dataclass(frozen=True)
class Column:
    """A column of answers: one field, or one code of a field that takes several."""

    field: Field
    #: The code that this column is about; None when the column holds the answer itself.
    code: str | None = None

    @property
    def name(self) -> str:
        return self.field.id if self.code is None else f"{self.field.id}___{self.code}"


def columns_of(fields: Iterable[Field]) -> tuple[Column, ...]:
    """The columns of *fields*, in their order."""
    return tuple(column for field in fields for column in _columns(field))


def _columns(field: Field) -> Iterator[Column]:
    if field.takes_several:
        yield from (Column(field, code) for code in field.codes)
    else:
        yield Column(field)


class Table:
    """The columns of one export, and the row that a submission has in them."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.columns = columns_of(fields)
        self.names = (*ENVELOPE, *(column.name for column in self.columns), UNLISTED)
        self._cells = tuple((column.field.compartment, column.field.id, column.code) for column in self.columns)
        self._text: dict[str, set[str]] = {each: set() for each in COMPARTMENTS}
        self._codes: dict[str, dict[str, frozenset[str]]] = {each: {} for each in COMPARTMENTS}
        for field in fields:
            if field.takes_several:
                self._codes[field.compartment][field.id] = frozenset(field.codes)
            else:
                self._text[field.compartment].add(field.id)

    def row(self, kept: StoredSubmission, opened: Opened, *, unreadable: str) -> list[str]:
        """The cells of *kept*, of which *opened* could be read and *unreadable* could not."""
        cells = [*_envelope(kept), unreadable]
        for compartment, field, code in self._cells:
            values = opened.get(compartment)
            cells.append(_cell(values.get(field, ""), code) if values else "")
        cells.append(self._unlisted(opened))
        return cells

    def _unlisted(self, opened: Opened) -> str:
        if all(self._lists(compartment, values) for compartment, values in opened.items()):
            return ""
        left = {
            compartment: {
                field: value for field, value in values.items() if not self._lists(compartment, {field: value})
            }
            for compartment, values in opened.items()
        }
        return json.dumps({each: values for each, values in left.items() if values}, ensure_ascii=False, sort_keys=True)

    def _lists(self, compartment: str, values: Mapping[str, FieldValue]) -> bool:
        """Whether there is a cell for everything in *values*; nothing is always in its place."""
        codes, text = self._codes[compartment], self._text[compartment]
        return all(
            field in text if isinstance(value, str) else codes.get(field, _NO_CODES).issuperset(value)
            for field, value in values.items()
            if value
        )


def _envelope(kept: StoredSubmission) -> tuple[str, ...]:
    envelope = kept.envelope
    return (
        kept.reference,
        str(kept.arrival),
        moment(envelope.received_at),
        envelope.locale,
        envelope.wording_version,
        envelope.source,
        "1" if envelope.suspected_spam else "0",
        kept.state,
    )


def _cell(value: FieldValue, code: str | None) -> str:
    if code is None:
        return value if isinstance(value, str) else ""
    if isinstance(value, str) or not value:
        return ""
    return "1" if code in value else "0"


def moment(at: datetime) -> str:
    """A time as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
