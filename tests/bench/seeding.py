"""Stores full of invented people, each sealed as the public process seals, fast enough to make a hundred thousand."""

import hashlib
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from screener.db import connect
from screener.db import writing
from screener.follow_up.models import FollowUp
from screener.operations.migrate import migrate_all
from screener.sealing.keys import KeyFolders
from screener.sealing.keys import create_keys
from screener.sealing.seal import load_public_keys
from screener.sealing.seal import seal_answers
from screener.sealing.seal import seal_contact
from screener.settings import Settings
from screener.submissions.models import Submission
from screener.submissions.payload import pack_values
from screener.submissions.reference import derive_reference
from tests.bench.people import invented

BEGAN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
BLOCK = 500


def seed(settings: Settings, rows: int, *, step: Callable[[int], object] = lambda count: None) -> None:
    """Make the deployment of *settings*, with *rows* submissions in its store."""
    create_keys(KeyFolders(settings.public_keys, settings.private_keys, settings.form_keys), passphrase=None)
    migrate_all(settings)
    store = connect(settings.store, may="write")
    for block in _blocks(settings, rows):
        with writing(store) as connection:
            connection.execute(sa.insert(Submission), block)
            connection.execute(sa.insert(FollowUp), [_follow_up(submission) for submission in block])
        step(len(block))
    store.dispose()


def _blocks(settings: Settings, rows: int) -> Iterator[list[dict[str, Any]]]:
    starts = range(1, rows + 1, BLOCK)
    ends = [min(start + BLOCK, rows + 1) for start in starts]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_sealed, [settings.public_keys] * len(ends), starts, ends)


def _sealed(public_keys: Path, start: int, end: int) -> list[dict[str, Any]]:
    keys = load_public_keys(public_keys)
    return [_submission(number, keys) for number in range(start, end)]


def _submission(number: int, keys: Any) -> dict[str, Any]:
    id_ = hashlib.sha256(f"invented {number}".encode()).digest()
    at = BEGAN + timedelta(seconds=number)
    bound: Any = {"study": "nct05870540", "submission": id_}
    contact, answers = invented(number)
    return {
        "id": id_,
        "reference": derive_reference(id_),
        "arrival": number,
        "received_at": at,
        "moved_at": at,
        "wording_version": "a" * 64,
        "locale": "en",
        "source": "direct",
        "call_language": "en",
        "suspected_spam": False,
        "contact_box": seal_contact(pack_values(contact), keys, **bound),
        "answers_box": seal_answers(pack_values(answers), keys, **bound),
        "erased_at": None,
    }


def _follow_up(submission: dict[str, Any]) -> dict[str, Any]:
    return {
        "submission_id": submission["id"],
        "arrival": submission["arrival"],
        "state": "new",
        "changed_at": submission["moved_at"],
        "version": 1,
    }
