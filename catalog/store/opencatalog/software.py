"""Software as the Open Catalog API lists it: our projects and what crawlers posted beside them, in one order. It writes
posted rows alone.

What was posted of an address that a project of ours has is not shown: our own record tells of it, or its makers asked
that nothing does.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, Select, delete, literal, select, update

from catalog.document.rules import repository_key
from catalog.errors import AlreadyExists, NotFound
from catalog.rules.open_catalog import CREATE, DELETE, SOFTWARE, UPDATE
from catalog.store.core.engine import reading
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.own_entries import OWN_SOFTWARE, Software
from catalog.store.opencatalog.pagination import Page, Rows, RowSource, Window, page
from catalog.store.opencatalog.webhooks import enqueue_event, posting
from catalog.tables.core import project
from catalog.tables.opencatalog import posted_address, posted_analysis, posted_software

NAME = "Software"


@dataclass(frozen=True)
class SoftwareValues:
    """What a crawler says of software; addresses are normalized. `shown`: the file without persons."""

    url: str
    aliases: tuple[str, ...]
    publiccode: str
    shown: str | None
    vitality: str | None
    active: bool


Change = Callable[[Software], SoftwareValues | None]  # None: it stays as it is


class PostedSoftware:
    """`catalog` below: the id of a posted catalog; None for the root, which holds ours; ANY for all of them."""

    ANY = "any"

    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window, *, catalog: UUID | str | None = ANY, url: str | None = None
             ) -> tuple[tuple[Software, ...], Page]:  # fmt: skip
        """A page of the list, `url`: of those alone that have this address, as their own or as an alias."""
        with reading(self._engine) as connection:
            sources = list(_sources(connection, window, catalog))
            if url is not None:
                ids = _at(connection, url)
                sources = [_among(source, ids) for source in sources]
            found = page(connection, window, *sources)
            return _software(connection, found.rows), found

    def get(self, id: UUID, *, catalog: UUID | str | None = ANY) -> Software:
        """Raises NotFound, also where it is not in this catalog."""
        with reading(self._engine) as connection:
            return _one(connection, id, catalog)

    def add(self, values: SoftwareValues, *, catalog: UUID | None, actor: str | None, now: datetime) -> Software:
        """Keep what a crawler posted. Raises AlreadyExists, with the identity of what has one of its addresses."""
        made = uuid4()
        with posting(self._engine, "url") as connection:
            _demand_free(connection, values, None)
            row = {"id": made, "catalog_id": catalog, "created_at": now, "updated_at": now}
            connection.execute(posted_software.insert().values(**row, **_columns(values)))
            _keep_addresses(connection, made, values)
            enqueue_event(connection, CREATE, SOFTWARE, made, actor=actor, now=now)
            return _one(connection, made, self.ANY)

    def change(self, id: UUID, change: Change, *, catalog: UUID | str | None = ANY, actor: str | None, now: datetime
               ) -> Software:  # fmt: skip
        """Keep what `change` makes of it. Raises NotFound, AlreadyExists, and what `change` raises."""
        with posting(self._engine, "url") as connection:
            _hold(connection, id)
            before = _one(connection, id, catalog)
            values = change(before)
            if values is None:
                return before
            _demand_free(connection, values, id)
            connection.execute(
                update(posted_software).where(posted_software.c.id == id).values(**_columns(values), updated_at=now)
            )
            connection.execute(delete(posted_address).where(posted_address.c.software_id == id))
            _keep_addresses(connection, id, values)
            enqueue_event(connection, UPDATE, SOFTWARE, id, actor=actor, now=now)
            return _one(connection, id, self.ANY)

    def remove(self, id: UUID, *, allowed: Callable[[Software], None], actor: str | None, now: datetime) -> None:
        """Forget what was posted. `allowed` raises where it may not be. Raises NotFound."""
        with posting(self._engine, "url") as connection:
            _hold(connection, id)
            allowed(_one(connection, id, self.ANY))
            this = (posted_analysis.c.kind == SOFTWARE) & (posted_analysis.c.record_id == id)
            connection.execute(delete(posted_analysis).where(this))
            connection.execute(delete(posted_software).where(posted_software.c.id == id))
            enqueue_event(connection, DELETE, SOFTWARE, id, actor=actor, now=now)


def shown_ids(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these that may be shown, ours and posted ones."""
    rows = connection.execute(_POSTED.where(posted_software.c.id.in_(ids))).all() if ids else []
    return own.listed(connection, ids) | {row.id for row in _unknown(connection, rows)}


_POSTED = select(posted_software.c.id, posted_software.c.created_at, literal(False).label("own"))


