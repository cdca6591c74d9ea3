"""Copies of a made-up catalogue's rows within its database, so that pages can be measured among a million projects that
nobody has hours to load. It measures nothing.

Every row of the base is written again for each copy, with other ids, slugs and names, also within records, cards and
bodies. A copy names records of its own copy: an organization has as many uses, and a project as many relations, as in
the base. What they share are words and categories, which grow as they would. Public records with a digest of what they
do not hold are built anew.
"""

import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Integer, LargeBinary, Table, Uuid

from benchmarks import synthetic
from catalog.publication.body import unpacked
from catalog.publication.model import VERSION
from catalog.store.store import Store
from catalog.tables.all_tables import metadata
from catalog.tables.public_records import public_record

KEPT = frozenset({"meta", "collection"})  # about the catalogue as a whole
_NUMBER, _HEX = "\x01", "\x02"  # where a copy's number goes, and where its last six digits of an id
_SLUG = re.compile(r"((?:project|organization)-\d+)")
_NAME = re.compile(r'("[^"]* \d+)"(?!:)')  # a text that ends with a number is a name, wherever it stands
_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{6})[0-9a-f]{6}")
_BARE_ID = re.compile(r"([0-9a-f]{26})[0-9a-f]{6}")
_LEVEL = 6  # of compression, as bodies are written

Row = Sequence[Any]


def slug(number: int, base: int, kind: str = "project") -> str:
    """The slug of a project, or an organization, by its number among all, of which the first `base` were loaded."""
    made = synthetic.slug(number % base) if kind == "project" else f"{kind}-{number % base}"
    return f"{made}-{number // base}" if number >= base else made


@dataclass(frozen=True)
class _Rows:
    table: Table
    columns: list[str]
    rows: list[Row]


class Base:
    """The rows of a catalogue as it was loaded, from which copies are made."""

    def __init__(self, url: str):
        self._url = url
        with _opened(url) as database:
            self._tables = [
                found
                for table in metadata.sorted_tables
                if table.name not in KEPT and (found := database.read(table)).rows
            ]

    def copy(self, numbers: range) -> None:
        """Add copies with these numbers, counted from 1; then make indexes anew, and let the database count."""
        with _opened(self._url) as database, database.without_indexes():
            for read in self._tables:
                database.write(read, _copied(read, numbers))
        store = Store(self._url)
        store.public_record_upkeep.write_outdated()
        store.close()


def _copied(read: _Rows, numbers: range) -> Iterator[Row]:
    kinds = [_kind(read.table, name) for name in read.columns]
    most = {place: max(row[place] for row in read.rows) for place, kind in enumerate(kinds) if kind == "number"}
    for row in read.rows:
        if read.table is public_record:
            row = _outdated_by_a_digest(read.columns, row)
        marked = {place: _marked(kind, row[place]) for place, kind in enumerate(kinds)}
        texts = {place: text for place, text in marked.items() if text is not None}
        for number in numbers:
            made = list(row)
            for place, text in texts.items():
                filled = text.replace(_NUMBER, str(number)).replace(_HEX, f"{number:06x}")
                made[place] = zlib.compress(filled.encode(), _LEVEL) if kinds[place] == "body" else filled
            for place, largest in most.items():
                made[place] = row[place] + largest * number
            yield made


def _outdated_by_a_digest(columns: Sequence[str], row: Row) -> Row:
    """Of an older shape where its body has a digest, so that it is built anew: nothing tells that of its copy."""
    held = dict(zip(columns, row, strict=True))
    return [*(held | {"version": VERSION - 1}).values()] if unpacked(held["body"])["shown"].get("beyond") else row


def _kind(table: Table, name: str) -> str:
    column = table.c[name]
    if isinstance(column.type, Uuid):
        return "id"
    if isinstance(column.type, LargeBinary):
        return "body"
    if column.primary_key and isinstance(column.type, Integer):
        return "number"
    return "name" if name in ("name", "folded") else "text"


