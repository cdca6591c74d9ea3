"""The curated layer: a whole document taken over, or given back. What people declared and mirrors showed is left alone.

Loading the same document twice writes nothing. A record is kept as the document states it; the rows that pages ask
for (maintenance, adoptions, relations, terms) are made from it anew whenever it changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, delete, select, update

from catalog.document import as_record, from_record
from catalog.model import Collection, Document, Manifest, Organization, Project
from catalog.schema import (
    adoption,
    block,
    collection,
    former,
    maintenance,
    mirror,
    organization,
    project,
    project_term,
    relation,
    removed,
)
from catalog.store.database import insert, next_change, note, noted, reading, writing
from catalog.store.mirrors import want_mirror

CURATED = "curated"
BATCH = 500  # ids in one statement: SQLite takes 32,766 variables, PostgreSQL's driver 65,535

Kept = Mapping[UUID, tuple[str, Mapping[str, Any], bool]]  # id -> slug, record, curated


@dataclass(frozen=True)
class Loaded:
    """What a load changed: slugs of records, in the document's order."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()  # blocked here: the block outlives every load
    texts: bool = False  # the manifest or a collection changed

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.dropped or self.texts)


class Curated:
    def __init__(self, engine: Engine):
        self._engine = engine

    def document(self) -> Document | None:
        """The curated records as a document in canonical order; None before the first load."""
        with reading(self._engine) as connection:
            kept = noted(connection, "manifest")
            if kept is None:
                return None
            projects = _records(connection, project)
            organizations = _records(connection, organization)
            collections = connection.execute(select(collection.c.record).order_by(collection.c.position)).scalars()
            return Document(
                manifest=from_record(Manifest, kept),
                collections=tuple(from_record(Collection, record) for record in collections),
                projects=tuple(from_record(Project, record) for record in projects),
                organizations=tuple(from_record(Organization, record) for record in organizations),
            )

    def skipped(self, document: Document) -> tuple[str, ...]:
        """The slugs of projects in this document that are blocked here, so that a load does not show them."""
        manifest = document.manifest
        ids = {one.id or manifest.identity("project", _first_slug(one)): one.slug for one in document.projects}
        with reading(self._engine) as connection:
            blocked = set(connection.execute(select(block.c.project_id)).scalars())
        return tuple(slug for key, slug in ids.items() if key in blocked)

    def load(self, document: Document, *, digest: str, now: datetime) -> Loaded:
        """Make the curated layer say what this document says, in one transaction.

        A record that left the document goes, unless something declared hangs on it: then it stays without its curated
        values. The document must have passed `catalog.document.check`.
        """
        with writing(self._engine) as connection:
            loaded = _Load(connection, document, now).run()
            if noted(connection, "digest") != digest:
                note(connection, "digest", digest)
            if noted(connection, "problem") is not None:
                note(connection, "problem", None)
            return loaded


