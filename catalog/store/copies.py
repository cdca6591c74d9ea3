"""A whole database given as tables, and put in the place of another in one transaction: what backups are made of.

Killed in the middle, the database is as it was. What was taken back in the one that is replaced is taken back in the
one that comes (`replaying`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine, text

from catalog.errors import AlreadyExists
from catalog.store import copying, replaying, sent
from catalog.store.copying import Described
from catalog.store.database import noted, reading, writing
from catalog.store.migrate import HEAD, knows, step
from catalog.store.replaying import Replayed

LOCK_SECONDS = 20  # PostgreSQL: how long a restore waits for readers to end


class Copies:
    def __init__(self, engine: Engine):
        self._engine = engine

    @contextmanager
    def tables(self) -> Iterator[Iterator[tuple[Described, Iterator[str]]]]:
        """Every table with its lines, all of one moment; each table's lines are read before the next one."""
        with writing(self._engine) as connection:
            replaying.lineage(connection)
        described = copying.described()
        with reading(self._engine) as connection:
            yield ((one, copying.lines(connection, one)) for one in described)

    def filled(self) -> bool:
        """Whether a document was ever loaded here: then there is something to lose."""
        with reading(self._engine) as connection:
            return noted(connection, "manifest") is not None

    def restore(
        self, revision: str, tables: Iterable[tuple[Described, Iterable[str]]], *, replace: bool, now: datetime
    ) -> Replayed:
        """Make the database what these tables say, at this revision and then at the newest; what was taken back here
        stays so.

        Raises AlreadyExists where something was loaded here and `replace` is not said, ValueError for a revision that
        this Forge does not know or a table that is none.
        """
        if not knows(revision):
            raise ValueError(
                f"It has schema {revision}, newer than {HEAD}, which this Forge knows: upgrade Forge first."
            )
        with writing(self._engine) as connection:
            if noted(connection, "manifest") is not None and not replace:
                raise AlreadyExists("catalogue", "")
            was = replaying.remember(connection)
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            copying.emptied(connection)
            step(connection, revision)
            for one, lines in tables:
                copying.fill(connection, one, lines)
            copying.count_on(connection)
            step(connection, "head")
            sent.restored(connection)
            return replaying.replay(connection, was, now=now)
