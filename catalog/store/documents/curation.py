"""What moderators decided about curated records themselves: edits that hold until the document says the same, locks,
and records that were added here. Loads, exports and `forge check` read it.

An edit of a project is a declared fact with DESK in its source, one of an organization an entry with DESK in what is
declared of it. So it stands beside what the document states, which is kept whole, and is withdrawn like any correction.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, delete, select, update

from catalog.document import as_record, from_record
from catalog.model import Document, Organization, Project
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fact import DECLARED, DESK, statements_of_record
from catalog.rules.record_values.evidence import corrected_record
from catalog.rules.submission import Submission
from catalog.store.core.engine import DatabasePart, batches, insert, reading, set_meta
from catalog.store.core.public_changes import PublicChange
from catalog.store.documents import overrides
from catalog.store.projects import fact_history
from catalog.tables.core import collection, fact, organization, project
from catalog.tables.moderation import curation

COLLECTION = "collection"


@dataclass(frozen=True)
class DeskEdit:
    """One field of a curated record as a moderator edited it; `urls`: where one can check it."""

    value: Any
    urls: tuple[str, ...]
    day: str


@dataclass(frozen=True)
class Difference:
    """A field that a moderator edited, and that a document states otherwise."""

    kind: str
    slug: str
    field: str
    here: Any
    document: Any


class Curation(DatabasePart):
    def is_locked(self, kind: str, record_id: UUID) -> bool:
        """Whether a moderator locked this record or list."""
        with reading(self._engine) as connection:
            return is_locked(connection, kind, record_id)

    def locked_slugs(self, document: Document) -> tuple[str, ...]:
        """The records and lists of a document that are locked here, which a load leaves as they are."""
        with reading(self._engine) as connection:
            keys = {kind: locked(connection, kind) for kind in (PROJECT, ORGANIZATION, COLLECTION)}
        records = [record.slug for kind, record in _records(document) if identity(document, kind, record) in keys[kind]]
        lists = [curated.slug for curated in document.collections if collection_id(curated.slug) in keys[COLLECTION]]
        return (*records, *lists)

    def differences(self, document: Document) -> tuple[Difference, ...]:
        """What moderators edited and the document states otherwise: their edits hold."""
        differences_of_records = []
        with reading(self._engine) as connection:
            edits = {kind: edits_of(connection, kind) for kind in (PROJECT, ORGANIZATION)}
            for kind, record in _records(document):
                edited_fields = edits[kind].get(identity(document, kind, record), {})
                statements = _statements(kind, as_record(record)) if edited_fields else {}
                for field, edit in edited_fields.items():
                    if statements.get(field) != edit.value:
                        differences_of_records.append(
                            Difference(kind, record.slug, field, edit.value, statements.get(field))
                        )
            query = select(collection.c.slug, collection.c.record, collection.c.hidden).where(collection.c.edited)
            edited = {row.slug: row for row in connection.execute(query)}
        for stated_list in document.collections:
            row = edited.get(stated_list.slug)
            if row is not None and (row.hidden or row.record != as_record(stated_list)):
                differences_of_records.append(Difference(COLLECTION, stated_list.slug, "", None, None))
        return tuple(differences_of_records)


def _records(document: Document) -> Iterator[tuple[str, Project | Organization]]:
    yield from ((PROJECT, record) for record in document.projects)
    yield from ((ORGANIZATION, record) for record in document.organizations)


def identity(document: Document, kind: str, record: Project | Organization) -> UUID:
    """The identity of a record of a document, as loads give it."""
    return record.id or document.manifest.identity(kind, record.former[0] if record.former else record.slug)


def collection_id(slug: str) -> UUID:
    """What a curated list is called where other records have an identity."""
    return uuid5(NAMESPACE_URL, f"forge:collection:{slug}")


def is_locked(connection: Connection, kind: str, record_id: UUID) -> bool:
    """In the caller's transaction: `Curation.is_locked`."""
    query = select(curation.c.locked).where(curation.c.kind == kind, curation.c.record_id == record_id)
    return bool(connection.execute(query).scalar())


def locked(connection: Connection, kind: str) -> set[UUID]:
    """In the caller's transaction: the identities of all of this kind that are locked."""
    query = select(curation.c.record_id).where(curation.c.kind == kind, curation.c.locked)
    return set(connection.execute(query).scalars())


def added(connection: Connection, kind: str) -> set[UUID]:
    """In the caller's transaction: the identities of those that were added here, and are in no document yet."""
    query = select(curation.c.record_id).where(curation.c.kind == kind, curation.c.added)
    return set(connection.execute(query).scalars())


def note(
    connection: Connection,
    kind: str,
    record_id: UUID,
    *,
    is_locked: bool | None = None,
    is_added: bool | None = None,
    now: datetime,
) -> None:
    """In the caller's transaction: lock or unlock a record, or note that it was added here, or is in the document now;
    None: that stays."""
    marks = {name: value for name, value in (("locked", is_locked), ("added", is_added)) if value is not None}
    statement = insert(connection, curation).values(
        {"kind": kind, "record_id": record_id, "locked": False, "added": False, "at": now} | marks
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_=marks))
    if is_locked is False:
        set_meta(connection, "digest", None)  # loads left it out meanwhile: the next one reads the document again
    over = delete(curation).where(curation.c.kind == kind, curation.c.record_id == record_id)
    connection.execute(over.where(~curation.c.locked, ~curation.c.added))


