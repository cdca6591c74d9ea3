"""What organizations and people report, as lists that programs read in parts: experiences, obstacles, statements of
support. Nothing here tells who sent one.

Each part begins after a time and the key of a record: see `api_lists`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, and_, or_, select

from catalog.store.adoptions import experiences
from catalog.store.adoptions.experiences import Experience
from catalog.store.calls import queries as call_queries
from catalog.store.calls.read_models import SupportStatement
from catalog.store.core.engine import reading
from catalog.store.core.visibility import OPEN
from catalog.store.obstacles import rows as obstacle_rows
from catalog.store.obstacles.rows import Obstacle
from catalog.tables.calls import call_support, experience, obstacle
from catalog.tables.core import organization, project

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
        """The named organizations that support a call, the newest first. Raises NotFound."""
        with reading(self._engine) as connection:
            key = call_queries.shown_call_id(connection, reference)
            wanted = call_queries.select_statements(key).add_columns(call_support.c.id.label("key"))
            rows = connection.execute(_newest(wanted, call_support.c.at, call_support.c.id, after).limit(limit)).all()
        return tuple(((row.at, row.key), call_queries.statement_from_row(row)) for row in rows)


def _newest(wanted: Select[Any], time: Any, key: Any, after: tuple[datetime, Any] | None) -> Select[Any]:
    if after is not None:
        at, last = after
        wanted = wanted.where(or_(time < at, and_(time == at, key > last)))
    return wanted.order_by(time.desc(), key)
