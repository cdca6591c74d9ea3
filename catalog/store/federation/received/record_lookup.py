"""Finds our row for an identity that a record of another catalogue names. It makes and changes no row."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.core.engine import batches, is_among
from catalog.store.federation.received.records import PeerStatement
from catalog.tables.core import organization, project
from catalog.tables.federation import received_record

TABLES: Mapping[str, Table] = {ORGANIZATION: organization, PROJECT: project}  # what others name comes first
Reference = tuple[str, str]  # kind and identity, as a line has it: the text of a UUID
Named = tuple[UUID, str, str]  # the catalogue that says it, and the reference


@dataclass(frozen=True)
class ReferencedRecord:
    """Which row an identity leads to that a record names."""

    id: UUID
    slug: str
    name: str


RowsNamed = Callable[[PeerStatement, str, str], ReferencedRecord | None]  # by kind and identity


def references(record: Mapping[str, Any]) -> list[Reference]:
    """The records that the record of a line names, in order."""
    named = [(ORGANIZATION, line["organization"]) for line in record.get("maintenance", ())]
    named += [(ORGANIZATION, host) for host in (record.get("runs") or {}).get("hosted", ())]
    return named + [(PROJECT, line["project"]) for line in record.get("relations", ())]


def references_of_uses(uses: Iterable[Mapping[str, Any]]) -> list[Reference]:
    """As `references`, of uses."""
    return [(ORGANIZATION, use[part]) for use in uses for part in ("organization", "provider") if part in use]


def rows_named(connection: Connection, lines: Iterable[tuple[PeerStatement, Iterable[Reference]]]) -> RowsNamed:
    """In the caller's transaction: which rows these references of statements lead to."""
    references = resolve_references(connection, ((line.home.id, *ref) for line, refs in lines for ref in refs))
    return lambda line, kind, key: references.get((line.home.id, kind, key))


def resolve_references(connection: Connection, refs: Iterable[Named]) -> dict[Named, ReferencedRecord]:
    """In the caller's transaction: which rows these lead to: the catalogue's own record, where it has one, or
    another's, before a row of ours."""
    every = set(refs)
    records: dict[Named, ReferencedRecord] = {}
    for kind, table in TABLES.items():
        ids = {key: UUID(key) for _, of_kind, key in every if of_kind == kind}
        by_peer: dict[tuple[UUID, UUID], UUID | None] = {}
        by_any: dict[UUID, UUID] = {}
        rows: dict[UUID, ReferencedRecord] = {}
        for batch in batches(ids.values()):
            query = select(received_record.c.peer_id, received_record.c.record_id, received_record.c.local_id).where(
                received_record.c.kind == kind,
                is_among(connection, received_record.c.record_id, batch),
            )
            for row in connection.execute(query.order_by(received_record.c.id.desc())).all():
                by_peer[row.peer_id, row.record_id] = row.local_id
                if row.local_id is not None:
                    by_any[row.record_id] = row.local_id
        for batch in batches({*ids.values(), *by_any.values()}):
            visible = select(table.c.id, table.c.slug, table.c.name).where(is_among(connection, table.c.id, batch))
            rows |= {row.id: ReferencedRecord(*row) for row in connection.execute(visible).all()}
        for peer_id, of_kind, key in every:
            if of_kind == kind:
                row_id = by_peer.get((peer_id, ids[key]), by_any.get(ids[key], ids[key]))
                if row_id in rows:
                    records[peer_id, of_kind, key] = rows[row_id]
    return records
