"""A page costs the same number of statements in an empty store and in a full one, and walks along an index."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from screener import clock
from screener.db import reading
from screener.desk import queue
from tests.support.desk_app import DeskApp
from tests.support.desk_client import DeskUser


@contextmanager
def counted(house: DeskApp) -> Iterator[list[str]]:
    """The statements that the desk sends to the store meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    sa.event.listen(house.room.store, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(house.room.store, "before_cursor_execute", note)


def statements(house: DeskApp, ada: DeskUser, address: str) -> int:
    with counted(house) as sent:
        assert ada.opens(address).status == 200
    return len(sent)


@pytest.mark.parametrize("show", queue.LISTS)
def test_a_list_costs_the_same_whatever_its_length(house: DeskApp, ada: DeskUser, show: str) -> None:
    empty = statements(house, ada, f"/queue?show={show}")
    for _ in range(20):
        house.receives()

    assert statements(house, ada, f"/queue?show={show}") == empty <= 7


@pytest.mark.slow
def test_a_record_costs_the_same_whatever_happened_to_it(house: DeskApp, ada: DeskUser) -> None:
    reference = house.receives()
    ada.record(reference)
    fresh = statements(house, ada, f"/record/{reference}")

    for number in range(5):
        ada.does(reference, "attempt", happened="call:no_answer", note=f"try {number}")
        ada.does(reference, "stop", channel="text")

    assert statements(house, ada, f"/record/{reference}") == fresh <= 13


@pytest.mark.parametrize("show", queue.LISTS)
def test_a_list_is_read_in_the_order_of_its_index(house: DeskApp, show: str) -> None:
    with reading(house.room.store) as connection:
        for scan in queue._scans_of(show, "a" * 32, clock.now()):
            query = queue._select(scan, None).limit(queue.ROWS_PER_PAGE)
            said = query.compile(house.room.store, compile_kwargs={"render_postcompile": True})
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", tuple(said.params.values())).all()
            steps = [row[-1] for row in plan]
            assert not any("TEMP B-TREE" in step for step in steps), steps
            assert any("follow_up" in step and "USING INDEX" in step for step in steps), steps
