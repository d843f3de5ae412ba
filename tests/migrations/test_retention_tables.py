"""The tables of retention, up and down with data; a store of the release before announces what is overdue first."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import command

from screener import clock
from screener.db import connect
from screener.db import writing
from screener.operations import migrate
from screener.retention.models import StopKind
from screener.retention.stops import raise_stop
from screener.settings import Settings
from tests.support.retention import kept_references
from tests.support.retention import list_messages
from tests.support.retention import list_stops
from tests.support.retention import receive_forms
from tests.support.retention import start_worker

BEFORE = "store_0010"


def test_the_tables_go_down_and_up_with_data_and_overdue_forms_are_announced_first(any_deployment: Settings) -> None:
    references = receive_forms(any_deployment, 3, changed_at=clock.now() - timedelta(days=400))
    start_worker(any_deployment).run_once()
    with writing(connect(any_deployment.store, may="write")) as connection:
        raise_stop(connection, StopKind.CLOCK_BACK, source="worker", actor="worker", at=clock.now())
        assert connection.scalar(sa.text("SELECT count(*) FROM erasure_announcement")) == 3

    with connect(any_deployment.store, may="write").connect() as connection:
        command.downgrade(migrate.alembic_config(migrate.STORE, connection), BEFORE)
        connection.commit()
    migrate.migrate_all(any_deployment)
    start_worker(any_deployment).run_once()

    assert (kept_references(any_deployment), list_stops(any_deployment)) == (references, [])
    with writing(connect(any_deployment.store, may="write")) as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM erasure_announcement")) == 3
    assert list_messages(any_deployment, "erasures_announced") == []
