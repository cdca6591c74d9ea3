"""Software as the Open Catalog API lists it: our projects and what crawlers posted, in one order. Only posted rows are
written.

What was posted of an address that a project of ours has is not shown: our own record shows it, or its makers asked not
to be listed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, delete, literal, select

from catalog.errors import AlreadyExists
from catalog.rules.open_catalog import SOFTWARE, parse_id
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog import proposals
from catalog.store.opencatalog.own_entries import OWN_SOFTWARE, Software
from catalog.store.opencatalog.pagination import ConstantEntry, Rows, RowSource, Window
from catalog.store.opencatalog.records import ANY, PostedRecords
from catalog.tables.core import project
from catalog.tables.opencatalog import posted_address, posted_software
from catalog.text_rules import repository_key


@dataclass(frozen=True)
class SoftwareValues:
    """What a crawler says of software; addresses are normalized. `shown`: the file without persons; `stated`: what it
    says that a registration asks for."""

    url: str
    aliases: tuple[str, ...]
    publiccode: str
    shown: str | None
    vitality: str | None
    active: bool
    stated: Mapping[str, Any] = field(default_factory=dict)


class PostedSoftware(PostedRecords[SoftwareValues, Software]):
    """A page's `url`: of those alone that have this address, as their own or as an alias."""

    noun, kind, table, unique = "Software", SOFTWARE, posted_software, "url"

    def _sources(self, connection: Connection, window: Window, **wanted: Any) -> Iterable[RowSource | ConstantEntry]:
        catalog, url = wanted.get("catalog", ANY), wanted.get("url")
        posted: Select[Any] = _POSTED
        if catalog != ANY:
            posted = posted.where(posted_software.c.catalog_id == catalog)
        if not window.everything:
            posted = posted.where(posted_software.c.active)
        sources = [RowSource(OWN_SOFTWARE, project.c.added_at, project.c.id)] if catalog in (None, ANY) else []
        kept = posted_software.c
        sources.append(RowSource(posted, kept.created_at, kept.id, lambda rows: _unknown(connection, rows)))
        return sources if url is None else [_among(source, _at(connection, url)) for source in sources]

    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Software]:
        ids = [(row.id, row.own) for row in rows]
        found = own.software(connection, [id for id, ours in ids if ours])
        found |= _posted(connection, [id for id, ours in ids if not ours])
        return [found[id] for id, _ in ids]

    def _find(self, connection: Connection, key: str) -> Software | None:
        id = parse_id(key)
        if id is None:
            return None
        found = own.software(connection, [id]).get(id)
        if found is None:
            rows = connection.execute(_POSTED.where(posted_software.c.id == id)).all()
            found = _posted(connection, [row.id for row in _unknown(connection, rows)]).get(id)
        return found

    def _demand_free(self, connection: Connection, values: SoftwareValues, mine: UUID | None) -> None:
        """Raises AlreadyExists ("url", with the identity of what has it) for an address that is somebody else's."""
        urls = {values.url, *values.aliases}
        wanted = select(posted_address.c.software_id).where(posted_address.c.url.in_(urls))
        taken = next((id for id in connection.execute(wanted).scalars() if id != mine), None)
        if taken is None:
            ours = own.projects_at(connection, [repository_key(url) for url in urls], aliases=True)
            taken = next(iter(ours.values()), None)
            if taken is not None and not own.listed(connection, [taken]):
                raise AlreadyExists("url", "")  # whose address it is, is not told
        if taken is not None:
            raise AlreadyExists("url", str(taken))

    def _columns(self, values: SoftwareValues, before: Software | None = None) -> Mapping[str, Any]:
        return {name: getattr(values, name) for name in ("publiccode", "shown", "vitality", "active")}

    def _keep_parts(
        self,
        connection: Connection,
        id: UUID,
        values: SoftwareValues,
        before: Software | None,
        actor: str | None,
        now: datetime,
    ) -> None:
        connection.execute(delete(posted_address).where(posted_address.c.software_id == id))
        urls = [(values.url, False), *((alias, True) for alias in values.aliases if alias != values.url)]
        rows = [{"url": url, "key": repository_key(url), "software_id": id, "alias": alias} for url, alias in urls]
        connection.execute(posted_address.insert(), rows)
        if values.active:
            proposals.propose(connection, [url for url, _ in urls], values.stated, actor=actor, now=now)

    def _forget_parts(self, connection: Connection, record: Software, now: datetime) -> None:
        proposals.take_back(connection, record.url, now=now)


def shown_ids(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """The software of `ids`, ours or posted, that may be shown."""
    rows = connection.execute(_POSTED.where(posted_software.c.id.in_(ids))).all() if ids else []
    return own.listed(connection, ids) | {row.id for row in _unknown(connection, rows)}


_POSTED = select(posted_software.c.id, posted_software.c.created_at, literal(False).label("own"))


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


def _posted(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Software]:
    if not ids:
        return {}
    addresses: dict[UUID, list[Row[Any]]] = {}
    wanted = select(posted_address).where(posted_address.c.software_id.in_(ids)).order_by(posted_address.c.url)
    for row in connection.execute(wanted):
        addresses.setdefault(row.software_id, []).append(row)
    found = {}
    for row in connection.execute(select(posted_software).where(posted_software.c.id.in_(ids))):
        url = next(address.url for address in addresses[row.id] if not address.alias)
        others = tuple(sorted(address.url for address in addresses[row.id] if address.alias))
        found[row.id] = Software(**row._mapping, url=url, aliases=others)
    return found
