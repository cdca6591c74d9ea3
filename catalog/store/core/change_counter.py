"""The change counter, read as cheaply as a database allows: once a request. It writes nothing and decides nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

_NUMBER = "SELECT value FROM meta WHERE key = 'change'"  # JSON on both databases: text on one, a number on the other


class Counter:
    """The number of the last public change, by one statement on the driver's own connection.

    `local`: whether reading takes microseconds and no network, so that an event loop may do it itself. SQLite's readers
    wait for nobody in WAL mode (https://www.sqlite.org/wal.html#concurrency).
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
                    cursor.execute(_NUMBER)
                    row = cursor.fetchone()
                    cursor.close()
            finally:
                connection.close()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            return None
        return int(row[0]) if row else 0

    @contextmanager
    def _alone(self, driver: Any) -> Iterator[None]:
        """PostgreSQL is asked this and nothing around it: a transaction's words take longer than the number."""
        if self.local:
            yield
            return
        driver.autocommit = True
        try:
            yield
        finally:
            driver.autocommit = False