def _sources(connection: Connection, window: Window, catalog: UUID | str | None) -> Iterable[RowSource]:
    posted: Select[Any] = _POSTED
    if catalog != PostedSoftware.ANY:
        posted = posted.where(posted_software.c.catalog_id == catalog)
    if not window.everything:
        posted = posted.where(posted_software.c.active)
    if catalog is None or catalog == PostedSoftware.ANY:
        yield RowSource(OWN_SOFTWARE, project.c.added_at, project.c.id)
    yield RowSource(posted, posted_software.c.created_at, posted_software.c.id, lambda rows: _unknown(connection, rows))


def _among(source: RowSource, ids: Collection[UUID]) -> RowSource:
    return RowSource(source.statement.where(source.id.in_(ids)), source.at, source.id, source.kept)


def _at(connection: Connection, url: str) -> set[UUID]:
    """What has this address: posted ones as it is spelled, ours however it is."""
    posted = connection.execute(select(posted_address.c.software_id).where(posted_address.c.url == url)).scalars()
    return {*posted, *own.projects_at(connection, [repository_key(url)], aliases=True).values()}


def _unknown(connection: Connection, rows: Rows) -> Rows:
    """Those posted ones of which no project of ours, listed or not, has an address."""
    if not rows:
        return rows
    keys: dict[UUID, set[str]] = {}
    wanted = select(posted_address.c.software_id, posted_address.c.key)
    for id, key in connection.execute(wanted.where(posted_address.c.software_id.in_([row.id for row in rows]))):
        keys.setdefault(id, set()).add(key)
    ours = own.projects_at(connection, set().union(*keys.values())).keys()
    return [row for row in rows if not keys.get(row.id, set()) & ours]


def _software(connection: Connection, rows: Iterable[Row[Any]]) -> tuple[Software, ...]:
    ids = [(row.id, row.own) for row in rows]
    found = own.software(connection, [id for id, ours in ids if ours])
    found |= _posted(connection, [id for id, ours in ids if not ours])
    return tuple(found[id] for id, _ in ids)


def _posted(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Software]:
    if not ids:
        return {}
    addresses: dict[UUID, list[Row[Any]]] = {}
    wanted = select(posted_address).where(posted_address.c.software_id.in_(ids)).order_by(posted_address.c.url)
    for row in connection.execute(wanted):
        addresses.setdefault(row.software_id, []).append(row)
    return {
        row.id: Software(
            id=row.id,
            url=next(address.url for address in addresses[row.id] if not address.alias),
            aliases=tuple(sorted(address.url for address in addresses[row.id] if address.alias)),
            publiccode=row.publiccode,
            shown=row.shown,
            vitality=row.vitality,
            active=row.active,
            catalog_id=row.catalog_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in connection.execute(select(posted_software).where(posted_software.c.id.in_(ids)))
    }


def _one(connection: Connection, id: UUID, catalog: UUID | str | None) -> Software:
    found = own.software(connection, [id]).get(id)
    if found is None:
        rows = connection.execute(_POSTED.where(posted_software.c.id == id)).all()
        found = _posted(connection, [row.id for row in _unknown(connection, rows)]).get(id)
    if found is None or catalog not in (PostedSoftware.ANY, found.catalog_id):
        raise NotFound(NAME, str(id))
    return found


def _hold(connection: Connection, id: UUID) -> None:
    """Whoever changes the same waits."""
    connection.execute(select(posted_software.c.id).where(posted_software.c.id == id).with_for_update())


def _demand_free(connection: Connection, values: SoftwareValues, mine: UUID | None) -> None:
    """Raises AlreadyExists ("url", with the identity of what has it) for an address that is somebody else's."""
    urls = {values.url, *values.aliases}
    wanted = select(posted_address.c.software_id).where(posted_address.c.url.in_(urls))
    taken = next((id for id in connection.execute(wanted).scalars() if id != mine), None)
    if taken is None:
        ours = own.projects_at(connection, [repository_key(url) for url in urls], aliases=True)
        taken = next(iter(ours.values()), None)
        if taken is not None and not own.listed(connection, [taken]):
            raise AlreadyExists("url", "")  # whose it is, is nobody's business
    if taken is not None:
        raise AlreadyExists("url", str(taken))


def _columns(values: SoftwareValues) -> dict[str, Any]:
    return {name: getattr(values, name) for name in ("publiccode", "shown", "vitality", "active")}


def _keep_addresses(connection: Connection, id: UUID, values: SoftwareValues) -> None:
    urls = [(values.url, False), *((alias, True) for alias in values.aliases if alias != values.url)]
    rows = [{"url": url, "key": repository_key(url), "software_id": id, "alias": alias} for url, alias in urls]
    connection.execute(posted_address.insert(), rows)
