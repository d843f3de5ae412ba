"""Migrations of the tables of accounts, with data, on both databases."""

import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.db import writing
from screener.operations import migrate
from screener.settings import Settings
from tests.migrations.test_migrations import downgraded

ACCOUNT = (
    "INSERT INTO account (id, name, email, role_names, languages, active, created_at, fs_uniquifier, failures) "
    "VALUES ('ada', 'Ada Example', 'ada@example.org', 'administrator', 'en', {true}, "
    "'2026-11-23T12:00:00.000000+00:00', 'u', 7)"
)


def add_account(settings: Settings) -> sa.Engine:
    store = connect(settings.store, may="write")
    with writing(store) as connection:
        connection.execute(sa.text(ACCOUNT.format(true="TRUE" if "postgresql" in settings.store else "1")))
    return store


def test_accounts_keep_their_failed_attempts_and_begin_a_new_row_of_them(any_deployment: Settings) -> None:
    downgraded(migrate.STORE, any_deployment, "store_0012")
    store = add_account(any_deployment)

    for _ in range(2):
        migrate.migrate_all(any_deployment)
        with reading(store) as connection:
            row = connection.execute(sa.text("SELECT failures, failures_in_a_row FROM account")).one()
            assert tuple(row) == (7, 0)
            assert connection.scalar(sa.text("SELECT count(*) FROM attempt_counter")) == 0
        downgraded(migrate.STORE, any_deployment, "store_0012")
    migrate.migrate_all(any_deployment)


def test_accounts_outlive_the_table_of_access_changes(any_deployment: Settings) -> None:
    downgraded(migrate.STORE, any_deployment, "store_0013")
    store = add_account(any_deployment)

    migrate.migrate_all(any_deployment)
    with connect(any_deployment.store, may="write").begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO access_change (id, kind, state, name, email, role_names, languages, source, requested_as, "
                "requested_at, effective_at, decided_as, decision) VALUES ('c', 'link', 'waiting', 'Eve', "
                "'eve@example.org', '', '', 'desk', 'ada@example.org', '2026-11-23T12:00:00.000000+00:00', "
                "'2026-11-26T12:00:00.000000+00:00', '', '')"
            )
        )
    downgraded(migrate.STORE, any_deployment, "store_0013")
    migrate.migrate_all(any_deployment)

    with reading(store) as connection:
        assert connection.scalar(sa.text("SELECT sign_in_reset_at FROM account")) is None
        assert connection.scalar(sa.text("SELECT count(*) FROM access_change")) == 0
