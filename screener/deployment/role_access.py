"""What a PostgreSQL role may do in a database, asked through its own connection.

PostgreSQL's privilege functions count memberships, grants to PUBLIC and single columns as they are. What the session's
login role may do is asked, not the role that it has set for the moment: it could set it back.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping

import sqlalchemy as sa

from screener.db import connect
from screener.db import reading

#: table → rights as GRANT takes them: ``SELECT, UPDATE (a, b)``.
Rights = Mapping[str, str]
OUR_ROLES = ("screener_public", "screener_worker", "screener_desk")
_RIGHT = re.compile(r"([A-Z]+)(?: \(([^)]*)\))?")
#: Tables that an extension brought are left out: everybody may read those of PostGIS, for one.
_TABLES = sa.text(
    """SELECT c.oid, c.relname, pg_has_role(session_user, c.relowner, 'MEMBER') AS is_owned
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
    ORDER BY c.relname"""
)
_STRONG_ROLE = sa.text("SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
_MEMBERSHIPS = sa.text(
    "SELECT rolname FROM pg_roles WHERE rolname = ANY(:roles) AND pg_has_role(session_user, oid, 'MEMBER')"
)
_HELD = sa.text(
    """SELECT attrelid AS oid, attname, privilege FROM pg_attribute
    CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('REFERENCES')) p (privilege)
    WHERE attrelid = ANY(:oids) AND attnum > 0 AND NOT attisdropped
    AND has_column_privilege(session_user, attrelid, attnum, privilege)
    UNION ALL SELECT oid, '', privilege FROM pg_class
    CROSS JOIN (VALUES ('DELETE'), ('TRUNCATE'), ('TRIGGER')) p (privilege)
    WHERE oid = ANY(:oids) AND has_table_privilege(session_user, oid, privilege)
    ORDER BY 1, 3, 2"""
)
_OPEN_DATABASES = sa.text(
    "SELECT datname FROM pg_database WHERE datname = ANY(:names) AND datname <> current_database() "
    "AND has_database_privilege(session_user, datname, 'CONNECT') ORDER BY 1"
)


def list_excess_rights(url: str, role: str, rights: Rights, closed: Mapping[str, str]) -> Iterator[str]:
    """What the login role of *url* may do there beyond the *rights* of *role*, each as the end of a sentence.

    *closed* are the databases that it must not connect to, by their part. Raises *UnavailableError*.
    """
    with reading(connect(url, may="read")) as connection:
        if connection.scalar(_STRONG_ROLE):
            yield "is a superuser, or may make roles or pass by row security"
            return
        tables = connection.execute(_TABLES).all()
        if owned := [table.relname for table in tables if table.is_owned]:
            yield f"owns the table {owned[0]} and could remove its protections"
            return
        others = [name for name in OUR_ROLES if name != role]
        for other in connection.scalars(_MEMBERSHIPS, {"roles": others}):
            yield f"is a member of {other}"
        for table, privilege in _list_held(connection, {table.oid: table.relname for table in tables}, rights):
            yield f"has the right {privilege} on the table {table}"
        names = {name: part for part, name in closed.items()}
        for name in connection.scalars(_OPEN_DATABASES, {"names": list(names)}):
            yield f"may connect to the database {name}, which holds the {names[name]}"


def _list_held(connection: sa.Connection, tables: Mapping[int, str], rights: Rights) -> list[tuple[str, str]]:
    """Table and privilege of each right that is held and not among *rights*, once each."""
    allowed = {
        (table, privilege, column.strip())
        for table, granted in rights.items()
        for privilege, columns in _RIGHT.findall(granted)
        for column in (columns.split(",") if columns else ["*"])
    }
    held = ((tables[row.oid], row) for row in connection.execute(_HELD, {"oids": list(tables)}))
    return list(
        dict.fromkeys(
            (table, row.privilege)
            for table, row in held
            if not allowed & {(table, row.privilege, "*"), (table, row.privilege, row.attname)}
            and not (table.startswith("alembic_version_") and row.privilege == "SELECT")
        )
    )
