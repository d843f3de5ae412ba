"""Migrations: the models are what they make, both ways, with data, on both databases."""

import subprocess
import sys
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from screener import audit
from screener.board import board
from screener.db import UtcDateTime
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.errors import UserError
from screener.follow_up import service as follow_up
from screener.follow_up.erasure import erase_on_request
from screener.follow_up.models import FollowUpEvent
from screener.follow_up.receipt import receive_submission
from screener.follow_up.service import Edit
from screener.follow_up.service import StateChange
from screener.mail.kinds import parse_message
from screener.mail.models import QueuedMessage
from screener.operations import migrate
from screener.operations.migrate import Database
from screener.settings import Settings
from screener.submissions import inbox
from screener.submissions.models import Submission
from tests.support.one_writer import broken_versions
from tests.support.submissions import NOON
from tests.support.submissions import sealed

ROOMS = pytest.mark.parametrize("room", migrate.DATABASES, ids=[room.name for room in migrate.DATABASES])


def downgraded(room: Database, settings: Settings, revision: str) -> None:
    with connect(migrate.database_url(room, settings), may="write").connect() as connection:
        command.downgrade(migrate.alembic_config(room, connection), revision)
        connection.commit()


def upgraded(room: Database, settings: Settings, revision: str) -> None:
    with connect(migrate.database_url(room, settings), may="write").connect() as connection:
        command.upgrade(migrate.alembic_config(room, connection), revision)
        connection.commit()


def tables_of(room: Database, settings: Settings) -> set[str]:
    names = sa.inspect(connect(migrate.database_url(room, settings), may="write")).get_table_names()
    return set(names) & set(room.metadata.tables)


@ROOMS
def test_models_equal_migrations(any_deployment: Settings, room: Database) -> None:
    ours = set(room.metadata.tables)
    options = {
        "version_table": room.version_table,
        "compare_type": True,
        "include_name": lambda name, kind, parents: kind != "table" or name in ours,
    }
    with connect(migrate.database_url(room, any_deployment), may="write").connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), room.metadata)

    assert differences == []


@ROOMS
def test_the_constraints_of_the_models_are_in_the_database_by_name(any_deployment: Settings, room: Database) -> None:
    inspector = sa.inspect(connect(migrate.database_url(room, any_deployment), may="write"))

    for table in room.metadata.sorted_tables:
        meant = {check.name for check in table.constraints if isinstance(check, sa.CheckConstraint) and check.name}
        there = {check["name"] for check in inspector.get_check_constraints(table.name)}
        assert {str(name) for name in meant} == there


@ROOMS
def test_down_and_up_again_with_data(any_deployment: Settings, room: Database) -> None:
    with writing(connect(any_deployment.inbox, may="write")) as connection:
        connection.execute(sa.insert(inbox.INBOX).values(inbox.to_row(sealed())))
    with writing(connect(any_deployment.store, may="write")) as connection:
        receive_submission(connection, sealed(), at=NOON)
        audit.record(connection, actor="ada", action="test:thing:done")

    downgraded(room, any_deployment, "base")
    assert tables_of(room, any_deployment) == set()
    with pytest.raises(UserError, match="screener migrate"):
        migrate.check_schema(any_deployment, room)
    migrate.migrate_all(any_deployment)

    assert tables_of(room, any_deployment) == set(room.metadata.tables)
    migrate.check_schema(any_deployment)


def test_migrating_again_changes_nothing(any_deployment: Settings) -> None:
    assert migrate.migrate_all(any_deployment) == ["inbox: up to date", "board: up to date", "store: up to date"]


def test_migrating_at_once_is_safe(any_empty_deployment: Settings) -> None:
    facts = {
        "SCREENER_DATA": str(any_empty_deployment.data),
        "SCREENER_INBOX_URL": any_empty_deployment.inbox_url,
        "SCREENER_BOARD_URL": any_empty_deployment.board_url,
        "SCREENER_DATABASE_URL": any_empty_deployment.database_url,
    }
    command_line: list[str | Path] = [Path(sys.executable).with_name("screener"), "migrate"]
    runs = [subprocess.Popen(command_line, env=facts, stderr=subprocess.PIPE, text=True) for _ in range(3)]

    for run in runs:
        _, said = run.communicate(timeout=300)
        assert (run.returncode, said) == (0, "")
    migrate.check_schema(any_empty_deployment)


