"""PostgreSQL roles and grants: each process gets the rights that it needs and no more.

They are the counterpart of SQLite's file owners: three roles, and three databases of which the public role may connect
to two. The statements are repeatable; passwords and who may log in are the site's own business, so the roles are made
without login.
"""

from dataclasses import replace

import sqlalchemy as sa

from screener.db import connect
from screener.deployment.layout import database_urls
from screener.deployment.layout import place_of_database
from screener.deployment.process_access import DESK_PROCESS
from screener.deployment.process_access import PUBLIC_RIGHTS
from screener.deployment.process_access import PUBLIC_ROLE
from screener.deployment.process_access import WORKER_PROCESS
from screener.deployment.process_access import ProcessLimits
from screener.errors import UserError
from screener.operations.migrate import DATABASES
from screener.settings import Settings

PUBLIC = PUBLIC_ROLE
WORKER = WORKER_PROCESS.role
DESK = DESK_PROCESS.role

#: What the worker may read of an account: whom to notify, and neither password nor secret.
ACCOUNT_COLUMNS_OF_WORKER = "id, name, email, role_names, languages, active, confirmed_at, turn_at"

ROLES = (PUBLIC, WORKER, DESK)
#: Most connections of the public role at a time: each of its processes opens up to 20, and the server has 100 by
#: default, of which worker, desk and commands keep the rest.
PUBLIC_CONNECTIONS = 60
#: A statement about the database that one is connected to.
DATABASE_STATEMENT = "DO $$ BEGIN EXECUTE format('{}', current_database()); END $$"
#: What everybody on a PostgreSQL server may do unless it is taken away: connect, fill the disk with temporary tables
#: and large objects, and fill the server's memory with advisory locks. Functions of the server belong to its superuser;
#: an owner who is none goes on without, and ``list_open_rights`` says so.
SERVER_STATEMENTS = (
    DATABASE_STATEMENT.format("REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC"),
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc "
    "WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|loread|lowrite|pg_(try_)?advisory_)' "
    "LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f); END LOOP; "
    "EXCEPTION WHEN insufficient_privilege THEN NULL; END $$",
    f"ALTER ROLE {PUBLIC} CONNECTION LIMIT {PUBLIC_CONNECTIONS}",
    f"ALTER ROLE {PUBLIC} SET statement_timeout = '30s'",
    f"ALTER ROLE {PUBLIC} SET idle_in_transaction_session_timeout = '60s'",
    f"DO $$ BEGIN ALTER ROLE {PUBLIC} SET temp_file_limit = '1MB'; "
    "EXCEPTION WHEN insufficient_privilege THEN NULL; END $$",
)
_OPEN_RIGHTS = sa.text(
    """SELECT current_database() AS name,
    has_database_privilege(:role, current_database(), 'TEMPORARY') AS temp,
    has_schema_privilege(:role, 'public', 'CREATE') AS tables,
    has_function_privilege(:role, 'lo_creat(integer)', 'EXECUTE')
        OR has_function_privilege(:role, 'pg_advisory_lock(bigint)', 'EXECUTE') AS functions,
    NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :role AND rolconnlimit >= 0) AS connections"""
)
OPEN_RIGHTS = {
    "temp": "{role} may make temporary tables in {database}: run `screener roles --apply` as the database's owner.",
    "tables": "{role} may make tables in {database}: run `screener roles --apply` as the database's owner.",
    "functions": "{role} may use large objects and advisory locks in {database}: let the server's superuser run "
    "`screener roles --apply`.",
    "connections": "{role} has no limit of connections: run `screener roles --apply`.",
}
SHARED_DATABASE = (
    "Inbox, board and store share one PostgreSQL database, so that only grants keep the public role from the store. "
    "`screener roles --split` prints how to move to three; see docs/operate.md."
)

#: database → role → table → rights.
GRANTS: dict[str, dict[str, dict[str, str]]] = {
    "inbox": {PUBLIC: PUBLIC_RIGHTS["inbox"], WORKER: {"inbox": "SELECT, DELETE"}},
    "board": {
        PUBLIC: PUBLIC_RIGHTS["board"],
        WORKER: {"heartbeat": "SELECT, INSERT, UPDATE"},
        DESK: {
            "heartbeat": "SELECT",
            **dict.fromkeys(("intake_status", "approved_wording", "proven_key"), "SELECT, INSERT, UPDATE"),
        },
    },
    "store": {
        WORKER: {
            # What it changes is all that erasing changes.
            "submission": "SELECT, INSERT, UPDATE (contact_box, answers_box, erased_at)",
            "follow_up": "SELECT, INSERT, "
            "UPDATE (state, assignee, next_action_at, ended_at, changed_at, told_at, version)",
            "follow_up_event": "INSERT",
            "note": "SELECT, UPDATE (box)",
            "account": f"SELECT ({ACCOUNT_COLUMNS_OF_WORKER}), UPDATE (turn_at)",
            "message": "SELECT, INSERT, UPDATE",
            "wording": "SELECT, INSERT",
            # When one ends, people are warned; and what it promised is how long a form is kept.
            "approval": "SELECT",
            "erasure_announcement": "SELECT, INSERT, UPDATE (erased_run_seconds), DELETE",
            # It stops erasing, and goes on only after a person's word.
            "erasure_stop": "SELECT, INSERT",
            "worker_run_time": "SELECT, INSERT, UPDATE",
            "store_lock": "SELECT, UPDATE (name)",
            # It removes old ones, and reads nothing else of them.
            "desk_session": "SELECT (begun_at), DELETE",
            "audit_event": "SELECT, INSERT",
        },
        DESK: {
            "submission": "SELECT, UPDATE",
            "follow_up": "SELECT, UPDATE",
            **dict.fromkeys(("follow_up_event", "contact_attempt", "stopped_channel"), "SELECT, INSERT"),
            "closing_proposal": "SELECT, INSERT",
            "note": "SELECT, INSERT, UPDATE (box)",
            "wording": "SELECT, INSERT",
            "approval": "SELECT, INSERT",
            "account": "SELECT, INSERT, UPDATE",
            "invitation": "SELECT, INSERT, UPDATE",
            "erasure_announcement": "SELECT, UPDATE (released_at, released_by, confirmed_at)",
            "erasure_stop": "SELECT, INSERT, UPDATE (confirmed_at, confirmed_by)",
            "worker_run_time": "SELECT, UPDATE (seen_at)",
            "desk_session": "SELECT, INSERT, UPDATE",
            "attempt_counter": "SELECT, INSERT, UPDATE, DELETE",
            "access_change": "SELECT, INSERT, UPDATE",
            # What people are told about their accounts.
            "message": "SELECT, INSERT",
            "store_lock": "SELECT, UPDATE (name)",
            "audit_event": "SELECT, INSERT",
        },
    },
}


