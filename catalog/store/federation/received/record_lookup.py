"""Finds our row for an identity that a record of another catalogue names. It makes and changes no row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Table, select

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.core.engine import batches, is_among
from catalog.tables.core import organization, project
from catalog.tables.federation import received_record

TABLES: Mapping[str, Table] = {PROJECT: project, ORGANIZATION: organization}


@dataclass(frozen=True)
class ReferencedRecord:
    """Which row an identity leads to that a record names."""

    id: UUID
    slug: str
    name: str


def resolve_references(
    connection: Connection, refs: Iterable[tuple[UUID, str, UUID]]
) -> dict[tuple[UUID, str, UUID], ReferencedRecord]:
    """In the caller's transaction: which rows these lead to, each the catalogue that says it, a kind and an identity:
    its own record, where it has one, or another's, before a row of ours."""
    every = set(refs)
    found: dict[tuple[UUID, str, UUID], ReferencedRecord] = {}
    for kind, table in TABLES.items():
        ids = {key for _, of_kind, key in every if of_kind == kind}
        by_peer: dict[tuple[UUID, UUID], UUID | None] = {}
        by_any: dict[UUID, UUID] = {}
        rows: dict[UUID, ReferencedRecord] = {}
        for batch in batches(ids):
            told = select(received_record.c.peer_id, received_record.c.record_id, received_record.c.local_id).where(
                received_record.c.kind == kind,
                is_among(connection, received_record.c.record_id, batch),
            )
            for row in connection.execute(told.order_by(received_record.c.id.desc())).all():
                by_peer[row.peer_id, row.record_id] = row.local_id
                if row.local_id is not None:
                    by_any[row.record_id] = row.local_id
        for batch in batches(ids | set(by_any.values())):
            shown = select(table.c.id, table.c.slug, table.c.name).where(is_among(connection, table.c.id, batch))
            rows |= {row.id: ReferencedRecord(*row) for row in connection.execute(shown).all()}
        for peer_id, of_kind, key in every:
            row_id = by_peer[peer_id, key] if (peer_id, key) in by_peer else by_any.get(key, key)
            if of_kind == kind and row_id in rows:
                found[peer_id, of_kind, key] = rows[row_id]
    return found
