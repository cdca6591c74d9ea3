"""Forks and other projects with common history: which mirrors share a root commit, what git found when it compared two
of them, and the family of a project that its page shows.

Blocked projects are left out. Mirrors outlive their records: both ends of a row may have left the catalogue.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from catalog.rules.forks import (
    DEPTH,
    FAMILY_RELATIONS,
    MEMBERS,
    Family,
    FamilyMember,
    HistoryRelation,
    RelatedMirror,
    StatedRelation,
)
from catalog.store.core.engine import insert, reading
from catalog.store.core.jobs import enqueue, run_sooner
from catalog.store.core.public_changes import changing
from catalog.store.core.visibility import CLOSED, OPEN, PRESENT, PUBLIC
from catalog.tables.adoptions import adoption
from catalog.tables.core import fork_comparison, mirror, organization, project, relation, root_commit, takedown

# The kind of job that counts how far a mirror is from those that share a root commit with it.
COMPARE_FORKS = "compare-forks"
RELATIVES = 1000  # at most so many mirrors with a common root commit are compared

_COUNT_COLUMNS = ("own_commits", "other_commits", "shared_commits", "merge_base", "since", "head", "other_head")
_ID = project.c.id.type


def comparison_key(project_id: UUID) -> str:
    return f"{COMPARE_FORKS}:{project_id}"


def keep_roots(connection: Connection, project_id: UUID, roots: Sequence[str], *, now: datetime) -> None:
    """In the caller's transaction: store the root commits of a mirror that was read at another commit, the main one
    first.

    Where another mirror has one of them, or had, a job is queued that counts again.
    """
    rows = connection.execute(
        select(root_commit.c.oid).where(root_commit.c.project_id == project_id).order_by(root_commit.c.position)
    )
    wanted = list(dict.fromkeys(roots))
    if list(rows.scalars()) != wanted:
        connection.execute(delete(root_commit).where(root_commit.c.project_id == project_id))
        if wanted:
            values = [{"project_id": project_id, "oid": oid, "position": place} for place, oid in enumerate(wanted)]
            connection.execute(root_commit.insert(), values)
    others = exists().where(root_commit.c.oid.in_(wanted), root_commit.c.project_id != project_id)
    known = exists().where(fork_comparison.c.project_id == project_id)
    if connection.execute(select(or_(others, known))).scalar():
        key = comparison_key(project_id)
        enqueue(connection, COMPARE_FORKS, key, {"project": str(project_id)}, run_at=now)
        run_sooner(connection, key, run_at=now)


class Forks:
    def __init__(self, engine: Engine):
        self._engine = engine

    def relatives(self, project_id: UUID) -> tuple[str, tuple[RelatedMirror, ...]] | None:
        """The commit at which a mirror was read last, and the mirrors that share a root commit with it: first those
        that relations name, then the oldest.

        None when it was not read or is blocked. Two mirrors that only merged the history of a third are no relatives:
        the common root must be the main one of at least one of them.
        """
        mine, theirs = root_commit.alias("mine"), root_commit.alias("theirs")
        shared = (
            select(
                theirs.c.project_id,
                func.max(case((mine.c.position == 0, 1), else_=0)).label("mine"),
                func.max(case((theirs.c.position == 0, 1), else_=0)).label("theirs"),
            )
            .join_from(mine, theirs, theirs.c.oid == mine.c.oid)
            .where(mine.c.project_id == project_id, theirs.c.project_id != project_id)
            .where(or_(mine.c.position == 0, theirs.c.position == 0))
            .group_by(theirs.c.project_id)
            .subquery()
        )
        joined = or_(
            and_(relation.c.project_id == project_id, relation.c.target_id == shared.c.project_id),
            and_(relation.c.target_id == project_id, relation.c.project_id == shared.c.project_id),
        )
        stated = (
            select(func.count()).where(joined, relation.c.type.in_(FAMILY_RELATIONS)).scalar_subquery().label("stated")
        )
        since = mirror.c.first_mirrored_at
        wanted = (
            select(
                shared,
                _observed_commit(mirror).label("head"),
                stated,
                fork_comparison.c.head.label("known_head"),
                fork_comparison.c.other_head.label("known_other"),
            )
            .join_from(shared, mirror, mirror.c.project_id == shared.c.project_id)
            .outerjoin(
                fork_comparison,
                and_(fork_comparison.c.project_id == project_id, fork_comparison.c.other_id == shared.c.project_id),
            )
            .where(mirror.c.observation.is_not(None), _unblocked(shared.c.project_id))
            .order_by(stated.desc(), since.is_(None), since, shared.c.project_id)
            .limit(RELATIVES)
        )
        with reading(self._engine) as connection:
            own_head = select(_observed_commit(mirror)).where(
                mirror.c.project_id == project_id, _unblocked(mirror.c.project_id)
            )
            head = connection.execute(own_head).scalar()
            rows = connection.execute(wanted).all() if head else ()
        if not head:
            return None
        return head, tuple(
            RelatedMirror(
                project_id=row.project_id,
                head=row.head,
                mine=bool(row.mine),
                theirs=bool(row.theirs),
                stated=bool(row.stated),
                known=(row.known_head, row.known_other) if row.known_head else None,
            )
            for row in rows
            if row.head
        )

    def keep(
        self, project_id: UUID, counted: Iterable[HistoryRelation], apart: Iterable[UUID], *, now: datetime
    ) -> bool:
        """Store how git compared a project with others, in both directions. Returns whether a page changed.

        `apart` are those that were compared and are not related. Rows of mirrors that have no root commit in common
        with this one any more are deleted.
        """
        mine, theirs = root_commit.alias("mine"), root_commit.alias("theirs")
        sharing = (
            select(theirs.c.project_id).join(mine, mine.c.oid == theirs.c.oid).where(mine.c.project_id == project_id)
        )
        with changing(self._engine) as (connection, change):
            kept = _kin_where(connection, fork_comparison.c.project_id == project_id)
            kept_others = {other for _, other in kept}
            changed = (kept_others - set(connection.execute(sharing).scalars())) | (kept_others & set(apart))
            for other in changed:
                connection.execute(
                    delete(fork_comparison).where(
                        or_(
                            and_(fork_comparison.c.project_id == project_id, fork_comparison.c.other_id == other),
                            and_(fork_comparison.c.project_id == other, fork_comparison.c.other_id == project_id),
                        )
                    )
                )
            rows = []
            for kin in counted:
                if _public_values(kept.get((project_id, kin.other_id))) != _public_values(kin):
                    changed.add(kin.other_id)
                rows += [kin, kin.seen_from_other()]
            # Always in the same order: another worker may write the same pair from the other side.
            for row in sorted(rows, key=lambda row: (str(row.project_id), str(row.other_id))):
                _write(connection, row, now)
            if changed:
                change.touch("project", project_id, *changed)
                change.touch_family([project_id, *changed])
        return bool(changed)

    def page(self, project_id: UUID) -> Family:
        """The family that a project's page shows: one query when it has none, else five.

        At most MEMBERS, those with the fewest relations in between first.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(_AROUND, {"of": project_id}).all()
            ids = [row.id for row in rows]
            if len(ids) < 2:
                return Family(project_id)
            members = connection.execute(_MEMBERS, {"ids": ids}).all()
            ids = [row.id for row in members]
            ties = connection.execute(_TIES, {"ids": ids, "others": ids}).all()
            counted = connection.execute(_KIN, {"ids": ids, "others": ids}).all()
            countries: dict[UUID, list[str]] = {}
            for row in connection.execute(_COUNTRIES, {"ids": ids}):
                countries.setdefault(row.project_id, []).append(row.country)
        order = {tie: place for place, tie in enumerate(FAMILY_RELATIONS)}
        ties = sorted(ties, key=lambda tie: (order[tie.type], tie.position, str(tie.target_id), str(tie.project_id)))
        return Family(
            of=project_id,
            members={row.id: _member(row, countries.get(row.id, ())) for row in members},
            ties=tuple(
                StatedRelation(row.project_id, row.type, row.target_id)
                for row in sorted(
                    ties, key=lambda row: (order[row.type], row.position, str(row.target_id), str(row.project_id))
                )
            ),
            kin={(row.project_id, row.other_id): _kin_of(row) for row in counted},
        )


