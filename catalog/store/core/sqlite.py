"""Configure SQLite's connections so that they wait for locks instead of failing.

WAL mode with `BEGIN IMMEDIATE` for writes: a reader is never blocked and a writer waits. The driver's own transaction
handling is switched off as SQLAlchemy's documentation asks
(https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, OperationalError
from typing import Any

from sqlalchemy import Connection, Engine, event

BUSY_TIMEOUT_MILLISECONDS = 10_000
# During a merge of 5,000 records another writer waited up to 4.7 s with SQLite's own busy handler, half a second with
# this one (November 2026).
SHORT_MILLISECONDS = 20
WAL_TRIES = 20
ROOM_BYTES = 64 << 20


def prepare_sqlite(engine: Engine) -> None:
    """Set up each connection of this engine and how its transactions begin."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("forge_writes", False):
            _begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")


@contextmanager
def larger_page_cache(connection: Connection) -> Iterator[None]:
    """Let SQLite cache up to ROOM_BYTES of pages on this connection while many rows are written, and reset it after.

    Keys are random, so each row is on other pages; with the usual 2 MB they were written and read again and again: a
    sixth of the processor time of a load of 100,000 projects. https://www.sqlite.org/pragma.html#pragma_cache_size
    """
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size={-ROOM_BYTES // 1024}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={usual}")


def _begin_writing(connection: Connection) -> None:
    """Begin a transaction that writes; wait up to BUSY_TIMEOUT_MILLISECONDS for others.

    SQLite has no queue of waiting writers, and retries at growing intervals, at last ten times a second
    (https://www.sqlite.org/c3ref/busy_timeout.html). Here the retries start again every SHORT_MILLISECONDS.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout={SHORT_MILLISECONDS}")
    try:
        for _ in range(BUSY_TIMEOUT_MILLISECONDS // SHORT_MILLISECONDS):
            try:
                driver.execute("BEGIN IMMEDIATE")
            except OperationalError as error:
                if (
                    error.sqlite_errorcode & 0xFF != SQLITE_BUSY
                ):  # SQLITE_BUSY also while the log of a killed process is recovered
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises its error as any other statement
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")


def _use_wal(cursor: Any) -> None:
    """Turn on WAL mode, a property of the file. Of two processes that do so at once SQLite refuses one at once,
    whatever its time-out (https://sqlite.org/rescode.html#busy): it waits for a write lock, which respects the
    time-out, and tries again.
    """
    for _ in range(WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA journal_mode=WAL")
