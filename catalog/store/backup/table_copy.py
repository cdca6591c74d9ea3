"""Tables as lines of text that both databases can write and read, for backups.

A copy is one consistent read of a running catalogue. Lines are JSON lists in the order of the described columns; JSON
columns travel as their text, so that NULL and a JSON null stay two things. Why not SQLite's backup and `pg_dump`:
docs/decisions/035-backups-restores-and-the-static-copy.md.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    exc,
    inspect,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from catalog.tables.all_tables import metadata
from catalog.tables.core import Instant
from catalog.tables.public_records import (
    organization_category,
    pending_public_record,
    public_mention,
    public_record,
)

DERIVED = (public_record, public_mention, pending_public_record, organization_category)
BATCH_ROWS = 1_000  # read and written at a time

_KINDS: tuple[tuple[type[TypeEngine[Any]] | type[Instant], str], ...] = (
    (Uuid, "uuid"),
    (Instant, "instant"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (Boolean, "flag"),
    (Integer, "number"),
    (String, "text"),
)
_TYPES: Mapping[str, Callable[[], TypeEngine[Any]]] = {
    "uuid": Uuid,
    "instant": Instant,
    "json": Text,
    "bytes": LargeBinary,
    "flag": Boolean,
    "number": BigInteger,
    "text": Text,
}
_TO_JSON: Mapping[str, Callable[[Any], Any]] = {
    "uuid": str,
    "instant": datetime.isoformat,
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
}
_FROM_JSON: Mapping[str, Callable[[Any], Any]] = {
    "uuid": UUID,
    "instant": datetime.fromisoformat,
    "bytes": base64.b64decode,
}


@dataclass(frozen=True)
class DescribedTable:
    """A table of a copy: its name, and the kind of each column by name."""

    name: str
    columns: Mapping[str, str]


def described_tables() -> tuple[DescribedTable, ...]:
    """Every table of the schema, in an order in which none refers to a later one; not those that are made of others."""
    return tuple(
        DescribedTable(table.name, column_kinds(table)) for table in metadata.sorted_tables if table not in DERIVED
    )


def lines_of_table(connection: Connection, described_table: DescribedTable) -> Iterator[str]:
    """In the caller's transaction: every row of a table, a line each."""
    table = metadata.tables[described_table.name]
    columns = [
        cast(table.c[name], Text) if kind == "json" else table.c[name] for name, kind in described_table.columns.items()
    ]
    outward = [_TO_JSON.get(kind) for kind in described_table.columns.values()]
    query = select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": BATCH_ROWS}):
        values = [
            value if value is None or out is None else out(value) for value, out in zip(row, outward, strict=True)
        ]
        yield json.dumps(values) + "\n"


def to_json(kind: str, value: Any) -> Any:
    """A value of a column as JSON has it; None is NULL."""
    out = _TO_JSON.get(kind)
    return value if value is None or out is None else out(value)


def from_json(kind: str, value: Any) -> Any:
    """A value that `to_json` gave, as Python has it. Raises ValueError or TypeError for another."""
    into = _FROM_JSON.get(kind)
    return value if value is None or into is None else into(value)


def column_kinds(table: Table) -> dict[str, str]:
    """The kind of each column of a table, by name."""
    return {column.name: _kind_of(column) for column in table.columns}


def fill_table(connection: Connection, described_table: DescribedTable, lines: Iterable[str]) -> int:
    """In the caller's transaction: put these lines into an empty table; how many there were.

    Raises ValueError for a line that cannot be read or kept.
    """
    table = Table(
        described_table.name,
        MetaData(),
        *(Column(name, _TYPES[kind]()) for name, kind in described_table.columns.items()),
    )
    statement = table.insert()
    if connection.dialect.name == "postgresql":
        json_columns = [name for name, kind in described_table.columns.items() if kind == "json"]
        statement = statement.values(
            {name: bindparam(name, type_=_TYPES[kind]()) for name, kind in described_table.columns.items()}
            | {name: cast(bindparam(name, type_=Text()), JSON) for name in json_columns}
        )
    inward = [_FROM_JSON.get(kind) for kind in described_table.columns.values()]
    rows = (_row_from_line(text_line, described_table, inward) for text_line in lines)
    count = 0
    while batch := list(islice(rows, BATCH_ROWS)):
        try:
            connection.execute(statement, batch)
        except (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.InterfaceError) as wrong:
            raise ValueError(f"a line of {described_table.name} cannot be kept") from wrong
        count += len(batch)
    return count


def drop_tables(connection: Connection) -> None:
    """In the caller's transaction: drop every table of ours."""
    described_tables()
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def continue_numbering(connection: Connection) -> None:
    """In the caller's transaction: on PostgreSQL, let numbers of new rows begin after those that were filled in."""
    if connection.dialect.name != "postgresql":
        return
    for name in inspect(connection).get_table_names():
        serial_columns = connection.execute(
            text("SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
                 " AND table_name = :name AND column_default LIKE 'nextval(%'"), {"name": name}
        ).scalars().all()  # fmt: skip
        for column in serial_columns:
            connection.execute(
                text(
                    f'SELECT setval(pg_get_serial_sequence(:name, :column), coalesce(max("{column}"), 1),'
                    f' max("{column}") IS NOT NULL) FROM "{name}"'
                ),
                {"name": name, "column": column},
            )


def _row_from_line(
    line: str, described_table: DescribedTable, inward: list[Callable[[Any], Any] | None]
) -> dict[str, Any]:
    try:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(described_table.columns):
            raise ValueError(f"a line of {described_table.name} has not {len(described_table.columns)} values")
        converted = zip(described_table.columns, values, inward, strict=True)
        return {name: value if value is None or into is None else into(value) for name, value, into in converted}
    except (TypeError, AttributeError, RecursionError) as wrong:
        raise ValueError(f"a line of {described_table.name} has a value of another kind") from wrong


def _kind_of(column: Column[Any]) -> str:
    for cls, kind in _KINDS:
        if isinstance(column.type, cls):
            return kind
    raise TypeError(f"{column.table.name}.{column.name} is of a kind that no copy knows: {column.type!r}")
