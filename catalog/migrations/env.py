"""Runs the migrations on the engine that `catalog.store.core.migrate` hands over, in one transaction, or in the one
that the handed connection is in.
"""

from alembic import context

from catalog.store.core.migrate import lock_schema
from catalog.tables.all_tables import metadata

given = context.config.attributes.get("connection")
if given is not None:  # a step of somebody's transaction
    context.configure(connection=given, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
else:
    engine = context.config.attributes["engine"]
    with engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        lock_schema(connection)
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