def _unblocked(column: Any) -> Any:
    return column.not_in(select(takedown.c.project_id))


def _observed_commit(table: Any) -> Any:
    return table.c.observation["commit"].as_string()


def _related_query() -> Any:
    """Select the project, those that share history with it, and all that relations connect with it, with the number of
    steps to each."""
    of = bindparam("of", type_=_ID)
    start = select(of.label("id"), literal(0, Integer).label("steps")).cte("around", recursive=True)
    here = or_(relation.c.project_id == start.c.id, relation.c.target_id == start.c.id)
    there = case((relation.c.project_id == start.c.id, relation.c.target_id), else_=relation.c.project_id)
    # A single recursive term with an OR: PostgreSQL accepts no second one.
    around = start.union(
        select(there.label("id"), start.c.steps + 1)
        .join_from(start, relation, here)
        .where(relation.c.type.in_(FAMILY_RELATIONS), start.c.steps < DEPTH)
    )
    kin = select(fork_comparison.c.other_id.label("id"), literal(1, Integer).label("steps")).where(
        fork_comparison.c.project_id == of
    )
    every = union(select(around.c.id, around.c.steps), kin).subquery()
    return (
        select(every.c.id, func.min(every.c.steps).label("steps"))
        .where(every.c.id.not_in(CLOSED), of.not_in(CLOSED))
        .group_by(every.c.id)
        .order_by("steps", every.c.id)
        .limit(MEMBERS)
    )


