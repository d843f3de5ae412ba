"""Attacks of the public role on a real PostgreSQL: read the store, stop the worker, fill the server's disk."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from screener import audit
from screener.cli.main import cli
from screener.db import connect
from screener.db import reading
from screener.db import serialize_transactions
from screener.db import writing
from screener.deployment.layout import record_layout
from screener.deployment.process_access import DESK_PROCESS
from screener.deployment.process_access import PUBLIC_PROCESS
from screener.deployment.process_access import WORKER_PROCESS
from screener.deployment.process_access import list_excess_access
from screener.operations import database_roles as roles
from screener.operations.migrate import migrate_all
from screener.settings import Settings
from screener.submissions import inbox
from screener.worker.loop import Worker
from tests.support.deployment import Postgres
from tests.support.submissions import sealed

DATABASES = ("inbox", "board", "store")
AS_BEFORE = (
    "ALTER ROLE screener_public NOSUPERUSER; REVOKE screener_worker FROM screener_public; "
    "ALTER TABLE inbox OWNER TO postgres"
)


def signed_in_as(role: str, settings: Settings) -> Settings:
    """The URLs of a process whose login role is *role*, and nothing more."""
    urls = {
        name: sa.make_url(url).set(username=role).render_as_string(hide_password=False)
        for name, url in (
            ("inbox_url", settings.inbox),
            ("board_url", settings.board),
            ("database_url", settings.store),
        )
    }
    return settings.model_copy(update=urls)


@pytest.fixture(scope="module")
def separated(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Three databases, as docs/operate.md lays them out, with the roles applied; a test leaves them as they were."""
    names = {name: f"separate_{name}" for name in DATABASES}
    for name in names.values():
        postgres.run(f"CREATE DATABASE {name}")
    settings = Settings(
        data=tmp_path_factory.mktemp("separated"),
        inbox_url=postgres.url(names["inbox"]),
        board_url=postgres.url(names["board"]),
        database_url=postgres.url(names["store"]),
    )
    migrate_all(settings)
    assert roles.apply_grants(settings) == []
    for role in roles.ROLES:
        postgres.run(f"ALTER ROLE {role} LOGIN")
    record_layout(settings)
    yield settings
    for name in names.values():
        postgres.drop(name)


@pytest.fixture
def public_role(separated: Settings) -> Settings:
    return signed_in_as(roles.PUBLIC, separated)


def attack(url: str, statement: str) -> str:
    """What PostgreSQL answers to *statement*: the class of its error, or nothing."""
    with connect(url, may="write").connect() as connection:
        try:
            connection.exec_driver_sql(statement)
        except sa.exc.DBAPIError as error:
            return type(error.orig).__name__
    return ""


def test_the_worker_goes_on_and_each_process_starts_with_its_own_role_in_three_databases(separated: Settings) -> None:
    inbox.add_submission(connect(signed_in_as(roles.PUBLIC, separated).inbox, may="add"), sealed())
    worker = signed_in_as(roles.WORKER, separated).model_copy(update={"data": separated.data})

    assert Worker(worker).run_once() == 1
    for process in (PUBLIC_PROCESS, WORKER_PROCESS, DESK_PROCESS):
        limited = process if process is PUBLIC_PROCESS else roles.with_rights(process)
        said = [sentence for sentence in list_excess_access(signed_in_as(process.role, separated), limited)]
        assert not [sentence for sentence in said if "role" in sentence], said


def test_the_public_role_cannot_connect_to_the_store(public_role: Settings) -> None:
    with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
        psycopg.connect(public_role.store)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMPORARY TABLE filler AS SELECT generate_series(1, 10)",
        "CREATE TABLE filler (x int)",
        "SELECT lo_from_bytea(0, 'filler')",
        "SELECT lo_creat(-1)",
        "SELECT pg_advisory_lock(n) FROM generate_series(1, 3) n",
        "SELECT pg_advisory_xact_lock(hashtext('audit'))",
        "SELECT pg_try_advisory_lock(1)",
        "SELECT contact FROM inbox",
        "LOCK TABLE inbox IN SHARE MODE",
        "LOCK TABLE alembic_version_inbox IN ROW SHARE MODE",
        "SET temp_file_limit = -1",
    ],
)
def test_the_public_role_can_neither_fill_the_server_nor_lock_it(public_role: Settings, statement: str) -> None:
    assert attack(public_role.inbox, statement) == "InsufficientPrivilege"


def test_a_sort_of_the_public_role_that_would_fill_the_disk_is_ended(public_role: Settings) -> None:
    assert attack(public_role.board, "SELECT n FROM generate_series(1, 3000000) n ORDER BY -n") == (
        "ConfigurationLimitExceeded"
    )


def test_the_public_role_that_opens_connections_without_end_leaves_some_to_the_worker(
    separated: Settings, postgres: Postgres
) -> None:
    postgres.run(f"ALTER ROLE {roles.PUBLIC} CONNECTION LIMIT 3")
    try:
        with ExitStack() as opened, pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            for _ in range(4):
                opened.enter_context(psycopg.connect(signed_in_as(roles.PUBLIC, separated).board))
        assert Worker(signed_in_as(roles.WORKER, separated)).run_once() == 0
    finally:
        roles.apply_grants(separated)
    with connect(separated.inbox, may="read").connect() as connection:
        limit = connection.scalar(sa.text("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'screener_public'"))
        most = int(connection.scalar(sa.text("SHOW max_connections")) or 0)
    assert limit == roles.PUBLIC_CONNECTIONS < most - 30


