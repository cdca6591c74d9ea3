"""Two records that are the same, as rows: merge them, separate them again, and note which records are alike.

A record that was merged away stays in its table, hidden, without its slug, which leads to the one that stays. What
people stated moves and is remembered row by row; what the document states is made anew from the records, by the mapping
that loads use too. So undoing a merge needs no guess, and a merge outlives every load, by id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, and_, delete, func, select, update

from catalog.document import from_record
from catalog.errors import NotFound
from catalog.model import Project
from catalog.rules.decision import APART, JOIN
from catalog.rules.fact import DECLARED
from catalog.rules.submission import DRAFT, OPEN_STATES, SENT
from catalog.store.core.cases import CLOSED, DECIDED_APART, LIKENESS, OPEN
from catalog.store.core.engine import BATCH, DatabasePart, batches, insert, reading, set_meta, writing
from catalog.store.core.public_changes import PublicChange
from catalog.store.federation.received import adoptions
from catalog.store.federation.received import records as received_records
from catalog.store.projects import relations, takedowns
from catalog.store.projects.merged_slugs import TABLES as _TABLES
from catalog.store.projects.merged_slugs import ids_of_mentions, merged_into
from catalog.tables.adoptions import adoption
from catalog.tables.core import (
    former_slug,
    hosting,
    maintenance,
    organization,
    project,
    relation,
    removed_record,
    takedown,
)
from catalog.tables.moderation import case, merged_record
from catalog.tables.submissions import submission

JOINED = "joined"  # the value of `organization.hidden` of one that was merged away


@dataclass(frozen=True)
class PossibleDuplicate:
    """Two records that may be the same; `apart`: a person decided that they are not."""

    number: int
    kind: str
    one_id: UUID
    other_id: UUID
    at: datetime
    done_at: datetime | None
    apart: bool


@dataclass(frozen=True)
class ComparedRecord:
    """One of two records as moderators compare them. `uses`: how many adoptions that stand it has. `ours`: it is no
    record of another catalogue."""

    id: UUID
    slug: str
    name: str
    record: Mapping[str, Any]
    hidden: bool
    uses: int
    ours: bool


@dataclass(frozen=True)
class Merge:
    """A record that was merged away: into which, by which line of the log, and with which slug and other data
    before."""

    kind: str
    record_id: UUID
    into_id: UUID
    number: int
    at: datetime
    before: Mapping[str, Any]


class Merges(DatabasePart):
    def likeness(self, number: int) -> PossibleDuplicate:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return read_likeness(connection, number)

    def merged_into(self, key: UUID) -> tuple[Merge, ...]:
        """What was merged into a record, the newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(merged_record).where(merged_record.c.into_id == key).order_by(merged_record.c.number.desc())
            )
            return tuple(Merge(**row._mapping) for row in rows)

    def get(self, kind: str, record_id: UUID) -> Merge | None:
        """As `merge_of`."""
        with reading(self._engine) as connection:
            return merge_of(connection, kind, record_id)

    def side(self, kind: str, key: UUID) -> ComparedRecord:
        """A record, hidden or not; one that was merged away with the slug that it had. Raises NotFound."""
        table = _TABLES[kind]
        with reading(self._engine) as connection:
            query = select(table.c.slug, table.c.name, table.c.record, ~is_shown(kind), table.c.peer_id)
            row = connection.execute(query.where(table.c.id == key)).first()
            if row is None:
                raise NotFound(kind, str(key))
            away = merge_of(connection, kind, key)
            mine = adoption.c[f"{kind}_id"] == key
            uses = connection.execute(select(func.count()).select_from(adoption).where(mine, adoption.c.stands))
            slug = str(away.before["slug"]) if away else row[0]
            return ComparedRecord(key, slug, row[1], row[2], bool(row[3]), int(uses.scalar_one()), row[4] is None)

    def merged_ids(self, kind: str) -> frozenset[UUID]:
        """The ids of records of a kind that were merged into others."""
        with reading(self._engine) as connection:
            return frozenset(merged_into(connection, kind))

    def names(self) -> Iterator[tuple[UUID, str, str | None, UUID | None]]:
        """Of each organization that is shown: id, folded name, country, and the id of the peer whose it is, None for
        ours; in batches of a thousand."""
        columns = (organization.c[name] for name in ("id", "folded", "country", "peer_id"))
        query = select(*columns).where(is_shown("organization")).order_by(organization.c.id)
        with reading(self._engine) as connection:
            yield from map(tuple, connection.execute(query, execution_options={"yield_per": 1000}))

    def resemble(self, kind: str, pairs: Iterable[tuple[UUID, UUID]], *, now: datetime) -> int:
        """Note which records are alike; pairs that were noted before stay as people left them. How many are new."""
        rows = [case_values(kind, pair, now=now) for pair in pairs]
        if not rows:
            return 0
        with writing(self._engine) as connection:
            statement = insert(connection, case).on_conflict_do_nothing().returning(case.c.id)
            starts = range(0, len(rows), BATCH)
            return sum(len(connection.execute(statement, rows[start : start + BATCH]).all()) for start in starts)


