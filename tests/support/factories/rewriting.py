"""Writes rows beside the verbs of the catalogue, as no part of it does, with the public records that come of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select

from catalog.store.core.public_changes import changing
from catalog.tables.core import organization, project


@contextmanager
def rewriting(engine: Engine) -> Iterator[Connection]:
    """A transaction for any rows; all public records are built anew at its end."""
    with changing(engine) as (connection, change):
        yield connection
        for table in (project, organization):
            change.touch(table.name, *connection.execute(select(table.c.id)).scalars())
