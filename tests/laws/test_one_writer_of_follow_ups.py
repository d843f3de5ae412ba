"""A follow-up is written in one place: statements that change its tables are built there and nowhere else.

That its version is one more than the number of its events is asked after every test that had a deployment
(``tests.support.one_writer``), whatever was done there.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from screener.db import connect
from screener.db import writing
from screener.follow_up import models
from screener.follow_up.receipt import receive_submission
from screener.settings import ROOT
from screener.settings import Settings
from tests.support.one_writer import broken_versions
from tests.support.submissions import NOON
from tests.support.submissions import sealed

#: Each table's class, and where statements that change it may be built.
WRITERS = {
    "FollowUp": {"follow_up/service.py"},
    "FollowUpEvent": {"follow_up/service.py"},
    "ContactAttempt": {"follow_up/service.py"},
    "ClosingProposal": {"follow_up/not_real.py"},
    "StoppedChannel": {"follow_up/service.py"},
    "Note": {"follow_up/service.py", "follow_up/notes.py"},
}
NAMES = {name: getattr(models, name).__tablename__ for name in WRITERS}
CHANGES = {"insert", "update", "delete", "add", "add_all", "merge", "bulk_insert_mappings"}
SQL = re.compile(rf"\b(?:insert\s+into|update|delete\s+from)\s+({'|'.join(NAMES.values())})\b", re.IGNORECASE)


def changes(source: str) -> Iterator[tuple[int, str]]:
    """Line and class of each statement in *source* that changes a table of follow-ups."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called(node.func) in CHANGES:
            touched = [node.func, *node.args[:1]]
            names = {each.id for part in touched for each in ast.walk(part) if isinstance(each, ast.Name)}
            names |= {each.attr for part in touched for each in ast.walk(part) if isinstance(each, ast.Attribute)}
            yield from ((node.lineno, name) for name in sorted(names & set(NAMES)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            written = {found.lower() for found in SQL.findall(node.value)}
            yield from ((node.lineno, name) for name, table in NAMES.items() if table in written)


def called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_the_tables_of_follow_ups_are_written_in_one_place() -> None:
    sources = ROOT / "screener"
    offenders = [
        f"{place}:{line} writes {name}"
        for path in sorted(sources.rglob("*.py"))
        for place in [path.relative_to(sources).as_posix()]
        for line, name in changes(path.read_text(encoding="utf-8"))
        if place not in WRITERS[name]
    ]

    assert not offenders


@pytest.mark.parametrize(
    "fault",
    [
        "sa.update(FollowUp).where(mine).values(version=2)",
        "sa.insert(models.FollowUpEvent)",
        "FollowUp.__table__.update()",
        "session.add(FollowUp(state='new'))",
        "sa.text('UPDATE follow_up SET version = version + 1')",
        "connection.exec_driver_sql('delete from note')",
    ],
)
def test_a_second_writer_is_found(fault: str) -> None:
    assert list(changes(fault))


def test_readers_are_no_writers() -> None:
    assert not list(changes("sa.select(FollowUp.state).with_for_update()\nsa.insert(Account)\nseen.add(1)"))
    assert list(changes(Path(ROOT, "screener/follow_up/service.py").read_text(encoding="utf-8")))


def test_a_version_without_its_event_is_found(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    with writing(store) as connection:
        receive_submission(connection, sealed(), at=NOON)
        connection.execute(sa.update(models.FollowUp).values(version=2))

    assert broken_versions(any_deployment) == ["arrival 1: version 2, 0 events, last None"]

    with writing(store) as connection:
        connection.execute(sa.update(models.FollowUp).values(version=1))