_AROUND = _related_query()
_IDS: Any = bindparam("ids", expanding=True)
_OTHERS: Any = bindparam("others", expanding=True)
_MEMBERS = (
    select(project.c.id, project.c.slug, project.c.name, project.c.context_only, project.c.record, mirror.c.state)
    .outerjoin(mirror, mirror.c.project_id == project.c.id)
    .where(project.c.id.in_(_IDS), OPEN)
    .order_by(project.c.slug)
)
_TIES = select(relation).where(
    relation.c.project_id.in_(_IDS), relation.c.target_id.in_(_OTHERS), relation.c.type.in_(FAMILY_RELATIONS)
)
_KIN = select(fork_comparison).where(fork_comparison.c.project_id.in_(_IDS), fork_comparison.c.other_id.in_(_OTHERS))
_COUNTRIES = (
    select(adoption.c.project_id, organization.c.country)
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, PRESENT, adoption.c.project_id.in_(_IDS), organization.c.country.is_not(None))
    .group_by(adoption.c.project_id, organization.c.country)
    .order_by(func.count().desc(), organization.c.country)
)


def _member(row: Any, countries: Sequence[str]) -> FamilyMember:
    record: Mapping[str, Any] = row.record
    return FamilyMember(
        id=row.id,
        slug=row.slug,
        name=row.name,
        summary=record.get("summary", {}),
        context_only=row.context_only,
        gone=row.state == "gone",
        deployment_countries=tuple(record.get("deployment_countries", ())),
        languages=tuple(
            language if isinstance(language, str) else language["term"] for language in record.get("languages", ())
        ),
        adopter_countries=tuple(countries),
    )


def _kin_where(connection: Connection, which: Any) -> dict[tuple[UUID, UUID], HistoryRelation]:
    rows = connection.execute(select(fork_comparison).where(which)).all()
    return {(row.project_id, row.other_id): _kin_of(row) for row in rows}


def _kin_of(row: Any) -> HistoryRelation:
    return HistoryRelation(**{name: getattr(row, name) for name in HistoryRelation.__dataclass_fields__})


def _public_values(kin: HistoryRelation | None) -> Any:
    """What a page shows of two related projects: all but their heads."""
    return kin and (kin.kind, kin.own_commits, kin.other_commits, kin.shared_commits, kin.since)


def _write(connection: Connection, kin: HistoryRelation, now: datetime) -> None:
    statement = insert(connection, fork_comparison).values(
        project_id=kin.project_id,
        other_id=kin.other_id,
        kind=kin.kind,
        at=now,
        **{name: getattr(kin, name) for name in _COUNT_COLUMNS},
    )
    written = {name: statement.excluded[name] for name in ("kind", "at", *_COUNT_COLUMNS)}
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id", "other_id"], set_=written))
