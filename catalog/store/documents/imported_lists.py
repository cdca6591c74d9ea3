"""Imported lists (layers): what others state of projects. Each layer has a name, a license and a date, and is imported
or removed as a whole.

A layer's values are facts of origin `peer:<name>`: the weakest, never part of the document and of no export of ours.
A project that is known here keeps its record; another gets a row of its own, which is removed with the layer unless
somebody declared something of it, or another layer states something of it. Records are matched by the address of their
repository alone.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, or_, select

from catalog.document import repository_key
from catalog.errors import NotFound
from catalog.model import Manifest
from catalog.rules.fact import DECLARED, PEER, Statement, statements_of_record
from catalog.rules.submission import REFUSED, REGISTER
from catalog.store.core.engine import DatabasePart, batches, insert, reading
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.documents import overrides
from catalog.store.mirrors.mirror_rows import want_mirrors
from catalog.store.projects import merged_slugs
from catalog.store.projects.fact_history import replace_facts
from catalog.store.projects.registered import add_project, free_slug
from catalog.tables.adoptions import adoption
from catalog.tables.core import fact, fact_change, maintenance, mirror, project, removed_record, takedown
from catalog.tables.federation import imported_list, imported_record
from catalog.tables.submissions import submission, tombstone

NormalizeAddress = Callable[[str], str]

NEW, KNOWN, CHANGED, SAME, SKIPPED, GONE = "new", "known", "changed", "same", "skipped", "gone"
BLOCKED, UNLISTED, WITHDRAWN, REFUSED_HERE = "blocked", "unlisted", "withdrawn", "refused"


@dataclass(frozen=True)
class Layer:
    """An imported list. `license`: SPDX, of its data."""

    name: str
    form: str
    license: str
    read_at: datetime
    records: int = 0

    @property
    def origin(self) -> str:
        return f"{PEER}{self.name}"


@dataclass(frozen=True)
class ImportedRecord:
    """A record of a layer. `record` has the keys of a document's project without those that name other records, `key`
    identifies it in its layer."""

    key: str
    record: Mapping[str, Any]
    organizations: tuple[tuple[str, str | None], ...] = ()  # names with the role that is stated


@dataclass(frozen=True)
class ImportVerdict:
    """What an import does, or would do, with a record. `slug`: the project here, "" for a new one.

    `why` is one of BLOCKED, UNLISTED, WITHDRAWN, REFUSED_HERE where it is skipped. `alike`: slugs of projects that only
    have the same name, for a person to check.
    """

    what: str  # one of NEW, KNOWN, CHANGED, SAME, SKIPPED, GONE
    name: str
    slug: str = ""
    why: str = ""
    alike: tuple[str, ...] = ()


class ImportedLists(DatabasePart):
    def all(self) -> tuple[Layer, ...]:
        """All layers, by name, each with the number of its records."""
        with reading(self._engine) as connection:
            return _all_layers(connection)

    def preview(
        self,
        name: str,
        records: Sequence[ImportedRecord],
        *,
        complete: bool = True,
        place: NormalizeAddress = repository_key,
    ) -> tuple[ImportVerdict, ...]:
        """What `replace` would do; nothing is written. `place`: normalizes the spelling of an address."""
        with reading(self._engine) as connection:
            return tuple(
                verdict for verdict, _, _ in _KnownProjects(connection, name, place).verdicts(records, complete)
            )

    def replace(
        self,
        taken_layer: Layer,
        records: Sequence[ImportedRecord],
        manifest: Manifest,
        *,
        complete: bool = True,
        place: NormalizeAddress = repository_key,
        now: datetime,
    ) -> tuple[ImportVerdict, ...]:
        """Replace the records of a layer, in one transaction; where `records` is not `complete`, records that are
        missing in it stay as they were."""
        with changing(self._engine) as (connection, change):
            lock_changes(connection)
            comparison = _KnownProjects(connection, taken_layer.name, place)
            verdicts = comparison.verdicts(records, complete)
            _write(connection, taken_layer, verdicts, comparison, manifest=manifest, change=change, now=now)
            return tuple(verdict for verdict, _, _ in verdicts)

    def remove(self, name: str, *, now: datetime) -> int:
        """Remove a layer with all that it stated. Returns how many records it had. Raises NotFound."""
        with changing(self._engine) as (connection, change):
            lock_changes(connection)
            if connection.execute(select(imported_list.c.name).where(imported_list.c.name == name)).first() is None:
                raise NotFound("layer", name)
            mine = select(imported_record.c.project_id).where(imported_record.c.layer == name)
            keys = list(connection.execute(mine).scalars())
            connection.execute(delete(imported_list).where(imported_list.c.name == name))
            connection.execute(delete(imported_record).where(imported_record.c.layer == name))
            _delete_facts_of_origin(connection, f"{PEER}{name}", set(keys), change, now)
            return len(keys)


def _all_layers(connection: Connection) -> tuple[Layer, ...]:
    counted: dict[str, int] = {}
    for name in connection.execute(select(imported_record.c.layer)).scalars():
        counted[name] = counted.get(name, 0) + 1
    rows = connection.execute(select(imported_list).order_by(imported_list.c.name)).all()
    return tuple(Layer(row.name, row.form, row.license, row.read_at, counted.get(row.name, 0)) for row in rows)


_JudgedRecord = tuple[ImportVerdict, ImportedRecord | None, UUID | None]


class _KnownProjects:
    """The projects that are here, by the address of their repository; holds the identities of all projects in
    memory."""

    def __init__(self, connection: Connection, name: str, place: NormalizeAddress):
        self.place = place
        self.away = merged_slugs.merged_into(connection, "project")
        self.slugs: dict[UUID, str] = {}
        self.names: dict[str, list[str]] = {}
        self.at: dict[str, UUID] = {}
        rows = connection.execute(select(project.c.id, project.c.slug, project.c.folded, project.c.record)).all()
        for row in rows:
            self.slugs[row.id] = row.slug
            self.names.setdefault(row.folded, []).append(row.slug)
            for address in (row.record.get("repository"), *row.record.get("other_repositories", ())):
                self._add_address(address, row.id)
        copies = select(mirror.c.project_id, mirror.c.repository, mirror.c.canonical_url)
        for key, *addresses in connection.execute(copies):  # also of a record that was taken away
            for address in addresses:
                self._add_address(address, key)
        self.closed = dict.fromkeys(connection.execute(select(takedown.c.project_id)).scalars(), BLOCKED)
        gone = select(tombstone.c.record_id, tombstone.c.ground).where(tombstone.c.kind == "project")
        for key, ground in connection.execute(gone):
            self.closed.setdefault(key, UNLISTED if ground == "opted-out" else WITHDRAWN)
        refused = select(submission.c.subject, submission.c.answers).where(
            submission.c.kind == REGISTER, submission.c.state == REFUSED
        )
        self.refused = {
            place(str(address))
            for subject, answers in connection.execute(refused)
            for address in (subject, answers.get("address"))
            if address
        }
        mine = select(imported_record.c.key, imported_record.c.project_id, imported_record.c.record)
        self.before = {
            row.key: (row.project_id, row.record)
            for row in connection.execute(mine.where(imported_record.c.layer == name))
        }

    def _add_address(self, address: str | None, key: UUID) -> None:
        if address:
            self.at.setdefault(self.place(address), self.away.get(key, key))

    def verdicts(self, records: Sequence[ImportedRecord], complete: bool) -> list[_JudgedRecord]:
        judged = [self._judge(imported) for imported in records]
        present = {_digest(imported.key) for imported in records}
        for digest, (key, record) in self.before.items() if complete else ():
            if digest not in present:
                judged.append((ImportVerdict(GONE, str(record["name"]), self.slugs.get(key, "")), None, key))
        return judged

    def _judge(self, imported: ImportedRecord) -> _JudgedRecord:
        name = str(imported.record["name"])
        before = self.before.get(_digest(imported.key))
        addresses = (imported.record.get("repository"), *imported.record.get("other_repositories", ()))
        keys = [self.place(address) for address in addresses if address]
        key_there = next((self.at[key] for key in keys if key in self.at), None)
        key = key_there or (before[0] if before and before[0] in self.slugs else None)
        why = self.closed.get(key, "") if key else ""
        if not why and key not in self.slugs and not self.refused.isdisjoint(keys):
            why = REFUSED_HERE
        if why:
            return ImportVerdict(SKIPPED, name, self.slugs.get(key, "") if key else "", why), imported, key
        if key is None or key not in self.slugs:
            return ImportVerdict(NEW, name, alike=tuple(self.names.get(folded(name), ())[:3])), imported, key
        what = KNOWN if before is None else SAME if before == (key, _record_body(imported)) else CHANGED
        return ImportVerdict(what, name, self.slugs[key]), imported, key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _record_body(imported: ImportedRecord) -> dict[str, Any]:
    """All that a layer states of a project, as it is stored."""
    bodies = [{"organization": name, "role": role} for name, role in imported.organizations]
    return dict(imported.record) | ({"maintenance": bodies} if bodies else {})


def _statements(imported: ImportedRecord, stating_layer: Layer) -> list[Statement]:
    source = {"license": stating_layer.license}
    statements = [replace(statement, source=source) for statement in statements_of_record(imported.record)]
    bodies = [{"organization name": name} | ({"role": role} if role else {}) for name, role in imported.organizations]
    return [*statements, *([Statement("maintenance", bodies, source)] if bodies else [])]


def _write(
    connection: Connection,
    written_layer: Layer,
    judged: Iterable[_JudgedRecord],
    comparison: _KnownProjects,
    *,
    manifest: Manifest,
    change: PublicChange,
    now: datetime,
) -> None:
    values = {
        "form": written_layer.form,
        "license": written_layer.license,
        "read_at": now,
    }
    query = select(imported_list.c.license).where(imported_list.c.name == written_layer.name)
    before = connection.execute(query).scalar()
    statement = insert(connection, imported_list).values(name=written_layer.name, added_at=now, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    statements: dict[UUID, list[Statement]] = {}
    rows: dict[str, dict[str, Any]] = {}
    lines: dict[UUID, tuple[str, int]] = {}
    for verdict, imported, known_id in judged:
        if imported is None or verdict.what == SKIPPED:  # what is skipped stays as it was
            continue
        key = (
            known_id
            if known_id in comparison.slugs
            else _add_row(connection, imported, known_id, manifest, change, now)
        )
        assert key is not None
        if verdict.what == NEW and imported.record.get("repository"):
            lines[key] = (str(imported.record["repository"]), 0)
        # Where two records are the same project here, the first is used.
        statements.setdefault(key, _statements(imported, written_layer))
        digest = _digest(imported.key)
        rows[digest] = {"layer": written_layer.name, "key": digest, "project_id": key, "record": _record_body(imported)}
    dropped = {key for verdict, _, key in judged if verdict.what == GONE and key}
    dropped |= {key for digest, (key, _) in comparison.before.items() if digest in rows} - set(statements)
    gone = [digest for digest, (key, _) in comparison.before.items() if key in dropped or digest in rows]
    for start in range(0, len(gone), 500):
        mine = imported_record.c.layer == written_layer.name
        connection.execute(delete(imported_record).where(mine, imported_record.c.key.in_(gone[start : start + 500])))
    if rows:
        connection.execute(imported_record.insert(), list(rows.values()))
    changed = replace_facts(connection, written_layer.origin, statements, now=now)
    _count_changes(connection, changed, change)
    if before is not None and before != written_layer.license:
        layer_query = select(imported_record.c.project_id).where(imported_record.c.layer == written_layer.name)
        _count_changes(connection, connection.execute(layer_query).scalars(), change)
    overrides.rebuild_records(connection, sorted(changed, key=str), change=change, now=now)
    want_mirrors(connection, lines, now=now)
    _delete_facts_of_origin(connection, written_layer.origin, dropped - set(statements), change, now)


def _add_row(
    connection: Connection,
    imported: ImportedRecord,
    known_id: UUID | None,
    manifest: Manifest,
    change: PublicChange,
    now: datetime,
) -> UUID:
    """Add a row for a project that is not here, with its former identity or the one that the document would give it."""
    name, summary = str(imported.record["name"]), imported.record["summary"]
    slug = free_slug(connection, name, imported.key.rpartition("/")[2])
    key = known_id or manifest.identity("project", slug)
    add_project(connection, key, slug, name, summary, change=change, now=now)
    return key


def _count_changes(connection: Connection, keys: Iterable[UUID], change: PublicChange) -> None:
    for batch in batches(keys):
        change.touch("project", *batch)


def _delete_facts_of_origin(
    connection: Connection, origin: str, keys: set[UUID], change: PublicChange, now: datetime
) -> None:
    """Delete the facts of an origin and their history, since we only borrowed its data; and the projects of which
    nobody else states anything."""
    for batch in batches(keys):
        for table in (fact_change, fact):
            connection.execute(delete(table).where(table.c.project_id.in_(batch), table.c.origin == origin))
        _count_changes(connection, batch, change)
        alone = _stated_by_no_other(connection, batch)
        query = select(project.c.id).where(project.c.id.in_([key for key in batch if key not in alone]))
        bare = list(connection.execute(query.where(~project.c.curated)).scalars())
        overrides.rebuild_records(connection, bare, change=change, now=now, silent_too=True)
        change.touch("project", *alone)
        for key in alone:
            never = mirror.c.first_mirrored_at.is_(None)
            connection.execute(delete(mirror).where(mirror.c.project_id == key, never))
            connection.execute(delete(project).where(project.c.id == key))
            statement = insert(connection, removed_record).values(kind="project", record_id=key, change=change())
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "record_id"], set_={"change": statement.excluded.change}
                )
            )


def _stated_by_no_other(connection: Connection, keys: Sequence[UUID]) -> set[UUID]:
    """The projects of which nobody else states anything: neither the document, nor a person, nor another layer."""
    nobodys = (~project.c.curated, project.c.peer_id.is_(None))  # neither of the document nor of another catalogue
    alone = set(connection.execute(select(project.c.id).where(project.c.id.in_(keys), *nobodys)).scalars())
    others = (
        select(fact.c.project_id).where(
            fact.c.project_id.in_(keys), or_(fact.c.origin == DECLARED, fact.c.origin.startswith(PEER))
        ),
        select(adoption.c.project_id).where(adoption.c.project_id.in_(keys)),
        select(maintenance.c.project_id).where(maintenance.c.project_id.in_(keys)),
        select(submission.c.project_id).where(submission.c.project_id.in_(keys)),
        select(tombstone.c.project_id).where(tombstone.c.project_id.in_(keys)),
    )
    for query in others:
        alone.difference_update(connection.execute(query).scalars())
    return alone
