"""How SQLite waits instead of failing, set on each connection. It reads no table.

It runs in WAL mode with `BEGIN IMMEDIATE` for writes, so that a reader is never blocked and a writer waits; the
driver's own transaction handling is switched off as SQLAlchemy's documentation asks
(https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, OperationalError
from typing import Any

from sqlalchemy import Connection, Engine, event

BUSY_TIMEOUT_MILLISECONDS = 10_000
# Beside a merge of 5,000 records a writer waited up to 4.7 s with SQLite's own waiting, half a second with this
# (November 2026).
SHORT_MILLISECONDS = 20
WAL_TRIES = 20
ROOM_BYTES = 64 << 20


def prepare_sqlite(engine: Engine) -> None:
    """Each connection of this engine keeps these rules."""

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
def room(connection: Connection) -> Iterator[None]:
    """SQLite holds up to ROOM_BYTES of pages on this connection while many rows come at once, and gives them back.

    Keys are random, so each row lands on other pages; with the usual 2 MB it wrote and read them over and over: a sixth
    of the processor's time of a load of 100,000 projects. https://www.sqlite.org/pragma.html#pragma_cache_size
    """
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size={-ROOM_BYTES // 1024}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={usual}")


def _begin_writing(connection: Connection) -> None:
    """SQLite keeps no queue of those who wait to write, and asks ever more rarely, at last ten times a second
    (https://www.sqlite.org/c3ref/busy_timeout.html). Here it begins its asking anew every SHORT_MILLISECONDS.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout={SHORT_MILLISECONDS}")
    try:
        for _ in range(BUSY_TIMEOUT_MILLISECONDS // SHORT_MILLISECONDS):
            try:
                driver.execute("BEGIN IMMEDIATE")
            except OperationalError as error:
                if error.sqlite_errorcode & 0xFF != SQLITE_BUSY:  # also while a killed one's log is recovered
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # what is wrong is told as any other statement's fault
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")


def _use_wal(cursor: Any) -> None:
    """WAL is a property of the file. Of two processes that turn it on at once SQLite refuses one, whatever its time-out
    (https://sqlite.org/rescode.html#busy): that one waits for a turn to write, which does heed it, and asks again.
    """
    for _ in range(WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA journal_mode=WAL")
