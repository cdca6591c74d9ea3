"""Reads the records that may be sent to other catalogues: public records with all their lines.

`published` remembers what was sent; `publication.exchange_view` decides what is sent of a record.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select

from catalog.document import from_record
from catalog.exchange.names import KIND_OF, PROJECT
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.statements import OPTED_OUT
from catalog.model import Manifest
from catalog.publication.body import KINDS, record_of, unpacked
from catalog.publication.exchange_view import OWN_WORD, ProjectLines, exchange_record
from catalog.publication.model import VERSION, PublicProject
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.core.engine import DatabasePart, batches, get_meta, is_among, reading
from catalog.store.core.visibility import (
    OPEN,
    PUBLIC,
    SORT,
    adoption_line,
    organizations_by_slug,
    use_columns,
)
from catalog.store.federation.received.record_lookup import TABLES
from catalog.store.public_records.building import build_records
from catalog.tables.adoptions import adoption
from catalog.tables.core import project
from catalog.tables.public_records import public_record
from catalog.tables.publishing import published_record
from catalog.tables.submissions import tombstone

_USES = (
    use_columns()
    .add_columns(adoption.c.project_id)
    .where(PUBLIC, OPEN, adoption.c.origin.in_(OWN_WORD))
    .order_by(SORT, adoption.c.id.desc())
)


class OutgoingRecords(DatabasePart):
    @contextmanager
    def view(self) -> Iterator["OutgoingView"]:
        """One consistent view of all that may be sent."""
        with reading(self._engine) as connection:
            yield OutgoingView(connection)


class OutgoingView:
    """The records that may be sent, at one moment."""

    def __init__(self, connection: Connection):
        self.connection = connection
        manifest = get_meta(connection, "manifest")
        self.manifest: Manifest | None = from_record(Manifest, manifest) if manifest else None
        self.change = int(get_meta(connection, "change") or 0)

    def ids(self, folder: str) -> list[UUID]:
        """All records of a kind that everybody may see; not all of them are sent."""
        query = select(public_record.c.id).where(public_record.c.kind == KIND_OF[folder])
        return list(self.connection.execute(query).scalars())

    def count(self, folder: str) -> int:
        """How many of a kind there are, whether or not all are sent."""
        query = select(func.count()).where(public_record.c.kind == KIND_OF[folder])
        return int(self.connection.execute(query).scalar_one())

    def changed(self, folder: str, since: int) -> set[UUID]:
        """The records of a kind that are not as they were at that public change, and those that were published and are
        not there any more."""
        there = published_record.c.folder == folder, published_record.c.kind == KIND_OF[folder]
        travelling = select(public_record.c.id).where(public_record.c.kind == KIND_OF[folder])
        fresh = travelling.where(public_record.c.change > since)
        gone = select(published_record.c.record_id).where(*there, published_record.c.record_id.not_in(travelling))
        return {*self.connection.execute(fresh).scalars(), *self.connection.execute(gone).scalars()}

    def opted_out(self, ids: Iterable[UUID]) -> set[UUID]:
        """The projects of `ids` whose makers asked that they leave."""
        found: set[UUID] = set()
        for some in batches(ids):
            marked = is_among(self.connection, project.c.id, some), project.c.opted_out_at.is_not(None)
            stones = is_among(self.connection, tombstone.c.record_id, some), tombstone.c.ground == OPTED_OUT
            for wanted in (select(project.c.id).where(*marked), select(tombstone.c.record_id).where(*stones)):
                found.update(self.connection.execute(wanted).scalars())
        return found

    def records(self, folder: str, ids: Iterable[UUID]) -> Iterator[ExchangeRecord]:
        """The records of `ids` that may be sent, in that order."""
        kind = KIND_OF[folder]
        for some in batches(ids):
            curated = self._ours(TABLES[kind], some)
            public = _public(self.connection, kind, curated)
            lines = self._lines(public) if kind == PROJECT else {}
            for key in (key for key in some if key in public):
                if record := exchange_record(public[key], curated[key], lines.get(key)):
                    yield record

    def _ours(self, table: Table, ids: Sequence[UUID]) -> dict[UUID, bool]:
        """Those that are no other catalogue's, and whether editors wrote them."""
        query = select(table.c.id, table.c.curated).where(
            table.c.peer_id.is_(None), is_among(self.connection, table.c.id, ids)
        )
        return {key: bool(curated) for key, curated in self.connection.execute(query)}

    def _lines(self, public: Mapping[UUID, PublicProject]) -> dict[UUID, ProjectLines]:
        """Lines of these projects that their public records do not hold."""
        connection, uses = self.connection, defaultdict[UUID, list[Any]](list)
        for row in connection.execute(_USES.where(is_among(connection, adoption.c.project_id, list(public)))):
            uses[row.project_id].append(row)
        providers = organizations_by_slug(connection, provider_slugs(use for lines in uses.values() for use in lines))
        project_ids = _project_ids(connection, {line.slug for record in public.values() for line in record.relations})
        return {key: ProjectLines([adoption_line(use, providers) for use in uses[key]], project_ids) for key in public}


def _public(connection: Connection, kind: str, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The public records of these; those whose row is of an older shape are built."""
    query = select(public_record.c.id, public_record.c.change, public_record.c.version, public_record.c.body)
    rows = connection.execute(
        query.where(public_record.c.kind == kind, is_among(connection, public_record.c.id, ids))
    ).all()
    old = [row.id for row in rows if row.version != VERSION]
    records = {key: built.record for key, built in build_records(connection, kind, old).items()} if old else {}
    for row in rows:
        if row.version == VERSION:
            records[row.id] = record_of(KINDS[kind], unpacked(row.body), row.change, _NEEDED)
    return records


# Fields of public records that the view reads.
_NEEDED = frozenset(
    {"id", "record", "added_at", "changed_at", "maintenance", "relations", "hosts", "opted_out", "chosen", "mirror"}
    | {"looked_at", "origin"}
)


def _project_ids(connection: Connection, slugs: set[str]) -> dict[str, UUID]:
    if not slugs:
        return {}
    query = select(project.c.slug, project.c.id).where(OPEN, is_among(connection, project.c.slug, sorted(slugs)))
    return {slug: key for slug, key in connection.execute(query)}
