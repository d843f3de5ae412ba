"""``INSERT OR REPLACE`` removes no row where rows are only added, and the migration there and back keeps them all."""

import pytest
import sqlalchemy as sa

from screener import audit
from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.follow_up import service as follow_up
from screener.follow_up.receipt import receive_submission
from screener.follow_up.service import Edit
from screener.follow_up.service import StateChange
from screener.operations import migrate
from screener.settings import Settings
from screener.study.approvals import Approval
from screener.submissions.writes import save_approval
from screener.submissions.writes import save_wording
from tests.migrations.test_migrations import downgraded
from tests.support.submissions import NOON
from tests.support.submissions import sealed

TABLES = (
    "audit_event",
    "submission",
    "follow_up_event",
    "contact_attempt",
    "note",
    "stopped_channel",
    "wording",
    "approval",
)


def fill(settings: Settings) -> sa.Engine:
    """A row in each table."""
    engine = connect(settings.store, may="write")
    one = sealed()
    id_ = one.envelope.id
    with writing(engine) as connection:
        audit.record(connection, actor="ada", action="test:thing:done")
        receive_submission(connection, one, at=NOON)
        change = StateChange("")
        follow_up.log_attempt(
            connection, Edit(id_, 1, "ada", NOON), channel="call", outcome="no_answer", change=change, box=b"note"
        )
        follow_up.stop_channel(connection, Edit(id_, 2, "ada", NOON), "call")
        save_wording(connection, "a" * 64, "en", "nct05870540", "{}", NOON)
        day = NOON.date()
        save_approval(connection, Approval("a" * 64, "en", "IRB", "1", day, day.replace(year=2027), ""))
    return engine


def rows(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as connection:
        found = {table: connection.execute(sa.text(f"SELECT * FROM {table}")) for table in TABLES}
        return {table: [tuple(row) for row in result] for table, result in found.items()}


@pytest.mark.parametrize("table", TABLES)
def test_no_row_can_be_replaced_on_sqlite(deployment: Settings, table: str) -> None:
    engine = fill(deployment)
    before = rows(engine)
    assert before[table]

    with pytest.raises(sa.exc.IntegrityError, match="never replaced"), writing(engine) as connection:
        connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")

    assert rows(engine) == before


def test_a_form_with_the_number_of_another_cannot_push_it_out(deployment: Settings) -> None:
    engine = fill(deployment)

    with pytest.raises(sa.exc.IntegrityError, match="never replaced"), writing(engine) as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE forged AS SELECT * FROM submission")
        connection.exec_driver_sql("UPDATE forged SET id = randomblob(32)")
        connection.exec_driver_sql("INSERT OR REPLACE INTO submission SELECT * FROM forged")


def test_rows_stay_as_they_are_on_the_way_back_and_up_again(any_deployment: Settings) -> None:
    engine = fill(any_deployment)
    before = rows(engine)

    downgraded(migrate.STORE, any_deployment, "store_0011")
    migrate.migrate_all(any_deployment)

    assert rows(engine) == before
    migrate.check_schema(any_deployment)
