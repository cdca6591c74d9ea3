"""Catalogs as the Open Catalog API lists them: this instance, which is the root, and those that were posted; with what
programs found out about them and about software. It writes posted rows alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, delete, literal, or_, select, update

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.open_catalog import CATALOGS, CREATE, DELETE, ROOT, UPDATE, parse_id
from catalog.store.core.engine import insert, reading, writing
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.own_entries import Home
from catalog.store.opencatalog.pagination import Fixed, Page, RowSource, Window, page
from catalog.store.opencatalog.webhooks import enqueue_event, posting
from catalog.tables.opencatalog import (
    posted_analysis,
    posted_catalog,
    posted_publisher,
    posted_software,
)

NAME = "Catalog"


@dataclass(frozen=True)
class CatalogValues:
    """What was posted of a catalog. `sources`: JSON-safe, each `url` with maybe `driver` and `args`."""

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


Change = Callable[[Catalog | Home], CatalogValues | None]  # None: it stays as it is


class PostedCatalogs:
    """A catalog is named by its identity, by its own other one, or ROOT."""

    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window) -> tuple[tuple[Catalog | Home, ...], Page]:
        wanted = select(posted_catalog, literal(False).label("own"))
        if not window.everything:
            wanted = wanted.where(posted_catalog.c.active)
        source = RowSource(wanted, posted_catalog.c.created_at, posted_catalog.c.id)
        with reading(self._engine) as connection:
            here = own.home(connection)
            root = [Fixed(here.id, here.created_at)] if here else []
            found = page(connection, window, source, fixed=root)
        return tuple(here if here and row.own else _catalog(row) for row in found.rows), found

    def get(self, key: str) -> Catalog | Home:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _one(connection, key)

    def place(self, key: str) -> UUID | None:
        """What the rows of a catalog hold as theirs: None for the root. Raises NotFound."""
        if key == ROOT:
            return None
        found = self.get(key)
        return found.id if isinstance(found, Catalog) else None

    def add(self, values: CatalogValues, *, actor: str | None, now: datetime) -> Catalog:
        """Raises AlreadyExists for another id that is taken."""
        made = Catalog(**vars(values), id=uuid4(), created_at=now, updated_at=now)
        with posting(self._engine, "alternativeId") as connection:
            _demand_free(connection, values, None)
            connection.execute(posted_catalog.insert().values(**_columns(values), **_dates(made), id=made.id))
            enqueue_event(connection, CREATE, CATALOGS, made.id, actor=actor, now=now)
        return made

    def change(self, key: str, change: Change, *, actor: str | None, now: datetime) -> Catalog | Home:
        """Keep what `change` makes of it. Raises NotFound, AlreadyExists, and what `change` raises."""
        with posting(self._engine, "alternativeId") as connection:
            connection.execute(select(posted_catalog.c.id).where(_named(key)).with_for_update())
            before = _one(connection, key)
            values = change(before)
            if values is None or isinstance(before, Home):
                return before
            _demand_free(connection, values, before.id)
            this = posted_catalog.c.id == before.id
            connection.execute(update(posted_catalog).where(this).values(**_columns(values), updated_at=now))
            enqueue_event(connection, UPDATE, CATALOGS, before.id, actor=actor, now=now)
            return _one(connection, str(before.id))

    def remove(self, key: str, *, allowed: Callable[[Catalog | Home], None], actor: str | None, now: datetime) -> bool:
        """Forget what was posted; False where something is in it still. `allowed` raises where it may not be.

        Raises NotFound.
        """
        with posting(self._engine, "alternativeId") as connection:
            connection.execute(select(posted_catalog.c.id).where(_named(key)).with_for_update())
            found = _one(connection, key)
            allowed(found)
            if isinstance(found, Home):
                return False
            for table in (posted_software, posted_publisher):
                if connection.execute(select(table.c.id).where(table.c.catalog_id == found.id).limit(1)).first():
                    return False
            this = (posted_analysis.c.kind == CATALOGS) & (posted_analysis.c.record_id == found.id)
            connection.execute(delete(posted_analysis).where(this))
            connection.execute(delete(posted_catalog).where(posted_catalog.c.id == found.id))
            enqueue_event(connection, DELETE, CATALOGS, found.id, actor=actor, now=now)
        return True

    def analysis(self, kind: str, id: UUID) -> Mapping[str, Any]:
        """What programs found out about a record, by namespace; empty where nothing was kept."""
        with reading(self._engine) as connection:
            return _analysis(connection, kind, id)

    def analyse(self, kind: str, id: UUID, namespaces: Mapping[str, Mapping[str, Any]], *, actor: str | None,
                stamped: str, now: datetime) -> Mapping[str, Any]:  # fmt: skip
        """Put these namespaces beside those that are kept; those that change by it have `stamped` as their time `t`."""
        with writing(self._engine) as connection:
            held = insert(connection, posted_analysis).values(kind=kind, record_id=id, namespaces={})
            connection.execute(held.on_conflict_do_nothing())
            this = (posted_analysis.c.kind == kind) & (posted_analysis.c.record_id == id)
            connection.execute(select(posted_analysis.c.kind).where(this).with_for_update())
            kept = _analysis(connection, kind, id)
            merged = {**kept, **{name: _stamped(kept.get(name), value, stamped) for name, value in namespaces.items()}}
            connection.execute(update(posted_analysis).where(this).values(namespaces=merged))
            enqueue_event(connection, UPDATE, kind, id, actor=actor, now=now)
        return merged

    def own_analysis(self, project_id: UUID) -> Mapping[str, Any]:
        """What this catalogue itself tells of a project's uses."""
        with reading(self._engine) as connection:
            return own.adoption_counts(connection, [project_id])[project_id]


