"""Makes rows of projects and organizations from records of other catalogues: the same rows that every reader knows.
Which records belong together is decided before; adoptions are made in `received.adoptions`.

A row of ours is left as it is, save for who else maintains it. A row that only other catalogues state holds what the
first of them states, and is deleted with the last one, unless something that people stated here refers to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, delete, or_, select, update

from catalog.document import as_record, from_record
from catalog.model import Organization, Project
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fact import DECLARED, PEER
from catalog.rules.submission import DRAFT, HELP, help_id
from catalog.store.core.engine import batches, insert, is_among
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange
from catalog.store.documents import overrides
from catalog.store.federation.received import adoptions
from catalog.store.federation.received.record_lookup import TABLES, RowsNamed, references, rows_named
from catalog.store.federation.received.records import PeerStatement, statements
from catalog.store.ownership import unlisted
from catalog.store.projects import relations as project_relations
from catalog.tables.adoptions import adoption
from catalog.tables.core import (
    ORGANIZATION_COLUMNS,
    fact,
    former_slug,
    hosting,
    maintenance,
    organization,
    project,
    relation,
    removed_record,
)
from catalog.tables.moderation import merged_record
from catalog.tables.ownership import membership
from catalog.tables.submissions import submission, tombstone

NOUNS: Mapping[str, type] = {PROJECT: Project, ORGANIZATION: Organization}
_SLUG_CHARACTERS = 60


def renew(
    connection: Connection,
    kind: str,
    keys: Iterable[UUID],
    moved: Mapping[UUID, UUID] | None = None,
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: make these rows what the records say that belong to them; `keys` are the rows.
    `moved`: where the records of a row went: its address leads there once it is gone."""
    before = _slugs(connection, kind, moved or {})
    for batch in batches(keys):
        _Renewal(connection, kind, batch, change, now).run()
    _lead_on(connection, kind, before, moved or {})