def with_rights(process: ProcessLimits) -> ProcessLimits:
    """*process* with the rights that its role is granted, in all three databases."""
    tables = {name: rights for roles in GRANTS.values() for name, rights in roles.get(process.role, {}).items()}
    return replace(process, rights=tables)


def grant_statements(database: str) -> list[str]:
    """The SQL that gives the roles their rights in *database*, and takes every other right away."""
    lines = [_create_role_statement(role) for role in ROLES]
    lines += SERVER_STATEMENTS
    tables = dict.fromkeys(table for granted in GRANTS[database].values() for table in granted)
    lines += [f"REVOKE ALL ON {table} FROM PUBLIC, {', '.join(ROLES)}" for table in tables]
    for role, granted in GRANTS[database].items():
        lines.append(DATABASE_STATEMENT.format(f"GRANT CONNECT ON DATABASE %I TO {role}"))
        lines.append(f"GRANT USAGE ON SCHEMA public TO {role}")
        # A process that starts looks whether the tables fit it.
        lines.append(f"GRANT SELECT ON alembic_version_{database} TO {role}")
        lines += [f"GRANT {rights} ON {table} TO {role}" for table, rights in granted.items()]
    return lines


def grant_script() -> str:
    """All statements, for a person to read or to run with psql."""
    return "\n".join(
        f"-- {database}\n" + "".join(f"{one};\n" for one in grant_statements(database)) for database in GRANTS
    )


def apply_grants(settings: Settings) -> list[str]:
    """Run the statements as the owner of the tables, which the three URLs must name; return what was not possible.

    Raises *UserError* when a database is not on PostgreSQL or the owner may not do this.
    """
    notes: dict[str, None] = {}
    for database, url in database_urls(settings).items():
        if sa.make_url(url).get_backend_name() != "postgresql":
            raise UserError(f"The {database} is a SQLite file, which has owners instead of roles; see docs/operate.md.")
        try:
            with connect(url, may="write").begin() as connection:
                for statement in grant_statements(database):
                    connection.execute(sa.text(statement))
            with connect(url, may="read").begin() as connection:
                notes.update(dict.fromkeys(list_open_rights(connection)))
        except sa.exc.DBAPIError:
            raise UserError(
                f"The roles of the {database} could not be applied; connect as the owner of its tables who may make "
                "roles, after `screener migrate`."
            ) from None
    return [*notes, *([SHARED_DATABASE] if shares_one_database(settings) else [])]


def list_open_rights(connection: sa.Connection) -> list[str]:
    """What the public role may still do on this server beside its grants, a sentence each."""
    if connection.scalar(sa.text("SELECT to_regrole(:role)"), {"role": PUBLIC}) is None:
        return ["The three roles are not made yet: run `screener roles --apply`."]
    found = connection.execute(_OPEN_RIGHTS, {"role": PUBLIC}).mappings().one()
    return [OPEN_RIGHTS[name].format(role=PUBLIC, database=found["name"]) for name in OPEN_RIGHTS if found[name]]


def shares_one_database(settings: Settings) -> bool:
    """Whether the store is in one PostgreSQL database with inbox or board."""
    places = {
        name: place_of_database(url)
        for name, url in ((name, sa.make_url(url)) for name, url in database_urls(settings).items())
        if url.get_backend_name() == "postgresql"
    }
    return places.get("store") in [places.get("inbox", ""), places.get("board", "")]


def split_script(settings: Settings) -> str:
    """The psql script that moves inbox and board out of the database that they share with the store.

    Each database is copied whole, then loses the tables of the others; the shared one loses its own copy last.
    Raises *UserError* where nothing is shared.
    """
    if not (shares_one_database(settings) and settings.inbox == settings.board == settings.store):
        raise UserError("Inbox, board and store do not share one PostgreSQL database; there is nothing to split.")
    shared = sa.make_url(settings.store).database or ""
    names = {"inbox": f"{shared}_inbox", "board": f"{shared}_board", "store": shared}
    tables = {database.name: [*database.metadata.tables, database.version_table] for database in DATABASES}
    tables["store"].append("store_lock")
    lines = ["\\set ON_ERROR_STOP on"]
    lines += [f"CREATE DATABASE {_quoted(names[name])} TEMPLATE {_quoted(shared)};" for name in ("inbox", "board")]
    for name, database in names.items():
        gone = ", ".join(_quoted(table) for other in names if other != name for table in tables[other])
        lines += [f"\\connect {_quoted(database)}", f"DROP TABLE {gone} CASCADE;"]
        lines += ["DROP FUNCTION audit_event_is_append_only();"] * (name != "store")
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _create_role_statement(role: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
        f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
    )