def test_an_advisory_lock_that_an_attacker_holds_stops_no_transaction(postgres_deployment: Settings) -> None:
    """Where the server's superuser has not taken the functions away, the locks mean nothing."""
    names = ("audit", "arrival", "outbox", "heartbeat", "intake_status", "screener migrate")
    with connect(postgres_deployment.store, may="write").connect() as attacker:
        for name in names:
            attacker.execute(sa.text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
        with writing(connect(postgres_deployment.store, may="write")) as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
            audit.record(connection, actor="ada", action="test:thing:done")
        assert migrate_all(postgres_deployment)[0] == "inbox: up to date"
        inbox.add_submission(connect(postgres_deployment.inbox, may="add"), sealed())
        assert Worker(postgres_deployment).run_once() == 1


@pytest.mark.parametrize("names", [("audit", "audit"), ("one of tomorrow", "another")])
def test_transactions_of_one_name_pass_one_at_a_time(postgres_deployment: Settings, names: tuple[str, str]) -> None:
    store = connect(postgres_deployment.store, may="write")
    with writing(store) as first:
        serialize_transactions(first, names[0])
        with store.connect() as second:
            second.execute(sa.text("SET lock_timeout = '50ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                serialize_transactions(second, names[1])
    with writing(store) as third:
        serialize_transactions(third, names[1])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER ROLE screener_public SUPERUSER", "its role is a superuser"),
        ("GRANT screener_worker TO screener_public", "its role is a member of screener_worker"),
        ("GRANT SELECT (contact) ON inbox TO screener_public", "its role has the right SELECT on the table inbox"),
        ("GRANT DELETE ON inbox TO PUBLIC", "its role has the right DELETE on the table inbox"),
        ("ALTER TABLE inbox OWNER TO screener_public", "its role owns the table inbox"),
        ("GRANT CONNECT ON DATABASE separate_store TO PUBLIC", "may connect to the database separate_store"),
    ],
)
def test_the_public_process_refuses_a_role_that_may_do_more(
    separated: Settings, public_role: Settings, statement: str, said: str
) -> None:
    with connect(separated.inbox, may="write").begin() as connection:
        connection.exec_driver_sql(statement)
    try:
        seen = "\n".join(list_excess_access(public_role, PUBLIC_PROCESS))
    finally:
        with connect(separated.inbox, may="write").begin() as connection:
            connection.exec_driver_sql(AS_BEFORE)
        roles.apply_grants(separated)

    assert f"The public process may not start: its role {said.removeprefix('its role ')}" in seen


def test_applying_again_takes_a_wrong_right_away(separated: Settings, public_role: Settings) -> None:
    with connect(separated.inbox, may="write").begin() as connection:
        connection.exec_driver_sql("GRANT SELECT (contact), DELETE ON inbox TO screener_public, screener_desk")

    roles.apply_grants(separated)

    assert not [said for said in list_excess_access(public_role, PUBLIC_PROCESS) if "role" in said]
    assert attack(public_role.inbox, "SELECT contact FROM inbox") == "InsufficientPrivilege"


def test_a_shared_database_goes_on_with_a_warning_and_moves_to_three_with_all_that_it_holds(
    deployment: Settings, postgres: Postgres
) -> None:
    shared = "landed"
    postgres.run(f"CREATE DATABASE {shared}")
    urls = dict.fromkeys(("inbox_url", "board_url", "database_url"), postgres.url(shared))
    landed = deployment.model_copy(update=urls)
    said = CliRunner().invoke(cli, ["migrate"], obj=landed).output
    assert roles.SHARED_DATABASE in said
    assert roles.SHARED_DATABASE in CliRunner().invoke(cli, ["roles", "--apply"], obj=landed).output
    moved, waiting = sealed(), sealed()
    inbox.add_submission(connect(landed.inbox, may="add"), moved)
    assert Worker(landed).run_once() == 1
    inbox.add_submission(connect(landed.inbox, may="add"), waiting)

    script = CliRunner().invoke(cli, ["roles", "--split"], obj=landed).output
    run_script(postgres, script)

    separate = {"inbox_url": postgres.url(f"{shared}_inbox"), "board_url": postgres.url(f"{shared}_board")}
    three = landed.model_copy(update=separate)
    assert migrate_all(three) == ["inbox: up to date", "board: up to date", "store: up to date"]
    assert roles.apply_grants(three) == []
    assert Worker(three).run_once() == 1
    for name, url in (("inbox", three.inbox), ("board", three.board), ("store", three.store)):
        tables = set(sa.inspect(connect(url, may="read")).get_table_names())
        assert f"alembic_version_{name}" in tables
        assert len([table for table in tables if table.startswith("alembic_version")]) == 1
        assert ("submission" in tables, "inbox" in tables) == (name == "store", name == "inbox")
    with reading(connect(three.store, may="read")) as connection:
        assert audit.verify(connection).whole
        assert connection.scalar(sa.text("SELECT count(*) FROM submission")) == 2
    for name in (shared, f"{shared}_inbox", f"{shared}_board"):
        postgres.drop(name)


def run_script(postgres: Postgres, script: str) -> None:
    """What psql does with it."""
    database = "postgres"
    for line in script.splitlines():
        if line.startswith("\\connect"):
            database = line.split('"')[1]
        elif not line.startswith("\\"):
            with psycopg.connect(postgres.url(database), autocommit=True) as connection:
                connection.execute(line.encode())


def test_the_script_is_what_is_applied() -> None:
    script = roles.grant_script()

    for part in ("REVOKE CONNECT, TEMPORARY", "CONNECTION LIMIT", "lo_|loread", "statement_timeout", "advisory"):
        assert part in script