def read_likeness(connection: Connection, number: int) -> PossibleDuplicate:
    """In the caller's transaction: the pair of this number. Raises NotFound."""
    row = connection.execute(select(case).where(case.c.id == number, case.c.source == LIKENESS)).first()
    if row is None:
        raise NotFound("likeness", str(number))
    pair, apart = (row.subject_id, row.other_id), row.outcome == APART
    return PossibleDuplicate(row.id, row.kind, *pair, row.since, row.closed_at, apart)


def set_answer(
    connection: Connection, kind: str, pair: tuple[UUID, UUID], apart: bool | None, *, now: datetime
) -> None:
    """In the caller's transaction: note whether these two are the same, as a person decided; None: undecided again."""
    answered: dict[bool | None, dict[str, Any]] = {
        None: {"state": OPEN, "outcome": None, "closed_at": None},
        True: {"state": CLOSED, "outcome": APART, "closed_at": now},
        False: {"state": CLOSED, "outcome": JOIN, "closed_at": now},
    }
    values = answered[apart]
    statement = insert(connection, case).values(case_values(kind, ordered_pair(*pair), now=now) | values)
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "subject_id", "key"], set_=values))


def case_values(kind: str, pair: tuple[UUID, UUID], *, now: datetime) -> dict[str, Any]:
    """The columns of the case of two records that may be the same, given in the order of `ordered_pair`."""
    return {
        "source": LIKENESS,
        "from_people": False,
        "kind": kind,
        "subject_id": pair[0],
        "other_id": pair[1],
        "key": str(pair[1]),
        "payload": {},
        "state": OPEN,
        "since": now,
    }


def ordered_pair(first: UUID, second: UUID) -> tuple[UUID, UUID]:
    """A pair in the order in which it is stored, whichever came first."""
    return (first, second) if str(first) < str(second) else (second, first)


def pairs_decided_apart(connection: Connection, kind: str) -> frozenset[frozenset[UUID]]:
    """In the caller's transaction: pairs of records that are not the same, as decided here."""
    query = select(case.c.subject_id, case.c.other_id).where(case.c.kind == kind, *DECIDED_APART)
    return frozenset(frozenset((row.subject_id, row.other_id)) for row in connection.execute(query))


def merge_of(connection: Connection, kind: str, record_id: UUID) -> Merge | None:
    """In the caller's transaction: how a record was merged away; None where it was not."""
    this = (merged_record.c.kind == kind) & (merged_record.c.record_id == record_id)
    row = connection.execute(select(merged_record).where(this)).first()
    return Merge(**row._mapping) if row else None