def test_a_folder_that_cannot_be_written_gets_a_sentence(deployment: Settings) -> None:
    blocked = deployment.data / "a file, no folder"
    blocked.write_text("")

    with pytest.raises(UserError, match="SCREENER_DATA"):
        migrate.migrate_all(deployment.model_copy(update={"data": blocked / "data"}))


def test_a_server_that_is_not_there_gets_a_sentence(deployment: Settings) -> None:
    url = "postgresql://nobody@127.0.0.1:9/nothing"

    with pytest.raises(UserError, match="cannot be opened"):
        migrate.migrate_all(deployment.model_copy(update={"inbox_url": url}))


def test_new_files_are_their_group_s_and_closed_to_others_but_the_board_to_read(deployment: Settings) -> None:
    for url in (deployment.inbox, deployment.board, deployment.store):
        with writing(connect(url, may="write")):
            pass

    modes = {path.name: path.stat().st_mode & 0o777 for path in deployment.data.glob("*.db*")}
    for name in ("inbox.db", "inbox.db.lock", "store.db", "store.db.lock"):
        assert modes[name] == 0o660, name
    assert (modes["board.db"], modes["board.db.lock"]) == (0o664, 0o660)


def test_follow_ups_that_are_there_get_their_place_in_the_lists(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    states = ("new", "trying_to_reach", "handed_over", "not_interested", "new")
    kept = [sealed(number) for number in range(len(states))]
    with writing(store) as connection:
        for one, state in zip(kept, states, strict=True):
            receive_submission(connection, one, at=NOON)
            connection.execute(
                sa.text("UPDATE follow_up SET state = :state WHERE submission_id = :id"),
                {"state": state, "id": one.envelope.id},
            )
        erase_on_request(connection, Edit(kept[4].envelope.id, 1, "cli", NOON))
        connection.execute(sa.text("UPDATE follow_up SET state = 'new' WHERE state = 'withdrew'"))

    downgraded(migrate.STORE, any_deployment, "store_0003")
    migrate.migrate_all(any_deployment)

    with writing(store) as connection:
        query = "SELECT arrival, attempts, ended_at IS NOT NULL AS ended FROM follow_up ORDER BY arrival"
        found = [(row.arrival, row.attempts, bool(row.ended)) for row in connection.execute(sa.text(query))]
    assert found == [(1, 0, False), (2, 0, False), (3, 0, True), (4, 0, True), (5, 0, True)]


#: What the release before wrote when it erased: at the command line, and by age.
ERASED_BEFORE = {
    "cli": "UPDATE follow_up SET state = 'withdrew', assignee = NULL, next_action_at = NULL, version = version + 1 "
    "WHERE arrival IN (1, 2)",
    "worker": "UPDATE follow_up SET assignee = NULL, next_action_at = NULL, version = version + 1 WHERE arrival = 3",
}


def test_erasures_of_the_release_before_get_the_event_that_they_lacked(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    sent = [sealed(number) for number in range(5)]
    with writing(store) as connection:
        for one in sent:
            receive_submission(connection, one, at=NOON)
        for one in sent[1:4]:
            follow_up.assign(connection, Edit(one.envelope.id, 1, "ada", NOON), "grace")
        follow_up.change_state(
            connection, Edit(sent[2].envelope.id, 2, "grace", NOON), StateChange("trying_to_reach", NOON)
        )
        erase_on_request(connection, Edit(sent[3].envelope.id, 2, "ada", NOON))
    downgraded(migrate.STORE, any_deployment, "store_0006")
    later = NOON + timedelta(days=1)
    with writing(store) as connection:
        for statement in ERASED_BEFORE.values():
            connection.execute(sa.text(statement))
        gone = {"contact_box": None, "answers_box": None, "erased_at": later}
        connection.execute(sa.update(Submission).where(Submission.arrival.in_([1, 2, 3])).values(gone))
    assert len(broken_versions(any_deployment)) == 3

    migrate.migrate_all(any_deployment)
    added = events_of_erasures(store)
    downgraded(migrate.STORE, any_deployment, "store_0006")
    migrate.migrate_all(any_deployment)

    assert broken_versions(any_deployment) == []
    assert added == events_of_erasures(store)
    assert added == [
        (1, 2, later, "cli", "new", "withdrew", None, None),
        (2, 3, later, "cli", "assigned", "withdrew", "grace", None),
        (3, 4, later, "worker", "trying_to_reach", "trying_to_reach", "grace", NOON),
        (4, 3, NOON, "ada", "assigned", "withdrew", "grace", None),
    ]


def events_of_erasures(store: sa.Engine) -> list[tuple[object, ...]]:
    event = FollowUpEvent
    told = (event.version, event.at, event.by, event.from_state, event.to_state)
    query = sa.select(Submission.arrival, *told, event.from_assignee, event.from_next_action_at)
    query = query.join(event, event.submission_id == Submission.id).where(
        event.kind == "erased", event.to_assignee.is_(None), event.to_next_action_at.is_(None)
    )
    with reading(store) as connection:
        return [tuple(row) for row in connection.execute(query.order_by(Submission.arrival))]


def test_letters_that_are_there_are_about_forms_and_warnings_go_on_the_way_back(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    letter = "INSERT INTO letter (id, account_id, reference, number, owed_at, due_at, attempts, fault{more}) VALUES "
    values = "('{id}', 'ada', '{reference}', 1, '2026-11-23T12:00:00.000000+00:00', '2026-11-23T12:00:00+00:00', 0, ''"
    downgraded(migrate.STORE, any_deployment, "store_0005")
    with writing(store) as connection:
        connection.execute(sa.text(f"{letter.format(more='')}{values.format(id='old', reference='ABCD')})"))

    upgraded(migrate.STORE, any_deployment, "store_0006")
    with writing(store) as connection:
        warning = letter.format(more=", kind, locale, wording_version, last_day, days")
        warning += f"{values.format(id='new', reference='')}, 'approval_ends', 'es', 'abc', '2027-10-31', 14)"
        connection.execute(sa.text(warning))
        kinds = connection.execute(sa.text("SELECT id, kind, days FROM letter ORDER BY id")).all()
    downgraded(migrate.STORE, any_deployment, "store_0005")
    with writing(store) as connection:
        left = connection.execute(sa.text("SELECT * FROM letter")).mappings().all()

    assert [tuple(row) for row in kinds] == [("new", "approval_ends", 14), ("old", "arrived", None)]
    assert [(row["id"], row["reference"]) for row in left] == [("old", "ABCD")]
    assert "kind" not in left[0]
    migrate.migrate_all(any_deployment)
    migrate.check_schema(any_deployment)


LETTER_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: One of each: waiting, sent, given up, leased, several forms in one, and a warning that was sent.
LETTERS: dict[str, dict[str, object]] = {
    "waiting": {"reference": "2222-2222-2222-2"},
    "sent": {"reference": "3333-3333-3333-3", "attempts": 1, "sent_at": LETTER_AT + timedelta(minutes=1)},
    "dead": {"attempts": 9, "dead_at": LETTER_AT + timedelta(days=1), "fault": "SMTPRecipientsRefused", "number": 2},
    "leased": {"attempts": 1, "leased_until": LETTER_AT + timedelta(minutes=3)},
    "several": {"number": 7, "due_at": LETTER_AT + timedelta(minutes=10)},
    "warning": {
        "kind": "approval_ends",
        "attempts": 1,
        "sent_at": LETTER_AT,
        "locale": "zh-Hant",
        "wording_version": "a" * 64,
        "last_day": date(2027, 10, 31),
        "days": 14,
    },
}


def letters_in(connection: sa.Connection) -> dict[str, dict[str, object]]:
    """The table of letters as release 1 reads it, by id."""
    table = sa.Table("letter", sa.MetaData(), autoload_with=connection)
    for name in ("owed_at", "due_at", "leased_until", "sent_at", "dead_at"):
        table.c[name].type = UtcDateTime()
    return {row["id"]: dict(row) for row in connection.execute(sa.select(table)).mappings()}


def put_letters(connection: sa.Connection) -> None:
    table = sa.Table("letter", sa.MetaData(), autoload_with=connection)
    for name in ("owed_at", "due_at", "leased_until", "sent_at", "dead_at"):
        table.c[name].type = UtcDateTime()
    for name, facts in LETTERS.items():
        row = {"id": name, "account_id": "ada", "reference": "", "number": 1, "attempts": 0, "fault": ""}
        connection.execute(sa.insert(table).values({**row, "owed_at": LETTER_AT, "due_at": LETTER_AT, **facts}))


def test_letters_become_messages_and_letters_again(any_deployment: Settings) -> None:
    store = connect(any_deployment.store, may="write")
    downgraded(migrate.STORE, any_deployment, "store_0006")
    with writing(store) as connection:
        put_letters(connection)
        before = letters_in(connection)

    migrate.migrate_all(any_deployment)
    with writing(store) as connection:
        messages = {row.id: row for row in connection.execute(sa.select(QueuedMessage.__table__))}
        later = {"id": "later", "kind": "digest", "account_id": "ada", "facts": {}, "fault": "", "attempts": 0}
        moments = {"created_at": LETTER_AT, "due_at": LETTER_AT}
        connection.execute(sa.insert(QueuedMessage).values({**later, **moments}))
    downgraded(migrate.STORE, any_deployment, "store_0006")
    with writing(store) as connection:
        after = letters_in(connection)

    assert {name: row.facts for name, row in messages.items()} == {
        "waiting": {"number": 1, "reference": "2222-2222-2222-2"},
        "sent": {"number": 1, "reference": "3333-3333-3333-3"},
        "dead": {"number": 2, "reference": ""},
        "leased": {"number": 1, "reference": ""},
        "several": {"number": 7, "reference": ""},
        "warning": {"locale": "zh-Hant", "wording_version": "a" * 64, "last_day": "2027-10-31", "days": 14},
    }
    assert {name: parse_message(row.kind, row.facts).dedupe_key("ada") for name, row in messages.items()} == {
        name: row.dedupe_key for name, row in messages.items()
    }
    assert messages["warning"].dedupe_key
    assert (messages["dead"].given_up_at, messages["dead"].fault) == (
        before["dead"]["dead_at"],
        "SMTPRecipientsRefused",
    )
    assert (messages["leased"].leased_until, messages["leased"].attempts) == (before["leased"]["leased_until"], 1)
    assert messages["sent"].sent_at == before["sent"]["sent_at"]
    assert messages["several"].due_at == before["several"]["due_at"]
    assert {row.created_at for row in messages.values()} == {LETTER_AT}
    assert after == before
    migrate.migrate_all(any_deployment)
    migrate.check_schema(any_deployment)


def test_a_status_that_is_there_was_checked_when_it_was_set(any_deployment: Settings) -> None:
    board_of = connect(any_deployment.board, may="write")
    with writing(board_of) as connection:
        board.set_intake_status(connection, "paused", "holiday", NOON)
        board.set_intake_status(connection, "paused", "holiday", NOON + timedelta(days=1))

    downgraded(migrate.BOARD, any_deployment, "board_0002")
    migrate.migrate_all(any_deployment)

    view = board.read_board(board_of)
    assert (view.intake_status, view.status_since, view.checked_at) == ("paused", NOON, NOON)
    with pytest.raises(sa.exc.IntegrityError), writing(board_of) as connection:
        connection.execute(sa.text("UPDATE intake_status SET checked_at = NULL"))
    with pytest.raises(sa.exc.IntegrityError), writing(board_of) as connection:
        connection.execute(sa.text("UPDATE intake_status SET status = 'maybe'"))
