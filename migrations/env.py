"""How alembic runs on the three databases: one history for each of inbox, board and store.

The caller (``screener.operations.migrate``) hands over the room and an open connection. Each room has its own version
table, so that all three may live in one PostgreSQL database.
"""

from alembic import context

room = context.config.attributes["room"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=room.metadata,
    version_table=room.version_table,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
