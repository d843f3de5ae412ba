"""Erasing on request: gone from the store, from its files, and for good."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from screener import audit
from screener import clock
from screener.db import connect
from screener.db import reading
from screener.errors import UserError
from screener.follow_up.queries import find_submissions
from screener.follow_up.queries import iterate_submissions
from screener.operations.erasure import erase_by_reference
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions import queries
from screener.submissions.reference import derive_reference
from screener.worker.context import open_job_context
from screener.worker.loop import Worker
from screener.worker.move import move_submissions
from tests.support.submissions import sealed


def posted(settings: Settings) -> str:
    one = sealed(4711)
    inbox.add_submission(connect(settings.inbox, may="write"), one)
    return derive_reference(one.envelope.id)


@pytest.mark.parametrize("moved", [True, False], ids=["in the store", "still in the inbox"])
def test_what_a_person_takes_back_is_erased(any_deployment: Settings, moved: bool) -> None:
    reference = posted(any_deployment)
    if moved:
        Worker(any_deployment).run_once()

    erase_by_reference(any_deployment, reference.lower(), reason="on request", actor="ada")

    with reading(connect(any_deployment.store, may="read")) as connection:
        (tombstone,) = find_submissions(connection, reference)
        assert audit.has_event(connection, action="cli:submission:erased", subject=reference)
    assert (tombstone.contact_box, tombstone.answers_box, tombstone.state) == (None, None, "withdrew")
    assert inbox.fetch_batch(connect(any_deployment.inbox, may="write"), 1) == []


BOXES = (b"contact 4711", b"answers 4711")


def files_with_boxes(settings: Settings) -> set[str]:
    paths = (path for path in settings.data.glob("*.db*") if path.is_file())
    return {path.name for path in paths if any(box in path.read_bytes() for box in BOXES)}


@contextmanager
def in_use(url: str) -> Iterator[None]:
    """While a server holds the database open, as a running deployment does; so no file is cleared by closing it."""
    with connect(url, may="write").connect() as connection:
        connection.execute(sa.text("SELECT 1 FROM sqlite_master")).all()
        connection.rollback()
        yield


@pytest.mark.parametrize("moved", [True, False], ids=["in the store", "still in the inbox"])
def test_the_boxes_are_gone_from_every_file(deployment: Settings, moved: bool) -> None:
    with in_use(deployment.inbox), in_use(deployment.store):
        reference = posted(deployment)
        if moved:
            Worker(deployment).run_once()
        assert files_with_boxes(deployment), "the search finds what is there"

        assert erase_by_reference(deployment, reference, reason="on request", actor="ada")

        assert files_with_boxes(deployment) == set()


def test_while_somebody_reads_it_says_so_and_the_worker_clears_the_files_later(
    deployment: Settings, time_machine: Any
) -> None:
    with in_use(deployment.inbox), in_use(deployment.store):
        reference = posted(deployment)
        worker = Worker(deployment)
        worker.run_once()
        with reading(connect(deployment.store, may="read")) as connection:
            queries.count_submissions(connection)
            assert not erase_by_reference(deployment, reference, reason="on request", actor="ada")
        assert "store.db" in files_with_boxes(deployment)

        time_machine.move_to(clock.now() + timedelta(hours=1, seconds=1))
        worker.run_once()

        assert files_with_boxes(deployment) == set()


def test_a_worker_that_starts_clears_what_the_one_before_left(deployment: Settings) -> None:
    with in_use(deployment.inbox):
        posted(deployment)
        move_submissions(open_job_context(deployment))
        assert "inbox.db-wal" in files_with_boxes(deployment)

        Worker(deployment).run_once()

        assert "inbox.db-wal" not in files_with_boxes(deployment)


@pytest.mark.parametrize(
    ("reference", "reason", "sentence"),
    [
        ("2222-2222-2222-2", "on request", "No submission is called"),
        ("2222-2222-2222-3", "on request", "typing error"),
        ("hello", "on request", "not a reference"),
        ("2222-2222-2222-2", " ", "reason"),
        ("2222-2222-2222-2", "two\nlines", "reason"),
        ("2222-2222-2222-2", "x" * 201, "reason"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(deployment: Settings, reference: str, reason: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        erase_by_reference(deployment, reference, reason=reason, actor="ada")


def test_erasing_twice_says_when_it_was(deployment: Settings) -> None:
    reference = posted(deployment)
    erase_by_reference(deployment, reference, reason="on request", actor="ada")

    with pytest.raises(UserError, match="was erased on 20"):
        erase_by_reference(deployment, reference, reason="on request", actor="ada")


def test_of_two_with_one_reference_none_is_erased(deployment: Settings) -> None:
    one = sealed(1)
    twin = sealed(2, id=b"\x01" + one.envelope.id[1:])
    assert derive_reference(one.envelope.id) != derive_reference(twin.envelope.id), "ends of the id tell them apart"
    span = 23**12
    number = int.from_bytes(one.envelope.id, "big")
    twin = sealed(2, id=((number + span) % 2**256).to_bytes(32, "big"))
    for each in (one, twin):
        inbox.add_submission(connect(deployment.inbox, may="write"), each)

    with pytest.raises(UserError, match="Two submissions"):
        erase_by_reference(deployment, derive_reference(one.envelope.id), reason="on request", actor="ada")

    with reading(connect(deployment.store, may="read")) as connection:
        assert all(kept.contact_box for kept in iterate_submissions(connection))
