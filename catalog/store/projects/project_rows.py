"""Write the rows of projects and organizations when a document is loaded. `projects.relations` writes what they state
about others.

A record that stays although the document dropped it, and one that is blocked, gives up its slug when another record
takes it: the document decides which record has an address.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, delete, func, or_, select, update

from catalog.document import as_record
from catalog.model import Organization, Project
from catalog.rules.fact import CURATED, DECLARED, PEER, Statement, statements_of_record
from catalog.store.core.engine import BATCH, batches, insert
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange
from catalog.store.projects import fact_history
from catalog.store.projects.relations import delete_rows
from catalog.tables.adoptions import adoption
from catalog.tables.core import (
    ORGANIZATION_COLUMNS,
    fact,
    former_slug,
    maintenance,
    organization,
    project,
    removed_record,
)

Nouns = Mapping[UUID, Project] | Mapping[UUID, Organization]
_RECORD = select(project.c.record).where(project.c.id == bindparam("wanted"))


def curated_records(connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    """The records of the document, by slug."""
    query = select(table.c.record, table.c.document).where(table.c.curated).order_by(table.c.slug)
    return (row.document or row.record for row in connection.execute(query))


def record_of(connection: Connection, project_id: UUID) -> Mapping[str, Any] | None:
    """In the caller's transaction: a project's record as its page shows it; None when it is not here any more."""
    record: Mapping[str, Any] | None = connection.execute(_RECORD, {"wanted": project_id}).scalar()
    return record


def record_of_organization(connection: Connection, organization_id: UUID) -> Mapping[str, Any] | None:
    """In the caller's transaction: as `record_of`, for an organization; None also for a hidden one."""
    record: Mapping[str, Any] | None = connection.execute(
        select(organization.c.record).where(organization.c.id == organization_id, organization.c.hidden.is_(None))
    ).scalar()
    return record


def slug_exists(connection: Connection, kind: str, slug: str) -> bool:
    """In the caller's transaction: whether there is a project or an organization with this slug."""
    table = project if kind == "project" else organization
    return connection.execute(select(table.c.id).where(table.c.slug == slug)).first() is not None


def projects_at(connection: Connection, key: str) -> tuple[UUID, ...]:
    """In the caller's transaction: the projects whose repository address has this `repository_key`."""
    spelled = [f"{scheme}{www}{key}{end}" for scheme in ("https://", "http://") for www in ("", "www.")
               for end in ("", ".git", "/", ".git/")]  # fmt: skip
    query = select(project.c.id).where(func.lower(project.c.repository).in_(spelled))
    return tuple(connection.execute(query).scalars())


