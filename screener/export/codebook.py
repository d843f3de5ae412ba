"""The codebook beside an export: what was asked in each column, and what each code means."""

from collections.abc import Iterator

from screener.export.columns import UNLISTED
from screener.export.columns import AnswerColumn
from screener.export.csv_file import CsvWriter

_HEADER = ("column", "question", "code", "label")
_NOTES = (
    ("every column", "A cell that begins with an apostrophe (') got it so that no spreadsheet runs it as a formula."),
    ("every column", "Take one apostrophe off its front to have exactly what was typed, also of a telephone number."),
    ("every column", "An empty cell is a question that was left blank, or was not asked in that wording."),
    ("every column", "Codes and words are as people sent them. No column is a decision about who may take part."),
    ("names with ___", "One column for each box to tick: 1 ticked, 0 not ticked, empty when no box was ticked at all."),
)
_UNREADABLE = "Which part could not be opened, or is not what was sent; its cells are empty."
_ENVELOPE_ROWS = (
    ("reference", "The short code that the person was given.", "", ""),
    ("arrival", "The running number of the submission, which is the order of the rows.", "", ""),
    ("received_at", "When the form was sent (UTC).", "", ""),
    ("locale", "The language of the form.", "", ""),
    ("wording_version", "Which words the person saw, exactly; the store keeps them.", "", ""),
    ("source", "The way by which the submission came.", "", ""),
    ("suspected_spam", "Whether it was sent the way programs send. A person has to look.", "1", "Yes"),
    ("suspected_spam", "Whether it was sent the way programs send. A person has to look.", "0", "No"),
    ("state", "Where the follow-up stands.", "", ""),
    ("unreadable", _UNREADABLE, "contact", "How to reach the person"),
    ("unreadable", _UNREADABLE, "answers", "The answers"),
    ("unreadable", _UNREADABLE, "both", "Both parts"),
)
_TICK = {"1": "Ticked", "0": "Not ticked"}


def write_codebook(columns: tuple[AnswerColumn, ...], writer: CsvWriter) -> None:
    """Write the meaning of every column, *columns* included."""
    writer.write_row(_HEADER)
    for column, meaning in _NOTES:
        writer.write_row((column, meaning, "", ""))
    for row in _ENVELOPE_ROWS:
        writer.write_row(row)
    for each in columns:
        for code, label in _list_codes(each):
            writer.write_row((each.name, each.field.label, code, label))
    writer.write_row(
        (UNLISTED, "Answers to questions that no wording in the store lists, as they were sent (JSON).", "", "")
    )


def _list_codes(column: AnswerColumn) -> Iterator[tuple[str, str]]:
    """Yield code and label of what a cell may hold; a question with an open answer has one row without a code."""
    field = column.field
    if column.code is not None:
        yield "1", field.options.get(column.code, column.code)
        return
    codes = field.codes or ((*_TICK,) if field.kind == "tick" else ("",))
    for code in codes:
        yield code, field.options.get(code, _TICK.get(code, "") if field.kind == "tick" else "")
