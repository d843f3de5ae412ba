"""The three roles on PostgreSQL: each process gets what it needs and no more.

The walls that SQLite builds from files and owners, PostgreSQL builds from grants. The statements are repeatable;
passwords and who may log in are the site's own business, so the roles are made without login.
"""

import sqlalchemy as sa

from screener.db import connect
from screener.errors import UserError
from screener.settings import Settings

PUBLIC = "screener_public"
WORKER = "screener_worker"
DESK = "screener_desk"

#: What the worker may know of an account: whom to tell, and neither password nor secret.
TOLD_BY = "id, name, email, role_names, languages, active, confirmed_at, turn_at"

#: room → role → table → rights.
GRANTS: dict[str, dict[str, dict[str, str]]] = {
    "inbox": {PUBLIC: {"inbox": "INSERT"}, WORKER: {"inbox": "SELECT, DELETE"}},
    "board": {
        PUBLIC: dict.fromkeys(("heartbeat", "intake_status", "approved_wording", "proven_key"), "SELECT"),
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
            "account": f"SELECT ({TOLD_BY}), UPDATE (turn_at)",
            "letter": "SELECT, INSERT, UPDATE",
            "wording": "SELECT, INSERT",
            # When one ends, people are warned.
            "approval": "SELECT",
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
            "letter": "SELECT",
            "audit_event": "SELECT, INSERT",
        },
    },
}


def statements(room: str) -> list[str]:
    """The SQL that gives the roles their rights in *room*, and takes every other right away."""
    said = [_made(role) for role in GRANTS[room]]
    for role, tables in GRANTS[room].items():
        said.append(f"GRANT USAGE ON SCHEMA public TO {role}")
        # A process that starts looks whether the tables fit it.
        said.append(f"GRANT SELECT ON alembic_version_{room} TO {role}")
        for table, rights in tables.items():
            said += [f"REVOKE ALL ON {table} FROM PUBLIC, {role}", f"GRANT {rights} ON {table} TO {role}"]
    return said


def script() -> str:
    """All statements, for a person to read or to run with psql."""
    return "\n".join(f"-- {room}\n" + "".join(f"{one};\n" for one in statements(room)) for room in GRANTS)


def apply(settings: Settings) -> None:
    """Run the statements as the owner of the tables, which the three URLs must name.

    Raises *UserError* when a room is not on PostgreSQL or the owner may not do this.
    """
    for room, url in (("inbox", settings.inbox), ("board", settings.board), ("store", settings.store)):
        if sa.make_url(url).get_backend_name() != "postgresql":
            raise UserError(f"The {room} is a SQLite file, which has owners instead of roles; see docs/operate.md.")
        try:
            with connect(url, may="write").begin() as connection:
                for statement in statements(room):
                    connection.execute(sa.text(statement))
        except sa.exc.DBAPIError:
            raise UserError(
                f"The roles of the {room} could not be applied; connect as the owner of its tables who may make roles, "
                "after `screener migrate`."
            ) from None


def _made(role: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
        f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
    )
