"""What organizations and people told, as lists that programs read in parts: experiences, obstacles, statements of
support, and what moderators said of two records. Whoever sent one stands in none of it.

Each part begins behind a time and what has it: see `listed`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Engine, Select, and_, literal, or_, select, union_all

from catalog.store.adoptions import experiences
from catalog.store.adoptions.experiences import Experience
from catalog.store.calls import queries as call_queries
from catalog.store.calls.read_models import Statement
from catalog.store.core.engine import reading
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.merges import reasons
from catalog.store.merges.reasons import Why
from catalog.store.obstacles import rows as obstacle_rows
from catalog.store.obstacles.rows import Obstacle
from catalog.tables.calls import experience, obstacle, support
from catalog.tables.core import organization, project
from catalog.tables.moderation import joined, likeness

Named = tuple[str, str]  # slug and name


@dataclass(frozen=True)
class Learned:
    """What an organization tells of its use, with the project that it is about."""

    project: Named
    experience: Experience


@dataclass(frozen=True)
class Blocking:
    """What keeps somebody from using a project, with that project."""

    id: UUID
    project: Named
    obstacle: Obstacle


@dataclass(frozen=True)
class SaidOfTwo:
    """What moderators here said of two records, and why. `leads_to`: those of them that stand for themselves."""

    id: UUID
    kind: str
    same: bool
    one: UUID
    other: UUID
    at: datetime
    leads_to: tuple[Named, ...]
    why: Why


class Told:
    def __init__(self, engine: Engine):
        self._engine = engine

    def experiences(
        self,
        *,
        project_slug: str | None = None,
        organization_slug: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int,
    ) -> tuple[tuple[tuple[datetime, str], Learned], ...]:
        """What organizations tell of their uses, the newest first."""
        wanted = experiences.told().add_columns(project.c.slug.label("of"), project.c.name.label("of_name"))
        for column, value in ((project.c.slug, project_slug), (organization.c.slug, organization_slug)):
            if value is not None:
                wanted = wanted.where(column == value)
        wanted = _newest(wanted, experience.c.at, experience.c.reference, after)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(limit)).all()
        return tuple(
            ((row.at, row.reference), Learned((row.of, row.of_name), experiences.experience_of(row))) for row in rows
        )

    def obstacles(
        self,
        *,
        project_slug: str | None = None,
        audience: str | None = None,
        state: str | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int,
    ) -> tuple[tuple[tuple[datetime, UUID], Blocking], ...]:
        """What keeps people from using projects, as a moderator let it be shown; the newest first. The code of a report
        belongs to whoever sent it."""
        wanted = (
            select(*obstacle_rows.COLUMNS, obstacle.c.id, project.c.slug, project.c.name)
            .join(project, project.c.id == obstacle.c.project_id)
            .where(obstacle_rows.PUBLIC, OPEN)
        )
        chosen = ((project.c.slug, project_slug), (obstacle.c.audience, audience), (obstacle.c.state, state))
        wanted = wanted.where(*(column == value for column, value in chosen if value is not None))
        wanted = _newest(wanted, obstacle.c.at, obstacle.c.id, after)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(limit)).all()
        return tuple(
            ((row.at, row.id), Blocking(row.id, (row.slug, row.name), Obstacle(*row[: len(obstacle_rows.COLUMNS)])))
            for row in rows
        )

    def supports(
        self, reference: str, *, after: tuple[datetime, UUID] | None = None, limit: int
    ) -> tuple[tuple[tuple[datetime, UUID], Statement], ...]:
        """The named organizations that say the same as a call, over those that joined it too, the newest first. Raises
        NotFound."""
        with reading(self._engine) as connection:
            key = call_queries.shown(connection, reference)
            wanted = call_queries.statements(key).add_columns(support.c.id.label("key"))
            rows = connection.execute(_newest(wanted, support.c.at, support.c.id, after).limit(limit)).all()
        return tuple(((row.at, row.key), call_queries.statement_of(row)) for row in rows)

    def joins(
        self, *, kind: str | None = None, after: tuple[datetime, UUID, UUID] | None = None, limit: int
    ) -> tuple[tuple[tuple[datetime, UUID, UUID], SaidOfTwo], ...]:
        """What moderators here said of two records: that they are the same, or not; the newest first. Only of those
        that lead to what may be seen."""
        kinds = ("project", "organization") if kind is None else (kind,)
        said = union_all(*(one for of in kinds for one in _said_of_two(of))).subquery()
        wanted = select(said).order_by(said.c.at.desc(), said.c.one, said.c.other)
        if after is not None:
            at, one, other = after
            later = or_(said.c.one > one, and_(said.c.one == one, said.c.other > other))
            wanted = wanted.where(or_(said.c.at < at, and_(said.c.at == at, later)))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(limit)).all()
            together, parted = ([_pair(row) for row in rows if bool(row.same) is same] for same in (True, False))
            why = {True: reasons.of_same(connection, together), False: reasons.of_apart(connection, parted)}
        return tuple(((row.at, row.one, row.other), _of_two(row, why[bool(row.same)][_pair(row)])) for row in rows)


def _said_of_two(kind: str) -> tuple[Select[Any], Select[Any]]:
    """The statements about records of a kind; one that was joined away is told by its identity alone: it may have been
    hidden before."""
    table, shown = (project, OPEN) if kind == "project" else (organization, VISIBLE)
    one, other = table.alias("a"), table.alias("b")
    ids = select(table.c.id).where(shown)
    nobody = literal("")
    together = _two(joined.c.kind, True, joined.c.record_id, joined.c.into_id, joined.c.at, nobody, nobody, other)
    pair = (likeness.c.one_id, likeness.c.other_id, likeness.c.done_at)
    apart = _two(likeness.c.kind, False, *pair, one.c.slug, one.c.name, other)
    visible = (likeness.c.one_id.in_(ids), likeness.c.other_id.in_(ids))
    return (
        together.join_from(joined, other, other.c.id == joined.c.into_id).where(
            joined.c.kind == kind, joined.c.into_id.in_(ids)
        ),
        apart.join_from(likeness, one, one.c.id == likeness.c.one_id)
        .join(other, other.c.id == likeness.c.other_id)
        .where(likeness.c.kind == kind, likeness.c.apart, likeness.c.done_at.is_not(None), *visible),
    )


def _two(kind: Any, same: bool, one: Any, other: Any, at: Any, slug: Any, name: Any, of: Any) -> Select[Any]:
    return select(
        kind.label("kind"),
        literal(same).label("same"),
        one.label("one"),
        other.label("other"),
        at.label("at"),
        slug.label("slug"),
        name.label("name"),
        of.c.slug.label("other_slug"),
        of.c.name.label("other_name"),
    )


def _pair(row: Any) -> reasons.Two:
    return row.kind, row.one, row.other


def _of_two(row: Any, why: Why) -> SaidOfTwo:
    """Its identity is that under which other catalogues get it."""
    named = ((row.slug, row.name), (row.other_slug, row.other_name))
    key = uuid5(row.one, f"join:{row.kind}:{row.other}")
    return SaidOfTwo(
        key, row.kind, bool(row.same), row.one, row.other, row.at, tuple(one for one in named if one[0]), why
    )


def _newest(wanted: Select[Any], time: Any, key: Any, after: tuple[datetime, Any] | None) -> Select[Any]:
    if after is not None:
        at, last = after
        wanted = wanted.where(or_(time < at, and_(time == at, key > last)))
    return wanted.order_by(time.desc(), key)
