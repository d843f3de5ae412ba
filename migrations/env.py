"""How alembic runs on the three databases: one history for each of inbox, board and store.

The caller (``screener.operations.migrate``) hands over the database and an open connection. Each has its own version
table, so that all three may live in one PostgreSQL database.
"""

from alembic import context

database = context.config.attributes["database"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=database.metadata,
    version_table=database.version_table,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