class _Load:
    """One load: what it found before, what it changes. Lives as long as its transaction."""

    def __init__(self, connection: Connection, document: Document, now: datetime):
        self.connection, self.document, self.now = connection, document, now
        manifest = document.manifest
        self.organizations = {
            one.id or manifest.identity("organization", _first_slug(one)): one for one in document.organizations
        }
        self.projects = {one.id or manifest.identity("project", _first_slug(one)): one for one in document.projects}
        self.organization_ids = {one.slug: key for key, one in self.organizations.items()}
        self.project_ids = {one.slug: key for key, one in self.projects.items()}
        self.blocked = set(connection.execute(select(block.c.project_id)).scalars())
        self.unshown: set[UUID] = set()
        self._number: int | None = None

    @property
    def number(self) -> int:
        """This load's change number, counted when the first change is written."""
        if self._number is None:
            self._number = next_change(self.connection)
        return self._number

    def run(self) -> Loaded:
        texts = self._texts()
        old_organizations, old_projects = _kept(self.connection, organization), _kept(self.connection, project)
        skipped = {key for key in self.blocked if key in old_projects or key in self.projects}
        new_organizations = {key: self._record(key, one) for key, one in self.organizations.items()}
        new_projects = {key: self._record(key, one) for key, one in self.projects.items() if key not in skipped}
        changed_organizations = _different(old_organizations, new_organizations)
        changed_projects = _different(old_projects, new_projects)
        gone_organizations = _curated_only_before(old_organizations, self.organizations)
        gone_projects = _curated_only_before(old_projects, self.projects) - skipped

        self.unshown = {key for key in skipped if key not in old_projects}  # has no row to point at
        self._drop(project, "project", gone_projects, old_projects)
        self._drop(organization, "organization", gone_organizations, old_organizations)
        self._write(organization, "organization", changed_organizations, new_organizations, old_organizations)
        self._write(project, "project", changed_projects, new_projects, old_projects)
        stated = set(new_projects) if gone_organizations else changed_projects
        self._states(stated)
        self._touch_mentioning(changed_organizations, stated)
        self._mirrors(changed_projects)
        before = old_projects.keys() | old_organizations.keys()
        added = (changed_projects | changed_organizations) - before
        everything: dict[UUID, Project | Organization] = {**self.projects, **self.organizations}
        return Loaded(
            added=_slugs(everything, added),
            changed=_slugs(everything, (changed_projects | changed_organizations) & before),
            dropped=tuple(sorted(old_projects[key][0] for key in gone_projects))
            + tuple(sorted(old_organizations[key][0] for key in gone_organizations)),
            skipped=_slugs(everything, skipped),
            texts=texts,
        )

    def _record(self, key: UUID, one: Project | Organization) -> dict[str, Any]:
        return as_record(replace(one, id=key))

    def _texts(self) -> bool:
        """Manifest and collections; whether anything changed."""
        manifest = as_record(self.document.manifest)
        collections = [as_record(one) for one in self.document.collections]
        before = list(self.connection.execute(select(collection.c.record).order_by(collection.c.position)).scalars())
        if noted(self.connection, "manifest") == manifest and before == collections:
            return False
        note(self.connection, "manifest", manifest)
        self.connection.execute(delete(collection))
        for position, record in enumerate(collections):
            self.connection.execute(collection.insert().values(slug=record["slug"], position=position, record=record))
        return self.number > 0

    def _drop(self, table: Table, kind: str, keys: set[UUID], old: Kept) -> None:
        if not keys:
            return
        owner = adoption.c.project_id if kind == "project" else adoption.c.organization_id
        declared = set(
            self.connection.execute(select(owner).where(owner.in_(keys), adoption.c.origin != CURATED)).scalars()
        )
        for key in sorted(keys, key=str):
            if key in declared:
                slug, record, _ = old[key]
                bare = {"slug": slug, "id": str(key), "name": record["name"]}
                if kind == "project":
                    bare["summary"] = record["summary"]
                self.connection.execute(
                    update(table)
                    .where(table.c.id == key)
                    .values(curated=False, record=bare, change=self.number, changed_at=self.now)
                )
                if kind == "project":
                    self._clear([key])
                continue
            self.connection.execute(delete(table).where(table.c.id == key))
            statement = insert(self.connection, removed).values(kind=kind, record_id=key, change=self.number)
            self.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "record_id"], set_={"change": statement.excluded.change}
                )
            )

    def _write(
        self, table: Table, kind: str, keys: set[UUID], records: Mapping[UUID, Mapping[str, Any]], old: Kept
    ) -> None:
        # Two records that swap their slugs would collide on the way: every slug that changes is freed first.
        for key in keys & old.keys():
            if old[key][0] != records[key]["slug"]:
                self.connection.execute(update(table).where(table.c.id == key).values(slug=f"~{key.hex}"))
                self._former(kind, old[key][0], key)
        values = [self._row(kind, key, records[key]) for key in records if key in keys]
        for row in values:
            if row["id"] in old:
                self.connection.execute(update(table).where(table.c.id == row["id"]).values(**row))
        fresh = [row | {"added_at": self.now} for row in values if row["id"] not in old]
        if fresh:
            self.connection.execute(table.insert(), fresh)
        for key in keys:
            for slug in records[key].get("former", ()):
                self._former(kind, slug, key)
        for batch in _batches(keys):
            self.connection.execute(delete(removed).where(removed.c.kind == kind, removed.c.record_id.in_(batch)))

    def _row(self, kind: str, key: UUID, record: Mapping[str, Any]) -> dict[str, Any]:
        row = {
            "id": key,
            "slug": record["slug"],
            "name": record["name"],
            "curated": True,
            "record": record,
            "change": self.number,
            "changed_at": self.now,
        }
        if kind == "organization":
            return row | {name: record.get(name) for name in ("kind", "country", "homepage")}
        return row | {
            "repository": record.get("repository"),
            "license": record.get("license"),
            "context_only": record.get("context_only", False),
        }

    def _former(self, kind: str, slug: str, key: UUID) -> None:
        statement = insert(self.connection, former).values(kind=kind, slug=slug, record_id=key)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["kind", "slug"], set_={"record_id": statement.excluded.record_id}
            )
        )

    def _clear(self, keys: Iterable[UUID]) -> None:
        for batch in _batches(keys):
            for table in (maintenance, adoption):
                self.connection.execute(delete(table).where(table.c.project_id.in_(batch), table.c.origin == CURATED))
            for table in (relation, project_term):
                self.connection.execute(delete(table).where(table.c.project_id.in_(batch)))

    def _states(self, keys: set[UUID]) -> None:
        """The rows that pages ask for, made anew from the records of these projects."""
        if not keys:
            return
        self._clear(keys)
        rows: dict[Table, list[dict[str, Any]]] = {maintenance: [], adoption: [], relation: [], project_term: []}
        for key, one in self.projects.items():
            if key in keys:
                rows[maintenance] += self._maintenance(key, one)
                rows[adoption] += self._adoptions(key, one)
                rows[relation] += self._relations(key, one)
                rows[project_term] += _terms(key, one)
        for table, values in rows.items():
            if values:
                self.connection.execute(table.insert(), values)

    def _maintenance(self, key: UUID, one: Project) -> list[dict[str, Any]]:
        return [
            {
                "project_id": key,
                "organization_id": self.organization_ids[line.organization] if line.organization else None,
                "person": line.person,
                "role": line.role,
                "origin": CURATED,
                "position": position,
                "record": as_record(line),
            }
            for position, line in enumerate(one.maintenance)
        ]

    def _adoptions(self, key: UUID, one: Project) -> list[dict[str, Any]]:
        return [
            {
                "project_id": key,
                "organization_id": self.organization_ids[line.organization],
                "stage": line.stage,
                "visibility": line.visibility,
                "verification": line.verification,
                "origin": CURATED,
                "position": position,
                "record": as_record(line),
            }
            for position, line in enumerate(one.adoptions)
        ]

    def _relations(self, key: UUID, one: Project) -> list[dict[str, Any]]:
        seen: set[tuple[str, UUID]] = set()
        rows = []
        for position, line in enumerate(one.relations):
            target = self.project_ids[line.project]
            if target not in self.unshown and (line.type, target) not in seen:
                seen.add((line.type, target))
                rows.append({"project_id": key, "type": line.type, "target_id": target, "position": position})
        return rows

    def _touch_mentioning(self, organizations: set[UUID], already: set[UUID]) -> None:
        """A project's page and its row in the index show the names of organizations: they changed with them."""
        for table in (maintenance, adoption):
            for batch in _batches(organizations):
                ids = set(
                    self.connection.execute(
                        select(table.c.project_id).where(table.c.organization_id.in_(batch))
                    ).scalars()
                )
                for touched in _batches(ids - already):
                    self.connection.execute(update(project).where(project.c.id.in_(touched)).values(change=self.number))

    def _mirrors(self, keys: set[UUID]) -> None:
        """Only free software is mirrored: what is shown as context is not."""
        for key in keys:
            one = self.projects[key]
            if one.repository and not one.context_only:
                want_mirror(self.connection, key, one.repository, uses=len(one.adoptions), now=self.now)
            else:
                self.connection.execute(
                    delete(mirror).where(mirror.c.project_id == key, mirror.c.first_mirrored_at.is_(None))
                )


