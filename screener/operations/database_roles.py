"""PostgreSQL roles and grants: each process gets the rights that it needs and no more.

They are the counterpart of SQLite's file owners. The statements are repeatable; passwords and who may log in are the
site's own business, so the roles are made without login.
"""

from dataclasses import replace

import sqlalchemy as sa

from screener.db import connect
from screener.deployment.process_access import DESK_PROCESS
from screener.deployment.process_access import PUBLIC_RIGHTS
from screener.deployment.process_access import PUBLIC_ROLE
from screener.deployment.process_access import WORKER_PROCESS
from screener.deployment.process_access import ProcessLimits
from screener.errors import UserError
from screener.settings import Settings

PUBLIC = PUBLIC_ROLE
WORKER = WORKER_PROCESS.role
DESK = DESK_PROCESS.role

#: What the worker may read of an account: whom to notify, and neither password nor secret.
ACCOUNT_COLUMNS_OF_WORKER = "id, name, email, role_names, languages, active, confirmed_at, turn_at"

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
            # It removes old ones, and reads nothing else of them.
            "desk_session": "SELECT (begun_at), DELETE",
            "audit_event": "SELECT, INSERT",
        },
        DESK: {
            "submission": "SELECT, UPDATE",
            "follow_up": "SELECT, UPDATE",
            **dict.fromkeys(("follow_up_event", "contact_attempt", "stopped_channel"), "SELECT, INSERT"),
            "note": "SELECT, INSERT, UPDATE (box)",
            "wording": "SELECT, INSERT",
            "approval": "SELECT, INSERT",
            "account": "SELECT, INSERT, UPDATE",
            "invitation": "SELECT, INSERT, UPDATE",
            "message": "SELECT, INSERT",
            "erasure_announcement": "SELECT, UPDATE (released_at, released_by, confirmed_at)",
            "erasure_stop": "SELECT, INSERT, UPDATE (confirmed_at, confirmed_by)",
            "worker_run_time": "SELECT, UPDATE (seen_at)",
            "desk_session": "SELECT, INSERT, UPDATE",
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
    lines = [_create_role_statement(role) for role in GRANTS[database]]
    for role, tables in GRANTS[database].items():
        lines.append(f"GRANT USAGE ON SCHEMA public TO {role}")
        # A process that starts looks whether the tables fit it.
        lines.append(f"GRANT SELECT ON alembic_version_{database} TO {role}")
        for table, rights in tables.items():
            lines += [f"REVOKE ALL ON {table} FROM PUBLIC, {role}", f"GRANT {rights} ON {table} TO {role}"]
    return lines


def grant_script() -> str:
    """All statements, for a person to read or to run with psql."""
    return "\n".join(
        f"-- {database}\n" + "".join(f"{one};\n" for one in grant_statements(database)) for database in GRANTS
    )


def apply_grants(settings: Settings) -> None:
    """Run the statements as the owner of the tables, which the three URLs must name.

    Raises *UserError* when a database is not on PostgreSQL or the owner may not do this.
    """
    for database, url in (("inbox", settings.inbox), ("board", settings.board), ("store", settings.store)):
        if sa.make_url(url).get_backend_name() != "postgresql":
            raise UserError(f"The {database} is a SQLite file, which has owners instead of roles; see docs/operate.md.")
        try:
            with connect(url, may="write").begin() as connection:
                for statement in grant_statements(database):
                    connection.execute(sa.text(statement))
        except sa.exc.DBAPIError:
            raise UserError(
                f"The roles of the {database} could not be applied; connect as the owner of its tables who may make "
                "roles, after `screener migrate`."
            ) from None


def _create_role_statement(role: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
        f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
    )
