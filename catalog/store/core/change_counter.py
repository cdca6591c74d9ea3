"""Read the change counter as cheaply as the database allows: it is read once a request."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
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
        # SQLite's is kept: taking it out of the pool for each page took four times as long as the statement.
        self._lock = threading.Lock()
        self._kept: Any = None
        if self.local:
            event.listen(engine, "engine_disposed", lambda _: self._give_back())

    def __call__(self) -> int | None:
        """0 before the first change; None when the database does not answer."""
        try:
            row = self._read_kept() if self.local else self._read_once()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            return None
        return int(row[0]) if row else 0

    def _read_kept(self) -> Any:
        with self._lock:
            if self._kept is None:
                self._kept = self._engine.raw_connection()
            try:
                return _row(self._kept)
            except BaseException:
                self._kept.invalidate()
                self._kept = None
                raise

    def _give_back(self) -> None:
        with self._lock:
            if self._kept is not None:
                self._kept.invalidate()  # and not back to a pool that nobody has any more
                self._kept = None

    def _read_once(self) -> Any:
        connection = self._engine.raw_connection()
        try:
            with _without_transaction(connection.driver_connection):
                return _row(connection)
        finally:
            connection.close()


def _row(connection: Any) -> Any:
    cursor = connection.cursor()
    try:
        cursor.execute(_SELECT_CHANGE)
        return cursor.fetchone()
    finally:
        cursor.close()


@contextmanager
def _without_transaction(driver: Any) -> Iterator[None]:
    """Run one statement without a transaction on PostgreSQL: BEGIN and COMMIT take longer than the statement."""
    driver.autocommit = True
    try:
        yield
    finally:
        driver.autocommit = False
