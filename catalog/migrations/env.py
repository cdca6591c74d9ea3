"""Runs the migrations on the engine that `catalog.store.core.migrate` hands over, in one transaction, or in the one
that the handed connection is in.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, event

from catalog.store.core.migrate import lock_schema


def refuse_to_make_anew(connection: Connection, cursor: Any, statement: str, *others: object) -> None:
    """Refuse a step for which Alembic would copy a table of SQLite and drop it: with foreign keys on, that empties each
    table whose rows are deleted with its rows (https://www.sqlite.org/lang_droptable.html).

    Raises ValueError.
    """
    if "_alembic_tmp_" in statement:
        raise ValueError("on SQLite no table is made anew: others would be emptied (CONTRIBUTING.md)")


def run(connection: Connection) -> None:
    event.listen(connection, "before_cursor_execute", refuse_to_make_anew)
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:  # a step of somebody's transaction
    run(given)
else:
    engine = context.config.attributes["engine"]
    with engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        lock_schema(connection)
        run(connection)
