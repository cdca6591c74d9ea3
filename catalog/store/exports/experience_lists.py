"""What organizations and people report, as lists that programs read in parts: experiences, obstacles, statements of
support, and what moderators decided of two records. Nothing here tells who sent one.

Each part begins after a time and the key of a record: see `api_lists`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Engine, Select, and_, literal, or_, select, union_all

from catalog.store.adoptions import experiences
from catalog.store.adoptions.experiences import Experience
from catalog.store.calls import queries as call_queries
from catalog.store.calls.read_models import SupportStatement
from catalog.store.core.cases import DECIDED_APART
from catalog.store.core.engine import reading
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.merges import reasons
from catalog.store.merges.reasons import MergeReason
from catalog.store.obstacles import rows as obstacle_rows
from catalog.store.obstacles.rows import Obstacle
from catalog.tables.calls import call_support, experience, obstacle
from catalog.tables.core import organization, project
from catalog.tables.moderation import case, merged_record

SlugAndName = tuple[str, str]  # slug and name


@dataclass(frozen=True)
class ExperienceOfProject:
    """An experience with slug and name of its project."""

    project: SlugAndName
    experience: Experience


@dataclass(frozen=True)
class ObstacleOfProject:
    """An obstacle with slug and name of its project."""

    id: UUID
    project: SlugAndName
    obstacle: Obstacle


@dataclass(frozen=True)
class MergeDecision:
    """What moderators here decided of two records, and why. `leads_to`: those of the two that are not merged away."""

    id: UUID
    kind: str
    same: bool
    first: UUID
    other: UUID
    at: datetime
    leads_to: tuple[SlugAndName, ...]
    why: MergeReason


class ExperienceLists:
    def __init__(self, engine: Engine):
        self._engine = engine

    def experiences(
        self,
        *,
        project_slug: str | None = None,
        organization_slug: str | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int,
    ) -> tuple[tuple[tuple[datetime, str], ExperienceOfProject], ...]:
        """Experiences of organizations, the newest first."""
        wanted = experiences.select_experiences().add_columns(
            project.c.slug.label("of"), project.c.name.label("of_name")
        )
        for column, value in ((project.c.slug, project_slug), (organization.c.slug, organization_slug)):
            if value is not None:
                wanted = wanted.where(column == value)
        wanted = _newest(wanted, experience.c.at, experience.c.reference, after)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(limit)).all()
        return tuple(
            ((row.at, row.reference), ExperienceOfProject((row.of, row.of_name), experiences.experience_from_row(row)))
            for row in rows
        )

    def obstacles(
        self,
        *,
        project_slug: str | None = None,
        audience: str | None = None,
        state: str | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int,
    ) -> tuple[tuple[tuple[datetime, UUID], ObstacleOfProject], ...]:
        """Public obstacles, which a moderator let be shown; the newest first. The reference of a report is its sender's
        secret."""
        wanted = (
            select(*obstacle_rows.COLUMNS, obstacle.c.id, project.c.slug, project.c.name)
            .join(project, project.c.id == obstacle.c.project_id)
            .where(obstacle_rows.PUBLIC_OBSTACLES, OPEN)
        )
        chosen = ((project.c.slug, project_slug), (obstacle.c.audience, audience), (obstacle.c.state, state))
        wanted = wanted.where(*(column == value for column, value in chosen if value is not None))
        wanted = _newest(wanted, obstacle.c.at, obstacle.c.id, after)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(limit)).all()
        return tuple(
            (
                (row.at, row.id),
                ObstacleOfProject(row.id, (row.slug, row.name), Obstacle(*row[: len(obstacle_rows.COLUMNS)])),
            )
            for row in rows
        )

    def supports(
        self, reference: str, *, after: tuple[datetime, UUID] | None = None, limit: int
    ) -> tuple[tuple[tuple[datetime, UUID], SupportStatement], ...]:
        """The named organizations that support a call or one merged into it, the newest first. Raises NotFound."""
        with reading(self._engine) as connection:
            key = call_queries.shown_call_id(connection, reference)
            wanted = call_queries.select_statements(key).add_columns(call_support.c.id.label("key"))
            rows = connection.execute(_newest(wanted, call_support.c.at, call_support.c.id, after).limit(limit)).all()
        return tuple(((row.at, row.key), call_queries.statement_from_row(row)) for row in rows)

    def joins(
        self, *, kind: str | None = None, after: tuple[datetime, UUID, UUID] | None = None, limit: int
    ) -> tuple[tuple[tuple[datetime, UUID, UUID], MergeDecision], ...]:
        """What moderators here decided of two records: that they are the same, or not; the newest first. Only where
        both lead to what may be seen."""
        kinds = ("project", "organization") if kind is None else (kind,)
        decisions = union_all(*(query for record_kind in kinds for query in _select_decisions(record_kind))).subquery()
        wanted = select(decisions).order_by(decisions.c.at.desc(), decisions.c.first, decisions.c.other)
        if after is not None:
            at, first_id, other_id = after
            first, other = decisions.c.first, decisions.c.other
            later = or_(first > first_id, and_(first == first_id, other > other_id))
            wanted = wanted.where(or_(decisions.c.at < at, and_(decisions.c.at == at, later)))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.limit(limit)).all()
            merged, different = ([_two_of(row) for row in rows if bool(row.same) is same] for same in (True, False))
            why = {
                True: reasons.reasons_for_same(connection, merged),
                False: reasons.reasons_for_different(connection, different),
            }
        return tuple(
            ((row.at, row.first, row.other), _decision_from_row(row, why[bool(row.same)][_two_of(row)])) for row in rows
        )


def _select_decisions(kind: str) -> tuple[Select[Any], Select[Any]]:
    """Select the decisions about records of a kind. A record that was merged away is given by its id alone: it may have
    been hidden before."""
    table, shown = (project, OPEN) if kind == "project" else (organization, VISIBLE)
    first, second = table.alias("a"), table.alias("b")
    ids = select(table.c.id).where(shown)
    no_text = literal("")
    merged = _decision_columns(
        merged_record.c.kind,
        True,
        merged_record.c.record_id,
        merged_record.c.into_id,
        merged_record.c.at,
        no_text,
        no_text,
        second,
    )
    pair = (case.c.subject_id, case.c.other_id, case.c.closed_at)
    apart = _decision_columns(case.c.kind, False, *pair, first.c.slug, first.c.name, second)
    visible = (case.c.subject_id.in_(ids), case.c.other_id.in_(ids))
    return (
        merged.join_from(merged_record, second, second.c.id == merged_record.c.into_id).where(
            merged_record.c.kind == kind, merged_record.c.into_id.in_(ids)
        ),
        apart.join_from(case, first, first.c.id == case.c.subject_id)
        .join(second, second.c.id == case.c.other_id)
        .where(case.c.kind == kind, *DECIDED_APART, *visible),
    )


def _decision_columns(
    kind: Any, same: bool, first_id: Any, second_id: Any, at: Any, slug: Any, name: Any, of: Any
) -> Select[Any]:
    return select(
        kind.label("kind"),
        literal(same).label("same"),
        first_id.label("first"),
        second_id.label("other"),
        at.label("at"),
        slug.label("slug"),
        name.label("name"),
        of.c.slug.label("other_slug"),
        of.c.name.label("other_name"),
    )


def _two_of(row: Any) -> reasons.KindAndPair:
    return row.kind, row.first, row.other


def _decision_from_row(row: Any, why: MergeReason) -> MergeDecision:
    """The id is the one under which other catalogues get the decision."""
    records = ((row.slug, row.name), (row.other_slug, row.other_name))
    key = uuid5(row.first, f"join:{row.kind}:{row.other}")
    return MergeDecision(
        key,
        row.kind,
        bool(row.same),
        row.first,
        row.other,
        row.at,
        tuple(record for record in records if record[0]),
        why,
    )


def _newest(wanted: Select[Any], time: Any, key: Any, after: tuple[datetime, Any] | None) -> Select[Any]:
    if after is not None:
        at, last = after
        wanted = wanted.where(or_(time < at, and_(time == at, key > last)))
    return wanted.order_by(time.desc(), key)
