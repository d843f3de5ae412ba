"""Rows of a table as JSON lines, the same on SQLite and PostgreSQL, in both directions.

Rows are loaded into the tables of the archive's own revision, which are reflected: the migrations then bring them to
today's form, as they do for a store that was never archived.
"""

import json
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from screener.db import UtcDateTime
from screener.operations.migrate import Database

#: Rows in memory at a time.
BATCH = 200
#: Hears the number of rows, or bytes, that are done.
Step = Callable[[int], object]


class RowCounter:
    """Counts rows, and reports each batch to *step*."""

    def __init__(self, step: Step) -> None:
        self.rows = 0
        self._step = step

    def __call__(self, number: int) -> None:
        self.rows += number
        self._step(number)


def encode_rows(connection: sa.Connection, table: sa.Table, counter: Callable[[int], object]) -> Iterator[bytes]:
    """Every row of *table* as one JSON line, in the order of arrival where there is one."""
    order = [table.c.arrival] if "arrival" in table.c else list(table.primary_key)
    query = sa.select(table).order_by(*order)
    with closing(connection.execute(query, execution_options={"yield_per": BATCH})) as found:
        for batch in found.mappings().partitions():
            for row in batch:
                fields = {name: _to_json_value(value) for name, value in row.items()}
                yield json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            counter(len(batch))


def reflect_tables(connection: sa.Connection, database: Database, names: Iterable[str]) -> list[sa.Table]:
    """The tables *names* as they are in *connection*, parents first; a column that today's model knows has its type.

    SQLite keeps a time as text, so its type cannot be reflected. Raises *KeyError* for a table that is not there.
    """
    metadata, wanted = sa.MetaData(), set(names)
    there = set(sa.inspect(connection).get_table_names())
    if wanted - there:
        raise KeyError(*sorted(wanted - there))
    metadata.reflect(connection, only=sorted(wanted))
    for table in metadata.tables.values():
        model = database.metadata.tables.get(table.name)
        for column in table.columns:
            if model is not None and column.name in model.c:
                column.type = model.c[column.name].type
    return [table for table in metadata.sorted_tables if table.name in wanted]


def decode_rows(lines: Iterable[bytes], table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    """The rows in *lines*, a batch at a time. Raises *KeyError*, *ValueError* or *TypeError* for what is no row."""
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append({column: _from_json_value(table.c[column], value) for column, value in json.loads(line).items()})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _to_json_value(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _from_json_value(column: sa.Column[Any], value: Any) -> Any:
    """What JSON made of a value, as the column takes it."""
    if value is None:
        return None
    if isinstance(column.type, sa.LargeBinary):
        return b64decode(value)
    if isinstance(column.type, UtcDateTime | sa.DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) else value
