"""Read the change counter as cheaply as the database allows: it is read once a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

# JSON on both databases; the drivers return text on SQLite, a number on PostgreSQL.
_SELECT_CHANGE = "SELECT value FROM meta WHERE key = 'change'"


class ChangeCounter:
    """Reads the number of the last public change with one statement on the driver's own connection.

    `local`: whether reading takes microseconds and no network, so that an event loop may do it itself. SQLite's readers
    never wait in WAL mode (https://www.sqlite.org/wal.html#concurrency).
    """

    def __init__(self, engine: Engine):
        self._engine = engine
        self.local = engine.dialect.name == "sqlite"

    def __call__(self) -> int | None:
        """0 before the first change; None when the database does not answer."""
        try:
            connection = self._engine.raw_connection()
            try:
                with self._alone(connection.driver_connection):
                    cursor = connection.cursor()
                    cursor.execute(_SELECT_CHANGE)
                    row = cursor.fetchone()
                    cursor.close()
            finally:
                connection.close()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            return None
        return int(row[0]) if row else 0

    @contextmanager
    def _alone(self, driver: Any) -> Iterator[None]:
        """Run one statement without a transaction on PostgreSQL: BEGIN and COMMIT take longer than the statement."""
        if self.local:
            yield
            return
        driver.autocommit = True
        try:
            yield
        finally:
            driver.autocommit = False
