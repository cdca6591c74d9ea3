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
    slugs: dict[str, set[str]] = {"organization": set(), "project": set()}
    for record in projects:
        for kind, slug in relations.mentions(record):
            slugs[kind].add(slug)
    ids: dict[str, dict[str, UUID]] = {}
    for kind, table in TABLES.items():
        every = select(table.c.slug, table.c.id).where(table.c.slug.in_(slugs[kind]))
        ids[kind] = {row.slug: row.id for row in connection.execute(every)}
        ids[kind] |= {
            slug: key for slug, key in merged_records_by_slug(connection, kind).items() if slug in slugs[kind]
        }
    return relations.IdsBySlug(organizations=ids["organization"], projects=ids["project"])


def _final_id(direct: Mapping[UUID, UUID], key: UUID) -> UUID:
    passed_ids = {key}
    while (key := direct.get(key, key)) in direct and key not in passed_ids:
        passed_ids.add(key)
    return key
