"""Load a whole document into the database, and write it back. What people declared and mirrors showed is left alone.

A document is checked before and loaded as a whole, in one transaction. That is why loading shares nothing with the
merge of other catalogues' records (`catalog.federation.received_rows`): those come one by one, may be wrong in part,
and wait for the records that they name. Loading the same document twice writes nothing. A record is stored as the
document states it; the rows that pages read and its facts are made from it again whenever it changes. A load holds the
identities of all records and the text of 500: a document of 100,000 projects adds little to the memory that the
document itself takes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, select

from catalog.document import as_record, from_record
from catalog.model import Collection, Document, Manifest, Organization, Project
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fact import CURATED, statements_of_record
from catalog.rules.record_values.screenshot import LOGO, SCREENSHOTS, paths_in_record
from catalog.store.adoptions.reconfirmation import count_uses_since
from catalog.store.core.engine import DatabasePart, analyze, batches, get_meta, reading, set_meta
from catalog.store.core.public_changes import PublicChange, changing, changing_many
from catalog.store.documents import collections, curation, overrides
from catalog.store.federation.received.facts import OF_RECORD
from catalog.store.mirrors.mirror_rows import want_mirrors
from catalog.store.observations.screenshots import want_pictures
from catalog.store.ownership import unlisted
from catalog.store.projects import fact_history, merged_slugs, relations
from catalog.store.projects.project_rows import RecordRows, curated_records
from catalog.store.projects.relations import mentions
from catalog.tables.core import collection, mirror, organization, project, takedown

MANY = 500  # records that changed at once
FINANCE = "solidarity-finance"  # the domain whose repositories are copied first
BEFORE_OTHERS = 500  # added to the uses of what is copied first; no project has so many


@dataclass(frozen=True)
class LoadResult:
    """What a load changed: slugs of records, in the document's order."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()  # blocked or merged here, which outlives every load
    locked: tuple[str, ...] = ()  # a moderator locked them: they stay as they are
    texts: bool = False  # the manifest or a collection changed

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.dropped or self.texts)


class CuratedDocument(DatabasePart):
    def document(self) -> Document | None:
        """The curated records as a document in canonical order, with what moderators edited, added and removed here;
        None before the first load.

        Adoptions of every visibility are in it: it is the curator's own file, not a page.
        """
        with reading(self._engine) as connection:
            manifest_text = get_meta(connection, "manifest")
            if manifest_text is None:
                return None
            manifest = from_record(Manifest, manifest_text)
            query = select(collection.c.record).where(~collection.c.hidden).order_by(collection.c.position)
            projects = tuple(from_record(Project, record) for record in _edited_records(connection, project))
            organizations = tuple(
                from_record(Organization, record) for record in _edited_records(connection, organization)
            )
            # What is locked or was edited names others as they were called then, or what people registered.
            slugs = {
                "project": slugs_by_name(projects),
                "organization": slugs_by_name(organizations),
            }
            lists = connection.execute(query).scalars().all()
            return Document(
                manifest=manifest,
                collections=tuple(
                    from_record(Collection, collections.with_projects(record, slugs["project"])) for record in lists
                ),
                projects=tuple(with_slugs(record, slugs) for record in projects),
                organizations=organizations,
            )

    def preview(self, document: Document, *, now: datetime) -> LoadResult:
        """What `load` would change: the load is run and rolled back, so that both can never differ."""
        try:
            with changing(self._engine) as (connection, change):
                raise _Preview(_Load(connection, change, document, now).run())
        except _Preview as done:
            return done.loaded

    def load(self, document: Document, *, digest: str, now: datetime) -> LoadResult:
        """Replace the curated records by those of this document, in one transaction.

        A record that left the document is deleted, unless something was declared of it: then it stays without its
        curated values. The document must have passed `catalog.document.check`.
        """
        with changing_many(self._engine) as (connection, change):
            loaded = _Load(connection, change, document, now).run()
            if get_meta(connection, "digest") != digest:
                set_meta(connection, "digest", digest)
            if get_meta(connection, "problem") is not None:
                set_meta(connection, "problem", None)
        if len(loaded.added) + len(loaded.changed) + len(loaded.dropped) >= MANY:
            analyze(self._engine)
        return loaded