class RecordRows:
    """The rows of one kind during one load; `slugs` are those of all rows, by identity, as they were before it."""

    def __init__(self, connection: Connection, table: Table, number: PublicChange, now: datetime):
        self._connection, self._table, self._kind = connection, table, table.name
        self._number, self._now = number, now
        rows = connection.execute(select(table.c.id, table.c.slug, table.c.curated)).all()
        self.slugs: dict[UUID, str] = {row.id: row.slug for row in rows}
        self._curated = {row.id for row in rows if row.curated}
        self._remaining = set(self.slugs)
        self.bared: set[UUID] = set()  # those that `drop` left without their curated values
        self._fresh: dict[str, Any] = {"added_at": now} | ({"declared": {}} if table is organization else {})

    def differing(self, nouns: Nouns) -> tuple[set[UUID], set[UUID]]:
        """The records that differ from the stored ones; among them, those where only adoptions that are not public
        differ."""
        changed = {key for key in nouns if key not in self._curated}
        unseen = set()
        for batch in batches(key for key in nouns if key in self._curated):
            query = select(self._table.c.id, self._table.c.record, self._table.c.document)
            for key, record_shown, document in self._connection.execute(query.where(self._table.c.id.in_(batch))).all():
                document_before, record = document or record_shown, _record_with_id(key, nouns[key])
                if record != document_before:
                    changed.add(key)
                    if _public_part(record) == _public_part(document_before):
                        unseen.add(key)
        return changed, unseen

    def drop(self, present: Collection[UUID]) -> tuple[str, ...]:
        """Delete the curated rows that are not among these. Returns their slugs, sorted.

        A row with submissions stays, without its curated values.
        """
        gone = {key for key in self._curated if key not in present}
        declared = self._with_statements(gone)
        self._number.touch(self._kind, *gone)
        for batch in batches(gone - declared):
            if self._kind == "project":
                fact_history.close_facts(self._connection, CURATED, batch, now=self._now)
            self._connection.execute(delete(self._table).where(self._table.c.id.in_(batch)))
            statement = insert(self._connection, removed_record)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "record_id"], set_={"change": statement.excluded.change}
                ),
                [{"kind": self._kind, "record_id": key, "change": self._number()} for key in batch],
            )
        for batch in batches(declared):
            rows = self._connection.execute(
                select(self._table.c.id, self._table.c.record, self._table.c.document, self._table.c.added_at).where(
                    self._table.c.id.in_(batch)
                )
            ).all()
            if self._kind == "project":
                implied = {
                    row.id: [
                        fact_history.StoredFact.implied(statement, row.added_at)
                        for statement in statements_of_record(row.document or row.record)
                    ]
                    for row in rows
                }
                silent: dict[UUID, Sequence[Statement]] = dict.fromkeys(batch, ())
                fact_history.replace_facts(self._connection, CURATED, silent, now=self._now, implied=implied)
            self._update([self._bare(row.id, row.document or row.record) for row in rows])
        if self._kind == "project":
            delete_rows(self._connection, declared)
        self._remaining -= gone - declared
        self.bared = declared
        return tuple(sorted(self.slugs[key] for key in gone))

    def write(self, nouns: Nouns, keys: set[UUID], unseen: Collection[UUID] = ()) -> None:
        """Add or replace these rows, after `drop`. Those in `unseen` keep the number and time of their last change."""
        self._free_slugs(nouns, keys)
        for batch in batches(keys):
            records = {key: _record_with_id(key, nouns[key]) for key in batch}
            fresh = [self._row(key, record) | self._fresh for key, record in records.items() if key not in self.slugs]
            if fresh:
                self._connection.execute(self._table.insert(), fresh)
            ids = [key for key in batch if key in self.slugs]
            self._update([self._row(key, records[key]) for key in ids if key not in unseen])
            self._update([{"id": key, "record": records[key], "document": None} for key in ids if key in unseen])
            self._formers([(slug, key) for key in batch for slug in nouns[key].former])
            self._connection.execute(
                delete(removed_record).where(removed_record.c.kind == self._kind, removed_record.c.record_id.in_(batch))
            )

    def stated_records(self, keys: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
        """The records of these as the document stated them until now; those that are new are left out."""
        records: dict[UUID, Mapping[str, Any]] = {}
        for batch in batches(keys):
            query = select(self._table.c.id, self._table.c.record, self._table.c.document)
            for row in self._connection.execute(query.where(self._table.c.id.in_(batch))):
                records[row.id] = row.document or row.record
        return records

    def _with_statements(self, keys: set[UUID]) -> set[UUID]:
        ids: set[UUID] = set()
        for table in (adoption, maintenance):
            owner = table.c.project_id if self._kind == "project" else table.c.organization_id
            for batch in batches(keys):
                rows = self._connection.execute(select(owner).where(owner.in_(batch), table.c.origin == DECLARED))
                ids.update(rows.scalars())
        for batch in batches(keys):
            if self._kind == "project":
                others = or_(fact.c.origin == DECLARED, fact.c.origin.startswith(PEER))
                query = select(fact.c.project_id).where(fact.c.project_id.in_(batch), others)
                ids.update(self._connection.execute(query.where(fact.c.until.is_(None))).scalars())
            else:
                rows = self._connection.execute(
                    select(organization.c.id, organization.c.declared, organization.c.hidden).where(
                        organization.c.id.in_(batch)
                    )
                )
                ids.update(row.id for row in rows if row.declared or row.hidden)
        return ids

    def _bare(self, key: UUID, record: Mapping[str, Any]) -> dict[str, Any]:
        """What stays of a dropped record. `context_only` stays, so that it does not pass for free software."""
        fields = {name: record[name] for name in ("slug", "id", "name", "summary", "context_only") if name in record}
        row = {"id": key, "record": fields, "document": None, "curated": False, "change": self._number()}
        row |= {"changed_at": self._now}
        empty = ("repository", "license") if self._kind == "project" else ORGANIZATION_COLUMNS
        return row | dict.fromkeys(empty)

    def _free_slugs(self, nouns: Nouns, keys: set[UUID]) -> None:
        """Free every slug that changes: two records that swap their slugs would collide otherwise."""
        ids = {key for key in keys if key in self.slugs}
        renamed = {key for key in ids if self.slugs[key] != nouns[key].slug}
        self._update([{"id": key, "slug": f"~{key.hex}"} for key in sorted(renamed, key=str)])
        self._formers([(self.slugs[key], key) for key in sorted(renamed, key=str)])
        slugs = {nouns[key].slug for key in keys - (ids - renamed)}
        aside = {key for key in self._remaining - ids if self.slugs[key] in slugs}
        for batch in batches(aside):
            rows = self._connection.execute(
                select(self._table.c.id, self._table.c.record).where(self._table.c.id.in_(batch))
            ).all()
            for key, record in rows:
                slug = f"{self.slugs[key][:91]}-{key.hex[:8]}"
                row = {"slug": slug, "record": dict(record) | {"slug": slug}, "change": self._number()}
                self._update([{"id": key} | row])

    def _row(self, key: UUID, record: Mapping[str, Any]) -> dict[str, Any]:
        row = {name: record[name] for name in ("slug", "name")} | {
            "id": key,
            "folded": folded(record["name"]),
            "curated": True,
            "peer_id": None,
            "record": record,
            "document": None,
            "change": self._number(),
            "changed_at": self._now,
        }
        if self._table is project:
            return row | {
                "repository": record.get("repository"),
                "license": record.get("license"),
                "context_only": record.get("context_only", False),
            }
        return row | {name: record.get(name) for name in ORGANIZATION_COLUMNS}

    def _update(self, rows: list[dict[str, Any]]) -> None:
        """Each row is its `id` and the columns to set, the same ones in all of them."""
        if rows:
            columns = {
                name: bindparam(f"new_{name}", type_=self._table.c[name].type) for name in rows[0] if name != "id"
            }
            statement = update(self._table).where(self._table.c.id == bindparam("key")).values(columns)
            rows_by_key = [{("key" if name == "id" else f"new_{name}"): row[name] for name in row} for row in rows]
            for start in range(0, len(rows_by_key), BATCH):
                self._connection.execute(statement, rows_by_key[start : start + BATCH])

    def _formers(self, slugs: list[tuple[str, UUID]]) -> None:
        if slugs:
            statement = insert(self._connection, former_slug)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "slug"], set_={"record_id": statement.excluded.record_id}
                ),
                [{"kind": self._kind, "slug": slug, "record_id": key} for slug, key in slugs],
            )


def _record_with_id(key: UUID, noun: Project | Organization) -> dict[str, Any]:
    return as_record(replace(noun, id=key))


def _public_part(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without adoptions that are not public."""
    lines = [line for line in record.get("adoptions", ()) if line.get("visibility", "public") == "public"]
    return dict(record) | {"adoptions": lines}
