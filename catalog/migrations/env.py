"""Runs the migrations on the engine that `catalog.store.migrate` hands over, in one transaction, or in the one that the
handed connection is in."""

from alembic import context

from catalog import (  # their tables join the metadata
    schema_calling,  # noqa: F401
    schema_deciding,  # noqa: F401
    schema_decisions,  # noqa: F401
    schema_declarations,  # noqa: F401
    schema_exchange,  # noqa: F401
    schema_following,  # noqa: F401
    schema_foreign,  # noqa: F401
    schema_keeping,  # noqa: F401
    schema_layers,  # noqa: F401
    schema_opencatalog,  # noqa: F401
    schema_peers,  # noqa: F401
    schema_people,  # noqa: F401
    schema_tokens,  # noqa: F401
    schema_using,  # noqa: F401
    schema_vouching,  # noqa: F401
)
from catalog.schema import metadata

# Two processes that start together: the second waits for the first, then finds nothing to do. On SQLite
# BEGIN IMMEDIATE does the same. The number is any one that only this schema's migrations use.
LOCK = 1_179_603_527

given = context.config.attributes.get("connection")
if given is not None:  # a step of somebody's transaction
    context.configure(connection=given, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
else:
    engine = context.config.attributes["engine"]
    with engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
