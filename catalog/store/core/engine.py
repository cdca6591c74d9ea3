"""Connections and transactions on SQLite and PostgreSQL, the same for both, and the values of the table `meta`.
`core.sqlite` configures how SQLite waits for locks.
"""

import select as select_module
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Engine,
    Table,
    bindparam,
    create_engine,
    exc,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy import Connection as Connection

from catalog.store.core import database_url
from catalog.store.core.among import among
from catalog.store.core.sqlite import larger_page_cache, prepare_sqlite
from catalog.tables.core import meta

Key = TypeVar("Key")

# Another machine that went away without a word is noticed within half a minute; without these, after a quarter of an
# hour at the earliest, and until then each statement on a pooled connection waits. The URL may say otherwise.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_NETWORK = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds
}
BATCH = 500  # ids or rows in one statement: SQLite takes 32,766 variables, PostgreSQL's driver 65,535


class DatabasePart:
    """A part of a store: a class whose methods each open a transaction of their own on its engine."""

    def __init__(self, engine: Engine):
        self._engine = engine


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…` (psycopg).

    Raises ValueError as `database_url.parse_database_url`.
    """
    address = database_url.parse_database_url(url)
    if address.get_backend_name() == "sqlite":
        # LIFO: each connection keeps up to 2 MB of pages; those that only many readers at once need stay small.
        engine = create_engine(address, pool_size=16, max_overflow=32, pool_use_lifo=True)
        prepare_sqlite(engine)
        return engine
    address = address.set(drivername="postgresql+psycopg")
    # LIFO: the connection that was used last has the most frequent statements prepared.
    patience = {name: value for name, value in _NETWORK.items() if name not in address.query}
    engine = create_engine(
        address, pool_size=8, max_overflow=24, pool_pre_ping=True, pool_use_lifo=True, connect_args=patience
    )
    _ping_only_readable_connections(engine)
    return engine


def _ping_only_readable_connections(engine: Engine) -> None:
    """Ping a pooled connection only when its socket is readable: the server sends nothing to a healthy idle connection,
    and sends a message when it ends one. A ping each time took as long as a small query."""
    ping = engine.dialect.do_ping

    def do_ping(connection: Any) -> bool:
        poll = select_module.poll()
        poll.register(connection.pgconn.socket, select_module.POLLIN)
        return not poll.poll(0) or ping(connection)

    engine.dialect.do_ping = do_ping  # type: ignore[method-assign, assignment]


def database_failure(error: BaseException) -> str | None:
    """The message of a database that is full, damaged, unreachable or locked for too long; None for errors of our
    own."""
    if not isinstance(error, exc.DatabaseError):
        return None
    damaged = type(error) is exc.DatabaseError  # "disk image is malformed", "file is not a database"
    if not damaged and not isinstance(error, exc.OperationalError):
        return None
    return (str(error.orig).splitlines() or [type(error.orig).__name__])[0]  # without the statement and its values


def analyze(engine: Engine) -> None:
    """Let PostgreSQL update its statistics after many rows were written at once, in a second or less; SQLite needs
    none.

    It would do so by itself a minute later. Until then it plans for empty tables: with 3,000 projects the queries of
    one project's page took it 72 ms instead of 4. https://www.postgresql.org/docs/current/populate.html#POPULATE-ANALYZE
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


class _View:
    """The connection that all reads of one page share, opened by the first of them."""

    def __init__(self, engine: Engine, level: str = "REPEATABLE READ"):
        self.engine, self._level = engine, level
        self._connection: Connection | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        if self._connection is None:
            level = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": self._level}
            self._connection = self.engine.connect().execution_options(**level)
        try:
            yield self._connection
        except exc.DBAPIError:
            self.end()  # PostgreSQL runs no more statements in a transaction after an error
            raise

    def end(self) -> None:
        """Let the next read open a new view. The connection is returned: a thread that waits for one to write holds
        none."""
        if self._connection is not None:
            _close_after_reading(self._connection)
            self._connection = None


class _WriterView(_View):
    """The connection of a transaction that is not committed yet, for reads that see what it wrote."""

    def __init__(self, engine: Engine, connection: Connection):
        super().__init__(engine)
        self._connection = connection

    def end(self) -> None:
        """Do nothing: the connection lasts as long as its transaction."""


_VIEW: ContextVar[_View | None] = ContextVar("view", default=None)


def _close_after_reading(connection: Connection) -> None:
    """Give the connection back to the pool after reading.

    On PostgreSQL the transaction ends with a commit. With a rollback, as the pool would end it, the driver forgets its
    prepared statements, and each page has all of its statements planned again: 65 ms instead of 40 for a project's page
    (27 November 2026). A PgBouncer in between must support prepared statements (1.21 and newer).
    https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
    """
    try:
        if connection.dialect.name == "postgresql" and not connection.invalidated:
            connection.commit()
    finally:
        connection.close()


def _current_view(engine: Engine) -> _View | None:
    view = _VIEW.get()
    return view if view is not None and view.engine is engine else None


@contextmanager
def one_view(engine: Engine) -> Iterator[None]:
    """Let all reads of this thread inside see one snapshot of the database, over one connection, until it writes.

    A page of fifteen reads is consistent, and PostgreSQL gets one transaction instead of fifteen: thirty messages
    fewer. See docs/decisions/010-synchronous-handlers.md.
    """
    view = _View(engine)
    token = _VIEW.set(view)
    try:
        yield
    finally:
        _VIEW.reset(token)
        view.end()


@contextmanager
def reading_within(connection: Connection) -> Iterator[None]:
    """Let all reads of this thread inside see what was written in the transaction of this connection."""
    token = _VIEW.set(_WriterView(connection.engine, connection))
    try:
        yield
    finally:
        _VIEW.reset(token)


def is_reading_within(engine: Engine) -> bool:
    """Whether this thread is inside of `reading_within`, so that nothing that it reads may be cached."""
    return isinstance(_current_view(engine), _WriterView)


@contextmanager
def _read(engine: Engine, level: str) -> Iterator[Connection]:
    around = _current_view(engine)
    view = around or _View(engine, level)
    try:
        with view.read() as connection:
            yield connection
    finally:
        if around is None:
            view.end()


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """One consistent view of the database for all reads inside; that of `one_view` where one is around it."""
    return _read(engine, "REPEATABLE READ")


def reading_once(engine: Engine) -> AbstractContextManager[Connection]:
    """For a single query: as `reading`, without BEGIN and COMMIT on PostgreSQL."""
    return _read(engine, "AUTOCOMMIT")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed as a whole, or rolled back when the body raises. A view around it begins again."""
    with _view_ended(engine), engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def writing_many(engine: Engine) -> Iterator[Connection]:
    """As `writing`, for so many rows that SQLite should use a larger page cache meanwhile."""
    with (
        writing(engine) as connection,
        larger_page_cache(connection) if engine.dialect.name == "sqlite" else nullcontext(),
    ):
        yield connection


@contextmanager
def _view_ended(engine: Engine) -> Iterator[None]:
    view = _current_view(engine)
    if isinstance(view, _WriterView):
        raise RuntimeError("What is only supposed is not written.")
    if view is not None:
        view.end()
    try:
        yield
    finally:
        if view is not None:  # something may have been read meanwhile
            view.end()


def writing_once(engine: Engine) -> AbstractContextManager[Connection]:
    """For a single statement that writes: as `writing`, without BEGIN and COMMIT on PostgreSQL. SQLite's writers need
    BEGIN IMMEDIATE to wait for each other."""
    return writing(engine) if engine.dialect.name == "sqlite" else _autocommit(engine)


@contextmanager
def _autocommit(engine: Engine) -> Iterator[Connection]:
    with _view_ended(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def insert(connection: Connection, table: Table) -> Any:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update` on both databases."""
    return insert_for_dialect(connection.dialect.name, table)


def insert_for_dialect(dialect: str, table: Table) -> Any:
    """`insert` for a dialect by name, for statements that are built once and kept."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # thirty modules, which SQLite does not need

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def batches(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """Split identities, or pairs of them, into sorted lists of at most BATCH, for one statement each."""
    every = sorted(keys, key=str)
    return (every[start : start + BATCH] for start in range(0, len(every), BATCH))


def is_among(connection: Connection, column: ColumnElement[Any], keys: Iterable[Any]) -> ColumnElement[bool]:
    """Condition: a column holds one of these keys. See `core.among`."""
    return among(column, keys)


def is_among_pairs(
    connection: Connection, columns: tuple[ColumnElement[Any], ColumnElement[Any]], pairs: Sequence[tuple[Any, Any]]
) -> ColumnElement[bool]:
    """Condition: two columns hold one of these pairs, at most BATCH // 2 on SQLite; two arrays on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        arrays = (literal([pair[place] for pair in pairs], ARRAY(columns[place].type)) for place in (0, 1))
        return tuple_(*columns).in_(select(*(func.unnest(array) for array in arrays)))
    return tuple_(*columns).in_(list(pairs))


def set_meta(connection: Connection, key: str, value: Any) -> None:
    """Store a JSON value under its key in `meta`."""
    connection.execute(_meta_written(connection.dialect.name), {"key": key, "value": value})


@cache
def _meta_written(dialect: str) -> Any:
    statement = insert_for_dialect(dialect, meta)
    return statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})


_META_VALUE = select(meta.c.value).where(meta.c.key == bindparam("wanted"))


def get_meta(connection: Connection, key: str) -> Any:
    """The JSON value under a key of `meta`, or None."""
    return connection.execute(_META_VALUE, {"wanted": key}).scalar()