def _first_slug(one: Project | Organization) -> str:
    return one.former[0] if one.former else one.slug


def _terms(key: UUID, one: Project) -> list[dict[str, Any]]:
    chosen = {("domain", term) for term in one.domains}
    chosen |= {("made-for", term) for term in one.made_for}
    chosen |= {("audience", claim.term) for claim in one.audiences}
    return [{"project_id": key, "vocabulary": vocabulary, "term": term} for vocabulary, term in sorted(chosen)]


def _kept(connection: Connection, table: Table) -> dict[UUID, tuple[str, Mapping[str, Any], bool]]:
    rows = connection.execute(select(table.c.id, table.c.slug, table.c.record, table.c.curated))
    return {row.id: (row.slug, row.record, row.curated) for row in rows}


def _different(old: Kept, new: Mapping[UUID, Mapping[str, Any]]) -> set[UUID]:
    return {key for key, record in new.items() if key not in old or not old[key][2] or old[key][1] != record}


def _curated_only_before(old: Kept, new: Mapping[UUID, Project | Organization]) -> set[UUID]:
    return {key for key, (_, _, curated) in old.items() if curated and key not in new}


def _records(connection: Connection, table: Table) -> list[Mapping[str, Any]]:
    rows = connection.execute(select(table.c.record).where(table.c.curated).order_by(table.c.slug))
    return list(rows.scalars())


def _slugs(records: Mapping[UUID, Project | Organization], keys: Iterable[UUID]) -> tuple[str, ...]:
    wanted = set(keys)
    return tuple(one.slug for key, one in records.items() if key in wanted)


def _batches(keys: Iterable[UUID]) -> Iterable[Sequence[UUID]]:
    every = sorted(keys, key=str)
    return (every[start : start + BATCH] for start in range(0, len(every), BATCH))
