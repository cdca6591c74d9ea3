"""Looks for damage in SQLite's file."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, exc, inspect

from catalog.store.core.engine import database_failure, reading

# To read a gigabyte takes some seconds; `forge backup` reads all of a larger file each night.
READ_WHOLE_BYTES = 1_000_000_000
READ_ROWS = 20_000  # of a table in a larger file


def find_damage(engine: Engine) -> tuple[str | None, Sequence[str]]:
    """The first damage that is found, None when there is none, and on PostgreSQL; and the tables that were too large to
    be read. https://www.sqlite.org/pragma.html#pragma_quick_check
    """
    if engine.dialect.name != "sqlite":
        return None, ()
    try:
        with reading(engine) as connection:
            large = _large_tables(connection)
            tables = [table for table in inspect(connection).get_table_names() if table not in large]
            checks = [f'PRAGMA quick_check("{table}")' for table in tables] if large else ["PRAGMA quick_check(1)"]
            for check in checks:
                sentence = str(connection.exec_driver_sql(check).scalars().first())
                if sentence != "ok":
                    return sentence.splitlines()[-1], large
    except exc.DatabaseError as error:
        return database_failure(error) or str(error), ()
    return None, large


def _large_tables(connection: Connection) -> Sequence[str]:
    """The tables that are not read in a file that is too large to be read whole."""
    size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    if connection.exec_driver_sql(size).scalar_one() <= READ_WHOLE_BYTES:
        return ()
    beyond = 'SELECT EXISTS (SELECT 1 FROM "{}" LIMIT 1 OFFSET {})'
    tables = inspect(connection).get_table_names()
    return [name for name in tables if connection.exec_driver_sql(beyond.format(name, READ_ROWS)).scalar_one()]