def renew_all(
    connection: Connection, rows: Mapping[str, Collection[UUID]], *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: as `renew`, for the rows of each kind that lost what was said of them, and for the
    uses that they are ends of."""
    projects = {key for kind, keys in rows.items() for key in adoptions.projects_of(connection, kind, keys)}
    for kind, keys in rows.items():
        renew(connection, kind, keys, change=change, now=now)
    adoptions.renew(connection, projects, change=change)


def _slugs(connection: Connection, kind: str, keys: Collection[UUID]) -> dict[str, UUID]:
    """The addresses, of now and from before, of these rows."""
    table, ids = TABLES[kind], dict[str, UUID]()
    for batch in batches(keys):
        of_now = select(table.c.slug, table.c.id).where(is_among(connection, table.c.id, batch))
        mine = (former_slug.c.kind == kind) & is_among(connection, former_slug.c.record_id, batch)
        of_before = select(former_slug.c.slug, former_slug.c.record_id).where(mine)
        ids |= {row[0]: row[1] for query in (of_before, of_now) for row in connection.execute(query)}
    return ids


def _lead_on(connection: Connection, kind: str, slugs: Mapping[str, UUID], moved: Mapping[UUID, UUID]) -> None:
    """Addresses of rows that are gone lead to where their records went."""
    table = TABLES[kind]
    still = set(_slugs(connection, kind, [*slugs.values()]).values())
    targets = {
        slug
        for batch in batches(slugs)
        for slug in connection.execute(select(table.c.slug).where(is_among(connection, table.c.slug, batch))).scalars()
    }
    rows = [
        {"kind": kind, "slug": slug, "record_id": moved[key]}
        for slug, key in slugs.items()
        if key not in still and slug not in targets
    ]
    if rows:
        connection.execute(insert(connection, former_slug).on_conflict_do_nothing(), rows)


def holding(connection: Connection, kind: str, keys: Collection[UUID]) -> set[UUID]:
    """In the caller's transaction: the rows on which something hangs that people said or decided here."""
    table, name = TABLES[kind], f"{kind}_id"
    ids: set[UUID] = set()
    for batch in batches(keys):
        within = partial(is_among, connection, keys=batch)
        column = submission.c[name]
        queries = [
            select(column).where(within(column), submission.c.state != DRAFT),
            select(adoption.c[name]).where(within(adoption.c[name]), ~adoption.c.origin.startswith("peer:")),
            select(maintenance.c[name]).where(within(maintenance.c[name]), ~maintenance.c.origin.startswith("peer:")),
            select(merged_record.c.into_id).where(within(merged_record.c.into_id), merged_record.c.kind == kind),
            select(merged_record.c.record_id).where(within(merged_record.c.record_id), merged_record.c.kind == kind),
            select(membership.c.record_id).where(within(membership.c.record_id), membership.c.kind == kind),
        ]
        if kind == PROJECT:
            own = or_(fact.c.origin == DECLARED, fact.c.origin.startswith(PEER)), fact.c.until.is_(None)  # or a layer
            queries.append(select(fact.c.project_id).where(within(fact.c.project_id), *own))
        else:
            queries.append(select(table.c.id).where(within(table.c.id), table.c.hidden.is_not(None)))
            queries.append(select(hosting.c.organization_id).where(within(hosting.c.organization_id), _ours()))
        for statement in queries:
            ids.update(connection.execute(statement).scalars())
        if kind == ORGANIZATION:
            rows = connection.execute(select(table.c.id, table.c.declared).where(within(table.c.id)))
            ids |= {row.id for row in rows if row.declared}
    return ids


class _Renewal:
    """Some rows of a kind, made anew within one transaction."""

    def __init__(self, connection: Connection, kind: str, keys: Sequence[UUID], change: PublicChange, now: datetime):
        self.connection, self.kind, self.keys, self.change, self.now = connection, kind, keys, change, now
        self.table = TABLES[kind]

    def run(self) -> None:
        lines_by_row: dict[UUID, list[PeerStatement]] = {key: [] for key in self.keys}
        for line in statements(self.connection, self.kind, self.keys, by="row_id"):
            lines_by_row[line.row_id].append(line)
        for key, lines in lines_by_row.items():
            lines.sort(key=lambda line: line.record_id != key)
        columns = (self.table.c[name] for name in ("id", "slug", "curated", "peer_id"))
        here = select(*columns).where(self._is_among(self.table.c.id, self.keys))
        rows = {row.id: row for row in self.connection.execute(here).all()}
        theirs = {key for key in self.keys if key not in rows or rows[key].peer_id is not None}
        linked = self.keys if self.kind == PROJECT else ()
        with project_relations.touching_linked(self.connection, linked, self.change):
            self._let_go({key for key in theirs if key in rows and not lines_by_row[key]})
            states = {key: lines_by_row[key][0] for key in sorted(theirs, key=str) if lines_by_row[key]}
            every = [line for lines in lines_by_row.values() for line in lines]
            self.named = rows_named(self.connection, [(line, references(line.record)) for line in every])
            self._write(states, {key: row.slug for key, row in rows.items()})
            if self.kind == PROJECT:
                self._keep_up(every)
        self.change.touch(self.kind, *self.keys)

    def _is_among(self, column: ColumnElement[Any], keys: Iterable[Any]) -> ColumnElement[bool]:
        return is_among(self.connection, column, keys)

    def _let_go(self, keys: set[UUID]) -> None:
        if not keys:
            return
        held_here = holding(self.connection, self.kind, keys)
        gone = keys - held_here
        self.connection.execute(delete(self.table).where(self._is_among(self.table.c.id, gone)))
        self.connection.execute(
            delete(former_slug).where(former_slug.c.kind == self.kind, self._is_among(former_slug.c.record_id, gone))
        )
        if gone:
            statement = insert(self.connection, removed_record)
            self.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "record_id"], set_={"change": statement.excluded.change}
                ),
                [{"kind": self.kind, "record_id": key, "change": self.change()} for key in sorted(gone, key=str)],
            )
        for key in sorted(held_here & keys, key=str):
            self._bare(key)

    def _bare(self, key: UUID) -> None:
        """Keep what people said here, on a row that is ours from now on: with the record's name, without its other
        values."""
        query = select(self.table.c.record, self.table.c.document).where(self.table.c.id == key)
        row = self.connection.execute(query).one()
        before = row.document or row.record
        record = {"slug": row.record["slug"], "id": str(key), "name": before["name"]}
        empty: dict[str, Any] = {"peer_id": None, "document": None, "change": self.change(), "changed_at": self.now}
        mine = update(self.table).where(self.table.c.id == key)
        if self.kind == PROJECT:
            empty |= {"repository": None, "license": None, "record": record | {"summary": {}}}
            self.connection.execute(mine.values(empty))
            project_relations.delete_rows(self.connection, [key])
            overrides.rebuild_records(self.connection, [key], change=self.change, now=self.now)
        else:
            empty |= {"record": record} | dict.fromkeys(ORGANIZATION_COLUMNS)
            self.connection.execute(mine.values(empty))
            overrides.declare_organization_values(self.connection, key, {}, change=self.change, now=self.now)

    def _write(self, states: Mapping[UUID, PeerStatement], slugs: Mapping[UUID, str]) -> None:
        if not states:
            return
        slugs_in_use = self._taken_slugs([_wish(self.kind, state) for state in states.values()])
        fresh: list[dict[str, Any]] = []
        again: list[dict[str, Any]] = []
        nouns = {}
        for key, state in states.items():
            slug = slugs.get(key) or _free(_wish(self.kind, state), key, slugs_in_use)
            slugs_in_use.add(slug)
            # Of a row that people joined away the slug leads elsewhere; its record keeps the one that it had.
            slug_shown = _wish(self.kind, state) if slug.startswith("~") else slug
            noun = from_record(NOUNS[self.kind], resolved(state, self.named) | {"slug": slug_shown, "id": str(key)})
            nouns[key] = noun
            row = self._row(key, as_record(noun), state.home.id) | {"slug": slug}
            (again if key in slugs else fresh).append(row)
        if fresh:
            since: dict[str, Any] = {"added_at": self.now}
            if self.kind == ORGANIZATION:
                since["declared"] = {}
            self.connection.execute(self.table.insert(), [row | since for row in fresh])
            keys = [row["id"] for row in fresh]
            gone = delete(removed_record).where(
                removed_record.c.kind == self.kind, self._is_among(removed_record.c.record_id, keys)
            )
            self.connection.execute(gone)
            if self.kind == PROJECT:
                unlisted.remember(self.connection, keys)
        if again:
            values = {
                name: bindparam(f"new_{name}", type_=self.table.c[name].type) for name in again[0] if name != "id"
            }
            self.connection.execute(
                update(self.table).where(self.table.c.id == bindparam("key")).values(values),
                [{("key" if name == "id" else f"new_{name}"): value for name, value in row.items()} for row in again],
            )
        if self.kind == PROJECT:
            self._beside(states, nouns)
            overrides.rebuild_records(self.connection, list(states), change=self.change, now=self.now)
        else:
            query = select(organization.c.id, organization.c.declared).where(self._is_among(organization.c.id, slugs))
            for old_row in self.connection.execute(query).all():
                if old_row.declared and old_row.id in states:
                    overrides.declare_organization_values(
                        self.connection, old_row.id, {}, change=self.change, now=self.now
                    )

    def _row(self, key: UUID, record: Mapping[str, Any], peer_id: UUID) -> dict[str, Any]:
        row = {name: record[name] for name in ("slug", "name")} | {
            "id": key,
            "folded": folded(record["name"]),
            "curated": False,
            "record": record,
            "document": None,
            "peer_id": peer_id,
            "change": self.change(),
            "changed_at": self.now,
        }
        if self.kind == PROJECT:
            columns = ("repository", "license")
            return (
                row | {name: record.get(name) for name in columns} | {"context_only": record.get("context_only", False)}
            )
        return row | {name: record.get(name) for name in ORGANIZATION_COLUMNS}

    def _beside(self, states: Mapping[UUID, PeerStatement], nouns: Mapping[UUID, Project]) -> None:
        """Terms, hosts and relations of rows that are theirs."""
        project_relations.rebuild_terms(self.connection, nouns)
        for table in (hosting, relation):
            self.connection.execute(delete(table).where(self._is_among(table.c.project_id, states)))
        hosts, relations = [], []
        for key, state in states.items():
            runs = state.record.get("runs") or {}
            led_to = [self.named(state, ORGANIZATION, ref) for ref in runs.get("hosted", ())]
            keys = dict.fromkeys(record.id for record in led_to if record)
            hosts += [{"project_id": key, "organization_id": host, "position": at} for at, host in enumerate(keys)]
            pairs: dict[tuple[str, UUID], int] = {}
            for at, line in enumerate(state.record.get("relations", ())):
                target = self.named(state, PROJECT, line["project"])
                if target and target.id != key:
                    pairs.setdefault((line["type"], target.id), at)
            relations += [
                {"project_id": key, "type": type_, "target_id": target_id, "position": at}
                for (type_, target_id), at in pairs.items()
            ]
        for table, lines in ((hosting, hosts), (relation, relations)):
            if lines:
                self.connection.execute(table.insert(), lines)

    def _keep_up(self, every: Iterable[PeerStatement]) -> None:
        """The maintainers of a project as other catalogues state them, where they are not stated here."""
        theirs = maintenance.c.origin.startswith("peer:")
        self.connection.execute(delete(maintenance).where(self._is_among(maintenance.c.project_id, self.keys), theirs))
        statements = [line for line in every if line.record.get("maintenance")]
        if not statements:
            return
        mine = select(maintenance.c.project_id, maintenance.c.organization_id, maintenance.c.role)
        credits = self.connection.execute(mine.where(self._is_among(maintenance.c.project_id, self.keys)))
        keys = {(row.project_id, row.organization_id, row.role) for row in credits}
        gone = select(tombstone.c.record_id).where(
            tombstone.c.kind == HELP, self._is_among(tombstone.c.project_id, self.keys)
        )
        away = set(self.connection.execute(gone).scalars())
        exists = set(
            self.connection.execute(select(project.c.id).where(self._is_among(project.c.id, self.keys))).scalars()
        )
        fresh: list[dict[str, Any]] = []
        for statement in statements:
            for line in statement.record["maintenance"] if statement.row_id in exists else ():
                referenced = self.named(statement, ORGANIZATION, line["organization"])
                if referenced is None or help_id(statement.row_id, referenced.id, line["role"]) in away:
                    continue
                if (key := (statement.row_id, referenced.id, line["role"])) not in keys:
                    keys.add(key)
                    row = dict(zip(("project_id", "organization_id", "role"), key, strict=True)) | {"person": None}
                    record = line | {"organization": referenced.slug}
                    fresh.append(row | {"origin": statement.origin, "position": 100 + len(fresh), "record": record})
        if fresh:
            self.connection.execute(maintenance.insert(), fresh)

    def _taken_slugs(self, wishes: Iterable[str]) -> set[str]:
        names = sorted(set(wishes))
        now = select(self.table.c.slug).where(self._is_among(self.table.c.slug, names))
        before = select(former_slug.c.slug).where(
            former_slug.c.kind == self.kind, self._is_among(former_slug.c.slug, names)
        )
        return {slug for query in (now, before) for slug in self.connection.execute(query).scalars()}