class _Preview(Exception):
    """Carries what a load would have changed out of the transaction that is rolled back."""

    def __init__(self, loaded: LoadResult):
        self.loaded = loaded


class _Load:
    """A load: what was there before, and what it changes. Lives as long as its transaction."""

    def __init__(self, connection: Connection, change: PublicChange, document: Document, now: datetime):
        self.connection, self.document = connection, document
        manifest = document.manifest
        self.organizations = {
            organization_record.id
            or manifest.identity("organization", _first_slug(organization_record)): organization_record
            for organization_record in document.organizations
        }
        self.projects = {
            project_record.id or manifest.identity("project", _first_slug(project_record)): project_record
            for project_record in document.projects
        }
        self.change = change
        self.kept_organizations = RecordRows(connection, organization, self.change, now)
        self.kept_projects = RecordRows(connection, project, self.change, now)
        self.first = not (self.kept_organizations.slugs or self.kept_projects.slugs)  # every row has this number then
        self.now = now

    def run(self) -> LoadResult:
        count_uses_since(self.connection, self.change, self.now)
        texts = self._write_texts()
        old_projects, old_organizations = dict(self.kept_projects.slugs), dict(self.kept_organizations.slugs)
        blocked = set(self.connection.execute(select(takedown.c.project_id)).scalars())
        locked = {kind: curation.locked(self.connection, kind) for kind in ("project", "organization")}
        here = {kind: curation.added(self.connection, kind) for kind in ("project", "organization")}
        hidden = {key for key in blocked if key in old_projects or key in self.projects}
        skipped = hidden | (locked["project"] & old_projects.keys())
        merged_into = {kind: merged_slugs.merged_into(self.connection, kind) for kind in ("project", "organization")}
        merged_organizations = {key for key in merged_into["organization"] if key in self.organizations}
        shown_organizations = {
            key: organization_record
            for key, organization_record in self.organizations.items()
            if key not in merged_organizations | locked["organization"]
        }
        shown_projects = {key: project_record for key, project_record in self.projects.items() if key not in skipped}
        changed_organizations, _ = self.kept_organizations.differing(shown_organizations)
        changed_projects, unseen = self.kept_projects.differing(shown_projects)

        old_changes = changed_projects & old_projects.keys()
        dropped = self.kept_projects.drop(self.projects.keys() | skipped | here["project"])
        dropped += self.kept_organizations.drop(
            self.organizations.keys()
            | merged_into["organization"].keys()
            | locked["organization"]
            | here["organization"]
        )
        curation.forget_added(self.connection, "project", shown_projects, now=self.now)
        curation.forget_added(self.connection, "organization", shown_organizations, now=self.now)
        self._write_facts(shown_projects, old_changes)
        old_statements = self.kept_organizations.stated_records(changed_organizations)
        self.kept_organizations.write(shown_organizations, changed_organizations)
        self.kept_projects.write(shown_projects, changed_projects, unseen)
        unlisted.remember(self.connection, changed_projects - old_projects.keys())
        targets = {
            key: project_record
            for key, project_record in self.projects.items()
            if key in shown_projects or key in old_projects
        }
        ids = relations.IdsBySlug(
            organizations=_after_merges(_by_slug(self.organizations), merged_into["organization"]),
            projects=_after_merges(_by_slug(targets), merged_into["project"]),
        )
        old_ids = relations.IdsBySlug(
            _inverted(old_organizations) | merged_slugs.merged_records_by_slug(self.connection, "organization"),
            _inverted(old_projects) | merged_slugs.merged_records_by_slug(self.connection, "project"),
        )
        moved = ids.differing(old_ids)
        stale = self._write_links(shown_projects, ids, moved, changed_projects)
        self._want_mirrors(changed_projects)
        old_statements |= {key: {} for key in self.kept_organizations.bared}
        overrides.reapply_declared_values(self.connection, old_statements, change=self.change, now=self.now)
        edited = {key: shown_projects[key] for key in changed_projects}
        curation.withdraw_stated_edits(self.connection, edited, now=self.now)
        to_settle = sorted(changed_projects | stale | self.kept_projects.bared, key=str)
        overrides.rebuild_records(self.connection, to_settle, change=self.change, now=self.now)

        everything: dict[UUID, Project | Organization] = {**self.projects, **self.organizations}
        before = old_projects.keys() | old_organizations.keys()
        changed = changed_projects | changed_organizations
        return LoadResult(
            added=_slugs(everything, changed - before),
            changed=_slugs(everything, changed & before),
            dropped=dropped,
            skipped=_slugs(everything, hidden | merged_organizations),
            locked=_slugs(everything, (skipped - hidden) | (locked["organization"] & self.organizations.keys())),
            texts=texts,
        )

    def _write_texts(self) -> bool:
        """Write manifest and collections. Returns whether anything changed."""
        manifest = as_record(self.document.manifest)
        columns = [column for column in collection.c if column is not collection.c.position]
        rows = self.connection.execute(select(*columns).order_by(collection.c.position)).all()
        before = [dict(row._mapping) for row in rows]
        after = self._collections({row["slug"]: row for row in before})
        if get_meta(self.connection, "manifest") == manifest and before == after:
            return False
        set_meta(self.connection, "manifest", manifest)
        self.connection.execute(delete(collection))
        for position, row in enumerate(after):
            self.connection.execute(collection.insert().values(row | {"position": position}))
        return self.change() > 0

    def _collections(self, before: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of curated lists after this load: an edited one holds until the document says the same, a locked one
        stays as it is, one that was added or edited here stays although the document lacks it."""
        locked, slugs = (
            curation.locked(self.connection, curation.COLLECTION),
            slugs_by_name(self.document.projects),
        )
        before = {slug: row | {"record": _renamed(row["record"], slugs)} for slug, row in before.items()}
        after = []
        for record in (as_record(curated_list) for curated_list in self.document.collections):
            old = before.get(record["slug"])
            if old is not None and curation.collection_id(record["slug"]) in locked:
                after.append(old)
            elif old is not None and old["edited"] and (old["hidden"] or old["record"] != record):
                after.append(old | {"document": record})
            else:
                fresh = {"slug": record["slug"], "record": record, "document": None, "edited": False, "hidden": False}
                after.append(fresh)
        stated_slugs = {row["slug"] for row in after}
        for slug, old in before.items():
            left = slug not in stated_slugs and not old["hidden"]
            if left and (old["edited"] or curation.collection_id(slug) in locked):
                after.append(old | {"document": None})
        return after

    def _write_links(
        self,
        records: Mapping[UUID, Project],
        ids: relations.IdsBySlug,
        moved: set[relations.Mention],
        changed: set[UUID],
    ) -> set[UUID]:
        """Rebuild the rows of changed records, and of those that name a slug which is another record now. Returns the
        latter."""
        stale = {
            key
            for key, project_record in (records if moved else {}).items()
            if key not in changed and not moved.isdisjoint(relations.mentions(project_record))
        }
        written = changed | stale
        with relations.touching_linked(self.connection, () if self.first else written, self.change):
            relations.rebuild_rows(self.connection, records, written, ids)
        self.change.touch("project", *stale)
        return stale

    def _write_facts(self, records: Mapping[UUID, Project], keys: Iterable[UUID]) -> None:
        """Write the facts of changed records; it is called before the records are written.

        A new record needs no rows of facts: its values are read from the record.
        """
        for batch in batches(keys):
            query = select(project.c.id, *OF_RECORD)
            statements, implied = {}, {}
            for row in self.connection.execute(query.where(project.c.id.in_(batch))):
                before = statements_of_record(row.document or row.record) if row.curated else []
                now = statements_of_record(as_record(records[row.id]))
                if before != now:
                    statements[row.id] = now
                    implied[row.id] = [fact_history.StoredFact.implied(statement, row.added_at) for statement in before]
                    stood = row.document or row.record
                    pictures = ([picture.path for picture in records[row.id].screenshots], records[row.id].logo)
                    if pictures != (paths_in_record(stood.get(SCREENSHOTS)), stood.get(LOGO)):
                        want_pictures(self.connection, row.id, now=self.now)
            fact_history.replace_facts(self.connection, CURATED, statements, now=self.now, implied=implied, touch=False)

    def _want_mirrors(self, keys: set[UUID]) -> None:
        """Mirror the repositories of these projects, first of those in selections and for solidarity finance, since the
        room may not do for all; projects that are context only are not mirrored."""
        selected = {line.project for selection in self.document.collections for line in selection.projects}
        addresses, unwanted = {}, set()
        for key in keys:
            project_record = self.projects[key]
            if project_record.repository and not project_record.context_only:
                uses = sum(line.visibility == "public" for line in project_record.adoptions)
                is_first = project_record.slug in selected or FINANCE in project_record.domains
                addresses[key] = (project_record.repository, uses + (BEFORE_OTHERS if is_first else 0))
            else:
                unwanted.add(key)
        want_mirrors(self.connection, addresses, now=self.now)
        for batch in batches(unwanted):
            never = mirror.c.first_mirrored_at.is_(None)
            self.connection.execute(delete(mirror).where(mirror.c.project_id.in_(batch), never))


def _edited_records(connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    """The records of the document, by slug, with what moderators edited of them."""
    edits = curation.edits_of(connection, table.name)
    for record in curated_records(connection, table):
        edited = edits.get(UUID(record["id"]))
        yield curation.with_edits(table.name, record, edited) if edited else record


def _renamed(record: Mapping[str, Any], slugs: dict[str, str]) -> Mapping[str, Any]:
    """A curated list by the present slugs of its projects; those that the document lacks stay as they are named."""
    return collections.with_projects(record, {name: name for name in collections.projects_of([record])} | slugs)


def _first_slug(record: Project | Organization) -> str:
    return record.former[0] if record.former else record.slug


def _by_slug(records: Mapping[UUID, Project] | Mapping[UUID, Organization]) -> dict[str, UUID]:
    return {record.slug: key for key, record in records.items()}


def _after_merges(slugs: dict[str, UUID], away: Mapping[UUID, UUID]) -> dict[str, UUID]:
    """The record that each slug means, merges included."""
    return {slug: away.get(key, key) for slug, key in slugs.items()}


def _inverted(slugs: Mapping[UUID, str]) -> dict[str, UUID]:
    return {slug: key for key, slug in slugs.items()}


def _slugs(records: Mapping[UUID, Project | Organization], keys: Iterable[UUID]) -> tuple[str, ...]:
    keys_left = set(keys)
    return tuple(record.slug for key, record in records.items() if key in keys_left)


def slugs_by_name(records: Sequence[Project] | Sequence[Organization]) -> dict[str, str]:
    """The present slug of each of these records, by each that it has or had."""
    slugs = {former: record.slug for record in records for former in record.former}
    return slugs | {record.slug: record.slug for record in records}


def with_slugs(record: Project, slugs: Mapping[str, Mapping[str, str]]) -> Project:
    """The record with what it names by its present slug, which `slugs` holds by kind and name; without the lines about
    what is not among them."""
    if all(slugs[kind].get(name) == name for kind, name in mentions(record)):
        return record
    projects, organizations = slugs[PROJECT], slugs[ORGANIZATION]
    return replace(
        record,
        relations=tuple(
            replace(line, project=projects[line.project]) for line in record.relations if line.project in projects
        ),
        maintenance=tuple(
            replace(line, organization=organizations[line.organization]) if line.organization else line
            for line in record.maintenance
            if line.organization is None or line.organization in organizations
        ),
        adoptions=tuple(
            replace(
                line,
                organization=organizations[line.organization],
                provider=organizations.get(line.provider) if line.provider else None,
            )
            for line in record.adoptions
            if line.organization in organizations
        ),
        runs=record.runs
        and replace(
            record.runs, hosted=tuple(organizations[name] for name in record.runs.hosted if name in organizations)
        ),
    )