def merge_records(
    connection: Connection, kind: str, goes: UUID, stays: UUID, change: PublicChange, *, now: datetime
) -> dict[str, Any]:
    """In the caller's transaction: merge one record into the other, with what people stated of it; returns what
    `separate_records` needs.

    `set_log_number` must follow with the number of the line of the log.
    """
    table = _TABLES[kind]
    slug: str = connection.execute(select(table.c.slug).where(table.c.id == goes)).scalar_one()
    change.touch(kind, goes, stays)
    touched = _projects_that_refer_to(connection, kind, goes) | _projects_that_refer_to(connection, kind, stays)
    mine = (former_slug.c.kind == kind) & (former_slug.c.record_id == goes)
    formers = list(connection.execute(select(former_slug.c.slug).where(mine)).scalars())
    connection.execute(update(former_slug).where(mine).values(record_id=stays))
    connection.execute(update(table).where(table.c.id == goes).values(slug=f"~{goes.hex}"))
    leads = insert(connection, former_slug).values(kind=kind, slug=slug, record_id=stays)
    connection.execute(
        leads.on_conflict_do_update(index_elements=["kind", "slug"], set_={"record_id": leads.excluded.record_id})
    )
    if kind == "project":
        takedowns.block_project(connection, goes, slug, "", now=now)
    else:
        connection.execute(update(organization).where(organization.c.id == goes).values(hidden=JOINED))
    before = {"slug": slug, "former": formers} | _move_statements(connection, kind, goes, stays)
    connection.execute(
        merged_record.insert().values(kind=kind, record_id=goes, into_id=stays, number=0, at=now, before=before)
    )
    _follow_other_catalogues(connection, kind, (goes, stays), change)
    _note_removed(connection, kind, goes, change)
    rebuild_project_rows(connection, touched | ({stays, goes} if kind == "project" else set()), change)
    return before


def set_log_number(connection: Connection, kind: str, goes: UUID, number: int) -> None:
    """In the caller's transaction: note the line of the log about this merge."""
    this = (merged_record.c.kind == kind) & (merged_record.c.record_id == goes)
    connection.execute(update(merged_record).where(this).values(number=number))


def separate_records(connection: Connection, merge: Merge, change: PublicChange) -> None:
    """In the caller's transaction: separate two records again, each with what was stated of it."""
    table, kind, goes = _TABLES[merge.kind], merge.kind, merge.record_id
    connection.execute(delete(merged_record).where(merged_record.c.kind == kind, merged_record.c.record_id == goes))
    change.touch(kind, goes, merge.into_id)
    touched = _projects_that_refer_to(connection, kind, merge.into_id)
    slug = str(merge.before["slug"])
    mine = and_(former_slug.c.kind == kind, former_slug.c.record_id == merge.into_id)
    connection.execute(delete(former_slug).where(mine, former_slug.c.slug == slug))
    connection.execute(
        update(former_slug).where(mine, former_slug.c.slug.in_(merge.before["former"])).values(record_id=goes)
    )
    is_taken = connection.execute(select(table.c.id).where(table.c.slug == slug)).first() is not None
    own = f"{slug[:91]}-{goes.hex[:8]}" if is_taken else slug
    connection.execute(update(table).where(table.c.id == goes).values(slug=own))
    if kind == "project":
        takedowns.unblock_project(connection, goes)
    else:
        connection.execute(update(organization).where(organization.c.id == goes).values(hidden=None))
        set_meta(connection, "digest", None)  # loads skipped it meanwhile
    for name, keys in merge.before["moved"].items():
        moved = _MOVED[name]
        owner = moved.c[f"{kind}_id"]
        rows = [UUID(key) if name == "submission" else key for key in keys]
        connection.execute(update(moved).where(moved.c.id.in_(rows), owner == merge.into_id).values({owner.name: goes}))
    _follow_other_catalogues(connection, kind, (goes, merge.into_id), change)
    connection.execute(delete(removed_record).where(removed_record.c.kind == kind, removed_record.c.record_id == goes))
    touched |= _projects_that_refer_to(connection, kind, goes)
    rebuild_project_rows(connection, touched | ({merge.into_id, goes} if kind == "project" else set()), change)


# Not maintainers or representatives: that was verified for one record, and does not move with a merge.
_MOVED: Mapping[str, Table] = {"adoption": adoption, "maintenance": maintenance, "submission": submission}


