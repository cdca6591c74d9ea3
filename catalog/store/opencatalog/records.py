"""The base of the records of the Open Catalog API that may be posted: listed, read, added, changed and removed, the
same for each kind. A subclass says which table its rows are in, how they are shown and which of them are left out.

Each writing is one transaction, which also writes its event. Our own records are listed and read, never written.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Engine, Row, Table, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.open_catalog import CREATE, DELETE, UPDATE, parse_id
from catalog.store.core.engine import reading, writing
from catalog.store.opencatalog.events import enqueue_event
from catalog.store.opencatalog.pagination import ConstantEntry, Page, RowSource, Window, page
from catalog.tables.opencatalog import posted_analysis, posted_log

ANY = "any"  # in place of a catalog: all of them; None is the root, which holds our own
Values = TypeVar("Values")
Record = TypeVar("Record")


@contextmanager
def posting(engine: Engine, member: str) -> Iterator[Connection]:
    """A writing transaction. Raises AlreadyExists for `member` where another one kept the same meanwhile."""
    try:
        with writing(engine) as connection:
            yield connection
    except IntegrityError:
        raise AlreadyExists(member, "") from None


class PostedRecords(ABC, Generic[Values, Record]):
    """`catalog` below: the id of a posted catalog, None for the root, ANY. A record is named by its identity, and where
    its kind has one, by its `alternativeId`."""

    noun: str
    kind: str | None  # the word of its address, by which events and logs know it; None: it makes no events
    table: Table
    unique: str = "id"  # the member that two at the same time may both want

    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window, **wanted: Any) -> tuple[tuple[Record, ...], Page]:
        """A part of the list; `wanted` narrows it, as the kind's `_sources` says."""
        with reading(self._engine) as connection:
            found = page(connection, window, *self._sources(connection, window, **wanted))
            return tuple(self._read(connection, found.rows)), found

    def get(self, key: UUID | str, *, catalog: UUID | str | None = ANY) -> Record:
        """Raises NotFound, also where it is not in this catalog."""
        with reading(self._engine) as connection:
            return self._find_in_catalog(connection, str(key), catalog)

    def add(self, values: Values, *, catalog: UUID | None = None, actor: str | None, now: datetime) -> Record:
        """Keep what was posted. Raises AlreadyExists and Invalid."""
        made = uuid4()
        place = {"catalog_id": catalog} if "catalog_id" in self.table.c else {}
        with posting(self._engine, self.unique) as connection:
            self._demand_free(connection, values, None)
            row = {"id": made, "created_at": now, "updated_at": now, **place, **self._columns(values)}
            connection.execute(self.table.insert().values(**row))
            self._keep_parts(connection, made, values, None, actor, now)
            self._enqueue_event(connection, CREATE, made, actor, now)
            return self._find_in_catalog(connection, str(made), ANY)

    def change(
        self,
        key: UUID | str,
        change: Callable[[Record], Values | None],
        *,
        catalog: UUID | str | None = ANY,
        actor: str | None,
        now: datetime,
    ) -> Record:
        """Keep what `change` makes of it; None: it stays. Raises NotFound, AlreadyExists, Invalid, and what `change`
        raises."""
        with posting(self._engine, self.unique) as connection:
            before = self._held(connection, str(key), catalog)
            values = change(before)
            if values is None:
                return before
            id: UUID = before.id  # type: ignore[attr-defined]
            self._demand_free(connection, values, id)
            columns = {**self._columns(values, before), "updated_at": now}
            connection.execute(update(self.table).where(self.table.c.id == id).values(**columns))
            self._keep_parts(connection, id, values, before, actor, now)
            self._enqueue_event(connection, UPDATE, id, actor, now)
            return self._find_in_catalog(connection, str(id), ANY)

    def remove(
        self,
        key: UUID | str,
        *,
        allowed: Callable[[Record], None] = lambda record: None,
        actor: str | None,
        now: datetime,
    ) -> bool:
        """Forget what was posted, with its logs and what programs found out about it; False where something is in it
        still. `allowed` raises where it may not be. Raises NotFound.
        """
        with posting(self._engine, self.unique) as connection:
            found = self._held(connection, str(key), ANY)
            allowed(found)
            id: UUID = found.id  # type: ignore[attr-defined]
            if not self._empty(connection, found):
                return False
            for table in (posted_analysis, posted_log) if self.kind else ():
                connection.execute(delete(table).where(table.c.kind == self.kind, table.c.record_id == id))
            self._forget_parts(connection, found, now)
            connection.execute(delete(self.table).where(self.table.c.id == id))
            self._enqueue_event(connection, DELETE, id, actor, now)
        return True

    # What a kind says of itself.

    def _sources(self, connection: Connection, window: Window, **wanted: Any) -> Iterable[RowSource | ConstantEntry]:
        """Where the rows of a list come from."""
        posted = select(self.table)
        if not window.everything and "active" in self.table.c:
            posted = posted.where(self.table.c.active)
        yield RowSource(posted, self.table.c.created_at, self.table.c.id)

    @abstractmethod
    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Record]:
        """The records of these rows of the sources, in the same order."""

    def _find(self, connection: Connection, key: str) -> Record | None:
        """The record of this name that may be shown."""
        row = connection.execute(select(self.table).where(self._has_key(key))).first()
        return None if row is None else next(iter(self._read(connection, [row])))

    @abstractmethod
    def _columns(self, values: Values, before: Record | None = None) -> Mapping[str, Any]:
        """The columns of the kind's table for these values, over those of the record `before`."""

    def _demand_free(self, connection: Connection, values: Values, mine: UUID | None) -> None:
        """Raises AlreadyExists for what is another one's, Invalid for what is not here."""

    def _keep_parts(
        self,
        connection: Connection,
        id: UUID,
        values: Values,
        before: Record | None,
        actor: str | None,
        now: datetime,
    ) -> None:
        """Write what is in tables beside its own."""

    def _forget_parts(self, connection: Connection, record: Record, now: datetime) -> None:
        """Undo it, where the database does not by itself."""

    def _empty(self, connection: Connection, record: Record) -> bool:
        return True

    # The same for all kinds.

    def _has_key(self, key: str) -> ColumnElement[bool]:
        id, other = parse_id(key), self.table.c.get("alternative_id")
        same = self.table.c.id == id
        if other is None:
            return same if id is not None else self.table.c.id.is_(None)
        return or_(same, other == key) if id is not None else other == key

    def _find_in_catalog(self, connection: Connection, key: str, catalog: UUID | str | None) -> Record:
        found = self._find(connection, key)
        if found is None or catalog not in (ANY, getattr(found, "catalog_id", None)):
            raise NotFound(self.noun, key)
        return found

    def _held(self, connection: Connection, key: str, catalog: UUID | str | None) -> Record:
        """The record as it stands, locked: other transactions that change it wait."""
        connection.execute(select(self.table.c.id).where(self._has_key(key)).with_for_update())
        return self._find_in_catalog(connection, key, catalog)

    def _enqueue_event(self, connection: Connection, type: str, id: UUID, actor: str | None, now: datetime) -> None:
        if self.kind is not None:
            enqueue_event(connection, type, self.kind, id, actor=actor, now=now)


def columns_of(row: Row[Any], record: type[Any]) -> dict[str, Any]:
    """The columns of a row that a record has members for."""
    return {name: getattr(row, name) for name in record.__dataclass_fields__}
