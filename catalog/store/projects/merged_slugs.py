"""Resolve slugs and identities of merged records to the record that they were merged into."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Connection, Table, select

from catalog.model import Project
from catalog.store.projects import relations
from catalog.tables.core import organization, project
from catalog.tables.moderation import merged_record

TABLES: Mapping[str, Table] = {"project": project, "organization": organization}


def merged_into(connection: Connection, kind: str) -> dict[UUID, UUID]:
    """In the caller's transaction: the records that were merged into others, each with the one that replaces it now."""
    rows = connection.execute(
        select(merged_record.c.record_id, merged_record.c.into_id).where(merged_record.c.kind == kind)
    ).all()
    direct = {row.record_id: row.into_id for row in rows}
    return {key: _final_id(direct, key) for key in direct}


def merged_records_by_slug(connection: Connection, kind: str) -> dict[str, UUID]:
    """In the caller's transaction: the slugs of records that were merged into others, each with the record that
    replaces it now."""
    merged_into_id = merged_into(connection, kind)
    rows = connection.execute(
        select(merged_record.c.record_id, merged_record.c.before).where(merged_record.c.kind == kind)
    ).all()
    return {row.before["slug"]: merged_into_id[row.record_id] for row in rows}


def ids_of_mentions(connection: Connection, projects: Iterable[Project]) -> relations.IdsBySlug:
    """In the caller's transaction: the record for each slug that these projects name, merges included."""
    named: dict[str, set[str]] = {"organization": set(), "project": set()}
    for record in projects:
        for kind, slug in relations.mentions(record):
            named[kind].add(slug)
    found: dict[str, dict[str, UUID]] = {}
    for kind, table in TABLES.items():
        every = select(table.c.slug, table.c.id).where(table.c.slug.in_(named[kind]))
        found[kind] = {row.slug: row.id for row in connection.execute(every)}
        found[kind] |= {
            slug: key for slug, key in merged_records_by_slug(connection, kind).items() if slug in named[kind]
        }
    return relations.IdsBySlug(organizations=found["organization"], projects=found["project"])


def _final_id(direct: Mapping[UUID, UUID], key: UUID) -> UUID:
    seen = {key}
    while (key := direct.get(key, key)) in direct and key not in seen:
        seen.add(key)
    return key
