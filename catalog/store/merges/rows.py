"""Two records that are the same, as rows: joined, parted again, and what resembles what. It judges nobody.

A record that was joined away stays in its table, hidden, without its slug: that leads to the one that stays. What
people declared moves and is remembered row by row; what the document states is made anew from the records, by the
mapping that loads use too. So taking it back needs no guess, and a join outlives every load, by identity.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, and_, delete, func, select, update

from catalog.document import from_record
from catalog.errors import NotFound
from catalog.model import Project
from catalog.rules.fact import DECLARED
from catalog.rules.submission import DRAFT, OPEN_STATES, SENT
from catalog.store.core.engine import BATCH, batches, insert, note, reading, writing
from catalog.store.federation.received import adoptions, texts
from catalog.store.federation.received import records as received_records
from catalog.store.projects import relations, takedowns
from catalog.store.projects.merged_slugs import TABLES as _TABLES
from catalog.store.projects.merged_slugs import ids, into
from catalog.tables.core import (
    adoption,
    block,
    former,
    hosting,
    maintenance,
    organization,
    project,
    relation,
    removed,
)
from catalog.tables.moderation import joined, likeness
from catalog.tables.submissions import declaration

JOINED = "joined"  # what `organization.hidden` says of one that was joined away


@dataclass(frozen=True)
class Likeness:
    """Two records that may be the same; `apart`: a person said that they are not."""

    number: int
    kind: str
    one_id: UUID
    other_id: UUID
    reasons: tuple[str, ...]
    at: datetime
    done_at: datetime | None
    apart: bool


@dataclass(frozen=True)
class Side:
    """One of two records as the desk compares them. `uses`: how many stated uses stand with it."""

    id: UUID
    slug: str
    name: str
    record: Mapping[str, Any]
    hidden: bool
    uses: int


@dataclass(frozen=True)
class Join:
    """A record that was joined away: into which, by which line of the log, and under which slug it stood."""

    kind: str
    record_id: UUID
    into_id: UUID
    number: int
    at: datetime
    before: Mapping[str, Any]


class Joins:
    def __init__(self, engine: Engine):
        self._engine = engine

    def likeness(self, number: int) -> Likeness:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return likeness_of(connection, number)

    def into(self, key: UUID) -> tuple[Join, ...]:
        """What was joined into a record, the newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(joined).where(joined.c.into_id == key).order_by(joined.c.number.desc()))
            return tuple(Join(**row._mapping) for row in rows)

    def one(self, kind: str, record_id: UUID) -> Join:
        """How a record was joined away. Raises NotFound where it was not."""
        with reading(self._engine) as connection:
            found = join_of(connection, kind, record_id)
        if found is None:
            raise NotFound("join", str(record_id))
        return found

    def side(self, kind: str, key: UUID) -> Side:
        """A record, hidden or not; one that was joined away under the slug that it had. Raises NotFound."""
        table = _TABLES[kind]
        with reading(self._engine) as connection:
            wanted = select(table.c.slug, table.c.name, table.c.record, ~shown(kind)).where(table.c.id == key)
            row = connection.execute(wanted).first()
            if row is None:
                raise NotFound(kind, str(key))
            away = join_of(connection, kind, key)
            mine = adoption.c[f"{kind}_id"] == key
            uses = connection.execute(select(func.count()).select_from(adoption).where(mine, adoption.c.stands))
            slug = str(away.before["slug"]) if away else row[0]
            return Side(key, slug, row[1], row[2], bool(row[3]), int(uses.scalar_one()))

    def away(self, kind: str) -> frozenset[UUID]:
        """The records of a kind that were joined with others."""
        with reading(self._engine) as connection:
            return frozenset(into(connection, kind))

    def names(self, kind: str) -> Iterator[tuple[UUID, str, str | None, str | None, UUID | None]]:
        """Identity, folded name, homepage and repository of each record that is shown, and the catalogue whose it is,
        None for ours; in batches of a thousand."""
        table = _TABLES[kind]
        repository = project.c.repository if kind == "project" else organization.c.homepage
        homepage = project.c.record["homepage"].as_string() if kind == "project" else organization.c.homepage
        wanted = select(table.c.id, table.c.folded, homepage, repository, table.c.peer_id).where(shown(kind))
        wanted = wanted.order_by(table.c.id)
        with reading(self._engine) as connection:
            for row in connection.execute(wanted, execution_options={"yield_per": 1000}):
                yield row[0], row[1], row[2], row[3] if kind == "project" else None, row[4]

    def resemble(self, kind: str, pairs: Mapping[tuple[UUID, UUID], Iterable[str]], *, now: datetime) -> int:
        """Note what resembles what; what was noted before stays as people left it. How many are new."""
        rows = [
            {"kind": kind, "one_id": one, "other_id": other, "reasons": sorted(reasons), "at": now, "apart": False}
            for (one, other), reasons in pairs.items()
        ]
        if not rows:
            return 0
        with writing(self._engine) as connection:
            statement = insert(connection, likeness).on_conflict_do_nothing().returning(likeness.c.id)
            starts = range(0, len(rows), BATCH)
            return sum(len(connection.execute(statement, rows[start : start + BATCH]).all()) for start in starts)