def _marked(kind: str, value: Any) -> str | None:
    """The text with a mark at each place that differs from copy to copy; None where there is none."""
    if value is None or kind == "number":
        return None
    if kind == "id":
        return (_ID if "-" in value else _BARE_ID).sub(rf"\1{_HEX}", value)
    if kind == "name":
        return f"{value} {_NUMBER}"
    if kind == "body":
        value = zlib.decompress(value).decode()
    if not isinstance(value, str):
        return None
    marked = _SLUG.sub(rf"\1-{_NUMBER}", value)
    if value.startswith(("{", "[", '"')):
        marked = _NAME.sub(rf'\1 {_NUMBER}"', marked)
    marked = _ID.sub(rf"\1{_HEX}", marked)
    return marked if marked != value or kind == "body" else None


@contextmanager
def _opened(url: str) -> Iterator["_Sqlite | _Postgres"]:
    opened = _Sqlite(url) if url.startswith("sqlite") else _Postgres(url)
    with closing(opened.connection):
        yield opened


class _Sqlite:
    """What a power cut would do to the file is nobody's concern."""

    def __init__(self, url: str):
        self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("PRAGMA cache_size=-1000000")

    def read(self, table: Table) -> _Rows:
        columns = [column.name for column in table.columns]
        chosen = ", ".join(f'"{name}"' for name in columns)
        key = ", ".join(f'"{column.name}"' for column in table.primary_key)
        return _Rows(
            table, columns, self.connection.execute(f'SELECT {chosen} FROM "{table.name}" ORDER BY {key}').fetchall()
        )

    def write(self, read: _Rows, rows: Iterable[Row]) -> None:
        self.connection.execute("BEGIN")
        marks = ", ".join("?" * len(read.columns))
        names = ", ".join(f'"{name}"' for name in read.columns)
        self.connection.executemany(f'INSERT INTO "{read.table.name}" ({names}) VALUES ({marks})', rows)
        self.connection.execute("COMMIT")

    @contextmanager
    def without_indexes(self) -> Iterator[None]:
        with _indexes_dropped(
            self.connection, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ):
            yield
        self.connection.execute("ANALYZE")
        self.connection.execute("PRAGMA journal_mode=WAL")


class _Postgres:
    def __init__(self, url: str):
        self.connection = psycopg.connect(url, autocommit=True)
        for setting in ("session_replication_role = replica", "maintenance_work_mem = '512MB'"):
            self.connection.execute(f"SET {setting}")

    def read(self, table: Table) -> _Rows:
        columns = [column.name for column in table.columns]
        chosen = ", ".join(
            f'"{column.name}"' if isinstance(column.type, LargeBinary | Integer) else f'"{column.name}"::text'
            for column in table.columns
        )
        key = ", ".join(f'"{column.name}"' for column in table.primary_key)
        return _Rows(
            table, columns, self.connection.execute(f'SELECT {chosen} FROM "{table.name}" ORDER BY {key}').fetchall()
        )

    def write(self, read: _Rows, rows: Iterable[Row]) -> None:
        names = ", ".join(f'"{name}"' for name in read.columns)
        with self.connection.cursor() as cursor, cursor.copy(f'COPY "{read.table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def without_indexes(self) -> Iterator[None]:
        with _indexes_dropped(
            self.connection,
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint)",
        ):
            yield
        for table, column in self.connection.execute(_SERIALS).fetchall():
            last = f'SELECT max("{column}") FROM "{table}"'
            self.connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), ({last}))")
        self.connection.execute("VACUUM ANALYZE")


_SERIALS = """
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""


@contextmanager
def _indexes_dropped(connection: Any, asked: str) -> Iterator[None]:
    """Drop the indexes of a database, and make them again afterwards. `asked`: selects their names and statements."""
    indexes = connection.execute(asked).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    yield
    for _, made in indexes:
        connection.execute(made)