def resolved(line: PeerStatement, rows: RowsNamed) -> dict[str, Any]:
    """What a record states, with our slugs in the place of identities; what leads nowhere here is left out."""
    record = {name: value for name, value in line.record.items() if name not in ("maintenance", "relations", "runs")}

    def with_slugs(lines: Iterable[Mapping[str, Any]], kind: str) -> list[dict[str, Any]]:
        led_to = ((entry, rows(line, kind, entry[kind])) for entry in lines)
        return [{**entry, kind: record.slug} for entry, record in led_to if record]

    record["maintenance"] = with_slugs(line.record.get("maintenance", ()), ORGANIZATION)
    record["relations"] = with_slugs(line.record.get("relations", ()), PROJECT)
    runs = dict(line.record.get("runs") or {})
    hosts = (rows(line, ORGANIZATION, key) for key in runs.pop("hosted", ()))
    record["runs"] = runs | {"hosted": slugs} if (slugs := [host.slug for host in hosts if host]) else runs
    return {name: value for name, value in record.items() if value or name not in ("maintenance", "relations", "runs")}


def _wish(kind: str, line: PeerStatement) -> str:
    slug: str = line.record.get("slug") or ""
    return slug[:_SLUG_CHARACTERS].strip("-") or f"{kind}-{line.record_id.hex[:8]}"


def _free(wish: str, key: UUID, slugs: Collection[str]) -> str:
    return f"{wish}-{key.hex[:8]}" if wish in slugs else wish


def _ours() -> Any:
    return hosting.c.project_id.in_(select(project.c.id).where(project.c.peer_id.is_(None)))