def likeness_of(connection: Connection, number: int) -> Likeness:
    """In the caller's transaction. Raises NotFound."""
    row = connection.execute(select(likeness).where(likeness.c.id == number)).first()
    if row is None:
        raise NotFound("likeness", str(number))
    return Likeness(row.id, row.kind, row.one_id, row.other_id, tuple(row.reasons), row.at, row.done_at, row.apart)


def answered(connection: Connection, kind: str, pair: tuple[UUID, UUID], apart: bool | None, *, now: datetime) -> None:
    """In the caller's transaction: a person said whether these two are the same; None: nobody did any more."""
    one, other = ordered(*pair)
    values: dict[str, Any] = {"apart": bool(apart), "done_at": None if apart is None else now}
    statement = insert(connection, likeness).values(kind=kind, one_id=one, other_id=other, reasons=[], at=now, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "one_id", "other_id"], set_=values))


def ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """A pair as it is kept, whichever was named first."""
    return (one, other) if str(one) < str(other) else (other, one)


def join_of(connection: Connection, kind: str, record_id: UUID) -> Join | None:
    """In the caller's transaction: how a record was joined away; None where it was not."""
    this = (joined.c.kind == kind) & (joined.c.record_id == record_id)
    row = connection.execute(select(joined).where(this)).first()
    return Join(**row._mapping) if row else None


def join(connection: Connection, kind: str, goes: UUID, stays: UUID, change: int, *, now: datetime) -> dict[str, Any]:
    """In the caller's transaction: one record leads to the other, with what people said of it; what `part` needs.

    `keep` must follow with the number of the line.
    """
    table = _TABLES[kind]
    slug: str = connection.execute(select(table.c.slug).where(table.c.id == goes)).scalar_one()
    touched = _naming(connection, kind, goes) | _naming(connection, kind, stays)
    mine = (former.c.kind == kind) & (former.c.record_id == goes)
    formers = list(connection.execute(select(former.c.slug).where(mine)).scalars())
    connection.execute(update(former).where(mine).values(record_id=stays))
    connection.execute(update(table).where(table.c.id == goes).values(slug=f"~{goes.hex}", change=change))
    leads = insert(connection, former).values(kind=kind, slug=slug, record_id=stays)
    connection.execute(
        leads.on_conflict_do_update(index_elements=["kind", "slug"], set_={"record_id": leads.excluded.record_id})
    )
    if kind == "project":
        takedowns.put(connection, goes, slug, "", now=now)
    else:
        connection.execute(update(organization).where(organization.c.id == goes).values(hidden=JOINED))
    before = {"slug": slug, "former": formers} | _move(connection, kind, goes, stays)
    connection.execute(
        joined.insert().values(kind=kind, record_id=goes, into_id=stays, number=0, at=now, before=before)
    )
    _others(connection, kind, (goes, stays), change)
    _gone(connection, kind, goes, change)
    anew(connection, touched | ({stays, goes} if kind == "project" else set()), change)
    connection.execute(update(table).where(table.c.id == stays).values(change=change))
    return before


def keep(connection: Connection, kind: str, goes: UUID, number: int) -> None:
    """In the caller's transaction: the line of the log that says so."""
    this = (joined.c.kind == kind) & (joined.c.record_id == goes)
    connection.execute(update(joined).where(this).values(number=number))


def part(connection: Connection, one: Join, change: int) -> None:
    """In the caller's transaction: two records stand for themselves again, each with what was said of it."""
    table, kind, goes = _TABLES[one.kind], one.kind, one.record_id
    connection.execute(delete(joined).where(joined.c.kind == kind, joined.c.record_id == goes))
    touched = _naming(connection, kind, one.into_id)
    slug = str(one.before["slug"])
    mine = and_(former.c.kind == kind, former.c.record_id == one.into_id)
    connection.execute(delete(former).where(mine, former.c.slug == slug))
    connection.execute(update(former).where(mine, former.c.slug.in_(one.before["former"])).values(record_id=goes))
    taken = connection.execute(select(table.c.id).where(table.c.slug == slug)).first() is not None
    own = f"{slug[:91]}-{goes.hex[:8]}" if taken else slug
    connection.execute(update(table).where(table.c.id == goes).values(slug=own, change=change))
    if kind == "project":
        takedowns.lift(connection, goes)
    else:
        connection.execute(update(organization).where(organization.c.id == goes).values(hidden=None))
        note(connection, "digest", None)  # loads skipped it meanwhile
    for name, keys in one.before["moved"].items():
        moved = _MOVED[name]
        owner = moved.c[f"{kind}_id"]
        rows = [UUID(key) if name == "declaration" else key for key in keys]
        connection.execute(update(moved).where(moved.c.id.in_(rows), owner == one.into_id).values({owner.name: goes}))
    _others(connection, kind, (goes, one.into_id), change)
    connection.execute(delete(removed).where(removed.c.kind == kind, removed.c.record_id == goes))
    touched |= _naming(connection, kind, goes)
    anew(connection, touched | ({one.into_id, goes} if kind == "project" else set()), change)
    connection.execute(update(table).where(table.c.id == one.into_id).values(change=change))