def _move_statements(connection: Connection, kind: str, goes: UUID, stays: UUID) -> dict[str, Any]:
    """Move what people stated of one record to the other; of two adoptions of the same pair, that of the record that
    stays is kept, and the other stays where it is."""
    mine, beside = (f"{kind}_id", "organization_id" if kind == "project" else "project_id")
    there = select(adoption.c[beside]).where(adoption.c[mine] == stays, adoption.c.origin == DECLARED)
    moved: dict[str, list[Any]] = {}
    conditions = {
        "adoption": (adoption.c.origin == DECLARED) & adoption.c[beside].not_in(there),
        "maintenance": maintenance.c.origin == DECLARED,
        "submission": submission.c.state.in_((DRAFT, SENT, *OPEN_STATES)),
    }
    for name, which in conditions.items():
        table = _MOVED[name]
        ids_to_move = select(table.c.id).where(table.c[mine] == goes, which)
        keys = list(connection.execute(ids_to_move).scalars())
        connection.execute(update(table).where(table.c.id.in_(keys)).values({mine: stays}))
        moved[name] = [str(key) if isinstance(key, UUID) else key for key in keys]
    return {"moved": moved}


def _follow_other_catalogues(connection: Connection, kind: str, keys: tuple[UUID, UUID], change: PublicChange) -> None:
    """Show what other catalogues state of one record with the other, or with itself again."""
    received_records.follow_merges(connection, kind, merged_into(connection, kind))
    adoptions.renew(connection, adoptions.projects_of(connection, kind, keys), change=change)


def _projects_that_refer_to(connection: Connection, kind: str, key: UUID) -> set[UUID]:
    """The projects whose rows refer to a record: to an organization in any statement, to a project in a relation."""
    project_ids: set[UUID] = set()
    if kind == "project":
        return set(connection.execute(select(relation.c.project_id).where(relation.c.target_id == key)).scalars())
    for table in (adoption, maintenance, hosting):
        project_ids.update(
            connection.execute(select(table.c.project_id).where(table.c.organization_id == key)).scalars()
        )
    return project_ids


def rebuild_project_rows(connection: Connection, projects: Iterable[UUID], change: PublicChange) -> None:
    """Write anew the rows of what the document states of these projects, and count a change of them."""
    for batch in batches(projects):
        query = select(project.c.id, project.c.record, project.c.document, project.c.curated, project.c.peer_id)
        rows = connection.execute(query.where(project.c.id.in_(batch))).all()
        documents = {row.id: from_record(Project, row.document or row.record) for row in rows if row.curated}
        also = select(project.c.record, project.c.document).join(
            merged_record, merged_record.c.record_id == project.c.id
        )
        merged_away = connection.execute(
            also.where(merged_record.c.kind == "project", merged_record.c.into_id.in_(batch), project.c.curated)
        ).all()
        records = [*documents.values(), *(from_record(Project, row.document or row.record) for row in merged_away)]
        with relations.touching_linked(connection, batch, change):
            relations.rebuild_rows(connection, documents, set(documents), ids_of_mentions(connection, records))
            page_records = {row.id: from_record(Project, row.record) for row in rows if row.curated}
            relations.rebuild_terms(connection, page_records)
            declared = {
                row.id: from_record(Project, {"summary": {}} | row.record) for row in rows if _has_declared_links(row)
            }
            relations.rebuild_links(connection, declared, ids_of_mentions(connection, declared.values()))
        change.touch("project", *batch)


def _has_declared_links(row: Any) -> bool:
    """Whether people stated other hosts or related projects than the document does."""
    document = (row.document or row.record) if row.curated else None
    return row.peer_id is None and relations.hosts_and_relations(row.record) != relations.hosts_and_relations(document)


def _note_removed(connection: Connection, kind: str, key: UUID, change: PublicChange) -> None:
    statement = insert(connection, removed_record).values(kind=kind, record_id=key, change=change())
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_={"change": change()}))


def is_shown(kind: str) -> Any:
    """Whether a row of this kind is neither hidden, nor blocked, nor merged away."""
    if kind == "project":
        return project.c.id.not_in(select(takedown.c.project_id))
    return organization.c.hidden.is_(None)