def adopt_project(connection: Connection, key: UUID, *, now: datetime) -> None:
    """In the caller's transaction: what was registered as somebody's statement becomes a curated record, as if the
    document stated it."""
    fact_history.close_facts(connection, DECLARED, [key], now=now)
    connection.execute(update(project).where(project.c.id == key).values(curated=True, document=None))
    note(connection, PROJECT, key, is_added=True, now=now)


def mark_edit(connection: Connection, submission: Submission, *, change: PublicChange, now: datetime) -> None:
    """In the caller's transaction: what this correction declared, which was just published, is an edit by a
    moderator."""
    field = submission.answers["field"]
    if submission.project_id is not None:
        mine = (fact.c.project_id == submission.project_id, fact.c.origin == DECLARED, fact.c.field == field)
        for row in connection.execute(select(fact.c.id, fact.c.source).where(*mine, fact.c.until.is_(None))).all():
            source = {**row.source, DESK: True}
            connection.execute(update(fact).where(fact.c.id == row.id).values(source=source))
        overrides.rebuild_records(connection, [submission.project_id], change=change, now=now)
    elif submission.organization_id is not None:
        query = select(organization.c.declared).where(organization.c.id == submission.organization_id)
        entry = {**connection.execute(query).scalar_one()[field], DESK: True}
        key = submission.organization_id
        overrides.declare_organization_values(connection, key, {field: entry}, change=change, now=now)


def edits_of(
    connection: Connection, kind: str, keys: Collection[UUID] | None = None
) -> dict[UUID, dict[str, DeskEdit]]:
    """In the caller's transaction: what moderators edited, by record and field; None: of all records."""
    edits: dict[UUID, dict[str, DeskEdit]] = {}
    for batch in [None] if keys is None else batches(keys):
        for key, field, edit in (_of_projects if kind == PROJECT else _of_organizations)(connection, batch):
            edits.setdefault(key, {})[field] = edit
    return edits


def _of_projects(connection: Connection, keys: list[UUID] | None) -> Iterator[tuple[UUID, str, DeskEdit]]:
    edited = fact.c.source[DESK].as_boolean()
    query = select(fact.c.project_id, fact.c.field, fact.c.value, fact.c.source, fact.c.first_seen_at)
    query = query.where(fact.c.origin == DECLARED, fact.c.until.is_(None), edited)
    if keys is not None:
        query = query.where(fact.c.project_id.in_(keys))
    for row in connection.execute(query):
        day = row.first_seen_at.date().isoformat()
        yield row.project_id, row.field, DeskEdit(row.value, tuple(row.source.get("urls", ())), day)


def _of_organizations(connection: Connection, keys: list[UUID] | None) -> Iterator[tuple[UUID, str, DeskEdit]]:
    query = select(organization.c.id, organization.c.declared).where(organization.c.curated)
    if keys is not None:
        query = query.where(organization.c.id.in_(keys))
    for row in connection.execute(query):
        for field, entry in row.declared.items():
            if entry.get(DESK):
                urls = (entry["source"],) if entry.get("source") else ()
                yield row.id, field, DeskEdit(entry["value"], urls, entry["at"][:10])


def with_edits(kind: str, record: Mapping[str, Any], edits: Mapping[str, DeskEdit]) -> dict[str, Any]:
    """A record of the document with what moderators edited of it."""
    values = {field: edit.value for field, edit in edits.items()}
    renewed = {field: (edit.urls[0], edit.day) for field, edit in edits.items() if edit.urls}
    corrected = corrected_record(record, values, renewed)
    return as_record(from_record(Project, corrected) if kind == PROJECT else from_record(Organization, corrected))


def withdraw_stated_edits(connection: Connection, records: Mapping[UUID, Project], *, now: datetime) -> None:
    """In the caller's transaction, while these projects are loaded: the document says what a moderator edited, so that
    the edit has done its part. `overrides.rebuild_records` must follow."""
    for key, edits in edits_of(connection, PROJECT, records.keys()).items():
        statements = _statements(PROJECT, as_record(records[key]))
        if over := {field: None for field, edit in edits.items() if statements.get(field) == edit.value}:
            overrides.declare_values(connection, key, over, now=now)


def forget_added(connection: Connection, kind: str, keys: Iterable[UUID], *, now: datetime) -> None:
    """In the caller's transaction: note that these are in the document now."""
    for key in added(connection, kind) & set(keys):
        note(connection, kind, key, is_added=False, now=now)


def _statements(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a record in the form in which edits hold them."""
    if kind == ORGANIZATION:
        return dict(record)
    return {statement.field: statement.value for statement in statements_of_record(record)}
