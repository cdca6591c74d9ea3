"""Catalogs as the Open Catalog API lists them: this instance, which is the root, and posted ones. Only posted rows are
written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, literal, select

from catalog.errors import AlreadyExists
from catalog.rules.open_catalog import CATALOGS, ROOT, parse_id
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.own_entries import OwnCatalog
from catalog.store.opencatalog.pagination import ConstantEntry, RowSource, Window
from catalog.store.opencatalog.records import PostedRecords, columns_of
from catalog.tables.opencatalog import posted_catalog, posted_publisher, posted_software


@dataclass(frozen=True)
class CatalogValues:
    """What was posted of a catalog. `sources`: JSON-safe, each a normalized "url", perhaps with "driver" and "args"."""

    name: str
    alternative_id: str | None
    publishers_namespace: str | None
    scopes: tuple[str, ...]
    sources: tuple[Mapping[str, Any], ...]
    active: bool


@dataclass(frozen=True)
class Catalog(CatalogValues):
    id: UUID
    created_at: datetime
    updated_at: datetime


class PostedCatalogs(PostedRecords[CatalogValues, Catalog | OwnCatalog]):
    """A catalog is named by its identity, by its own other one, or ROOT."""

    noun, kind, table, unique = "Catalog", CATALOGS, posted_catalog, "alternativeId"

    def place(self, key: str) -> UUID | None:
        """What the rows of a catalog hold as theirs: None for the root. Raises NotFound."""
        found = None if key == ROOT else self.get(key)
        return found.id if isinstance(found, Catalog) else None

    def _sources(self, connection: Connection, window: Window, **wanted: Any) -> Iterable[RowSource | ConstantEntry]:
        posted = select(posted_catalog, literal(False).label("own"))
        if not window.everything:
            posted = posted.where(posted_catalog.c.active)
        yield RowSource(posted, posted_catalog.c.created_at, posted_catalog.c.id)
        if here := own.home(connection):
            yield ConstantEntry(here.id, here.created_at)

    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Catalog | OwnCatalog]:
        here = own.home(connection)
        for row in rows:
            if isinstance(row, ConstantEntry) and here:
                yield here
            else:
                tuples = {"scopes": tuple(row.scopes), "sources": tuple(row.sources)}
                yield Catalog(**columns_of(row, Catalog) | tuples)

    def _find(self, connection: Connection, key: str) -> Catalog | OwnCatalog | None:
        posted = super()._find(connection, key)
        here = own.home(connection) if posted is None else None
        return posted or (here if here is not None and (key == ROOT or parse_id(key) == here.id) else None)

    def _demand_free(self, connection: Connection, values: CatalogValues, mine: UUID | None) -> None:
        key = values.alternative_id
        if key is None:
            return
        here = own.home(connection)
        others = select(posted_catalog.c.id).where(self._has_key(key), posted_catalog.c.id.is_distinct_from(mine))
        ours = key == ROOT or (here is not None and parse_id(key) == here.id)
        if ours or connection.execute(others).first():
            raise AlreadyExists("alternativeId", "")

    def _columns(self, values: CatalogValues, before: Catalog | OwnCatalog | None = None) -> Mapping[str, Any]:
        lists = {"scopes": list(values.scopes), "sources": [dict(source) for source in values.sources]}
        return {name: getattr(values, name) for name in CatalogValues.__dataclass_fields__} | lists

    def _empty(self, connection: Connection, record: Catalog | OwnCatalog) -> bool:
        if isinstance(record, OwnCatalog):
            return False
        held = (select(table.c.id).where(table.c.catalog_id == record.id) for table in _HOLDING)
        return not any(connection.execute(statement.limit(1)).first() for statement in held)


_HOLDING = (posted_software, posted_publisher)
