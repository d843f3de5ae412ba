"""The bytes of the file, and the rows found in them again."""

import csv
import hashlib
import io
import time

from hypothesis import given
from hypothesis import strategies as st

from screener.export.csv_file import CsvWriter
from screener.export.csv_file import digest_row
from screener.export.csv_file import split_csv_rows
from screener.export.formula_guard import unescape_formula

CELLS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(['"', '"\r\n"', "\r", "a\nb", "=1", "'"])
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1))


def written(table: list[list[str]]) -> tuple[bytes, CsvWriter]:
    file = io.BytesIO()
    writer = CsvWriter(file)
    for row in table:
        writer.write_row(row)
    return file.getvalue(), writer


def test_the_file_has_a_mark_quotes_around_every_cell_and_crlf() -> None:
    data, _ = written([["name", "phone"], ['Ada "A" Example', "+1 415 555 0100"], ["", "é"]])

    assert data == (
        b"\xef\xbb\xbf"
        b'"name","phone"\r\n'
        b'"Ada ""A"" Example","\'+1 415 555 0100"\r\n'
        b'"","\xc3\xa9"\r\n'
    )  # fmt: skip


@given(TABLES)
def test_a_csv_reader_and_one_apostrophe_less_give_every_value_back(table: list[list[str]]) -> None:
    data, _ = written(table)

    read = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))

    assert [[unescape_formula(cell) for cell in row] for row in read] == table


@given(TABLES)
def test_the_rows_that_are_found_are_the_rows_that_were_written(table: list[list[str]]) -> None:
    data, writer = written(table)

    found = list(split_csv_rows(io.BytesIO(data)))

    assert b"".join(found) == data
    assert len(found) == writer.rows == len(table)
    assert b"".join(digest_row(row) for row in found) == writer.digests
    assert writer.size == len(data)
    assert writer.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_without_line_ends_is_read_in_pieces() -> None:
    pieces = list(split_csv_rows(io.BytesIO(b"x" * (3 << 20))))

    assert max(map(len, pieces)) <= 1 << 20


def test_a_million_line_ends_inside_a_quote_are_read_in_one_go() -> None:
    data = b'"' + b"\n" * 900_000
    began = time.process_time()

    found = list(split_csv_rows(io.BytesIO(data)))

    assert b"".join(found) == data
    assert time.process_time() - began < 2