# Not who maintains or represents: that was proven for one record, and does not move with a merge.
_MOVED: Mapping[str, Table] = {"adoption": adoption, "maintenance": maintenance, "declaration": declaration}


def _move(connection: Connection, kind: str, goes: UUID, stays: UUID) -> dict[str, Any]:
    """What people declared of one is said of the other; of two uses of the same pair the one that stays is kept, the
    other waits apart."""
    mine, beside = (f"{kind}_id", "organization_id" if kind == "project" else "project_id")
    there = select(adoption.c[beside]).where(adoption.c[mine] == stays, adoption.c.origin == DECLARED)
    moved: dict[str, list[Any]] = {}
    wanted = {
        "adoption": (adoption.c.origin == DECLARED) & adoption.c[beside].not_in(there),
        "maintenance": maintenance.c.origin == DECLARED,
        "declaration": declaration.c.state.in_((DRAFT, SENT, *OPEN_STATES)),
    }
    for name, which in wanted.items():
        table = _MOVED[name]
        found = select(table.c.id).where(table.c[mine] == goes, which)
        keys = list(connection.execute(found).scalars())
        connection.execute(update(table).where(table.c.id.in_(keys)).values({mine: stays}))
        moved[name] = [str(key) if isinstance(key, UUID) else key for key in keys]
    return {"moved": moved}


def _others(connection: Connection, kind: str, keys: tuple[UUID, UUID], change: int) -> None:
    """What other catalogues tell of one is told of the other, or of itself again."""
    received_records.follow_joins(connection, kind, into(connection, kind))
    adoptions.follow(connection, kind, keys, change=lambda: change)
    texts.follow(connection, kind, keys, change=lambda: change)


def _naming(connection: Connection, kind: str, key: UUID) -> set[UUID]:
    """The projects whose rows name a record: of an organization by any statement, of a project by a relation."""
    found: set[UUID] = set()
    if kind == "project":
        return set(connection.execute(select(relation.c.project_id).where(relation.c.target_id == key)).scalars())
    for table in (adoption, maintenance, hosting):
        found.update(connection.execute(select(table.c.project_id).where(table.c.organization_id == key)).scalars())
    return found


def anew(connection: Connection, projects: Iterable[UUID], change: int) -> None:
    """Make the rows of what the document states of these projects anew, and tell that they changed."""
    for batch in batches(projects):
        wanted = select(project.c.id, project.c.record, project.c.document, project.c.curated, project.c.peer_id)
        rows = connection.execute(wanted.where(project.c.id.in_(batch))).all()
        stated = {row.id: from_record(Project, row.document or row.record) for row in rows if row.curated}
        also = select(project.c.record, project.c.document).join(joined, joined.c.record_id == project.c.id)
        gone = connection.execute(
            also.where(joined.c.kind == "project", joined.c.into_id.in_(batch), project.c.curated)
        ).all()
        named = [*stated.values(), *(from_record(Project, row.document or row.record) for row in gone)]
        relations.renew(connection, stated, set(stated), ids(connection, named))
        shown = {row.id: from_record(Project, row.record) for row in rows if row.curated}
        relations.renew_terms(connection, shown)
        spoken = {row.id: from_record(Project, {"summary": {}} | row.record) for row in rows if _links_beside(row)}
        relations.renew_links(connection, spoken, ids(connection, spoken.values()))
        connection.execute(update(project).where(project.c.id.in_(batch)).values(change=change))


def _links_beside(row: Any) -> bool:
    """Whether people declared other hosts or related projects than the document states."""
    stated = (row.document or row.record) if row.curated else None
    return row.peer_id is None and relations.links(row.record) != relations.links(stated)


def _gone(connection: Connection, kind: str, key: UUID, change: int) -> None:
    statement = insert(connection, removed).values(kind=kind, record_id=key, change=change)
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_={"change": change}))


def shown(kind: str) -> Any:
    """Whether a row of this kind is neither hidden, nor blocked, nor joined away."""
    if kind == "project":
        return project.c.id.not_in(select(block.c.project_id))
    return organization.c.hidden.is_(None)