def _analysis(connection: Connection, kind: str, id: UUID) -> Mapping[str, Any]:
    this = (posted_analysis.c.kind == kind) & (posted_analysis.c.record_id == id)
    found: Mapping[str, Any] | None = connection.execute(select(posted_analysis.c.namespaces).where(this)).scalar()
    return found or {}


def _stamped(before: Mapping[str, Any] | None, given: Mapping[str, Any], stamped: str) -> Mapping[str, Any]:
    told = {name: value for name, value in given.items() if name != "t"}
    if before is not None and told == {name: value for name, value in before.items() if name != "t"}:
        return before
    return told | {"t": stamped}


def _named(key: str) -> Any:
    same = posted_catalog.c.alternative_id == key
    id = parse_id(key)
    return same if id is None else or_(posted_catalog.c.id == id, same)


def _one(connection: Connection, key: str) -> Catalog | Home:
    row = connection.execute(select(posted_catalog).where(_named(key))).first()
    if row is not None:
        return _catalog(row)
    here = own.home(connection)
    if here is None or (key != ROOT and parse_id(key) != here.id):
        raise NotFound(NAME, key)
    return here


def _demand_free(connection: Connection, values: CatalogValues, mine: UUID | None) -> None:
    if values.alternative_id is None:
        return
    named = select(posted_catalog.c.id).where(_named(values.alternative_id), posted_catalog.c.id.is_distinct_from(mine))
    here = own.home(connection)
    ours = values.alternative_id == ROOT or (here is not None and parse_id(values.alternative_id) == here.id)
    if ours or connection.execute(named).first():
        raise AlreadyExists("alternativeId", "")


def _columns(values: CatalogValues) -> dict[str, Any]:
    kept = {name: getattr(values, name) for name in ("name", "alternative_id", "publishers_namespace", "active")}
    return kept | {"scopes": list(values.scopes), "sources": [dict(source) for source in values.sources]}


def _dates(made: Catalog) -> dict[str, datetime]:
    return {"created_at": made.created_at, "updated_at": made.updated_at}


def _catalog(row: Row[Any]) -> Catalog:
    kept = {name: getattr(row, name) for name in Catalog.__dataclass_fields__}
    return Catalog(**kept | {"scopes": tuple(row.scopes), "sources": tuple(row.sources)})
