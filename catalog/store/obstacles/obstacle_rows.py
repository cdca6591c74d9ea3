"""Obstacles as rows: reported to maintainers, answered by them, public once a moderator has read them.

Nothing here tells who sent one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, select, update

from catalog.errors import NotFound
from catalog.rules.call import RECEIVED
from catalog.rules.submission import Submission
from catalog.store.core.engine import DatabasePart, insert_for_dialect, reading
from catalog.store.core.visibility import CLOSED
from catalog.store.ownership.memberships import MAINTAINS
from catalog.tables.calls import obstacle
from catalog.tables.ownership import membership


@dataclass(frozen=True)
class Obstacle:
    """`record`: where, happened, device. `answer`, of the maintainers: state, text, language, version, at."""

    reference: str
    project_id: UUID | None
    audience: str | None
    language: str
    record: Mapping[str, Any]
    public: bool
    state: str  # one of catalog.rules.call.OBSTACLE_STATES
    answer: Mapping[str, Any] | None
    at: datetime
    changed_at: datetime


PUBLIC_OBSTACLES = and_(obstacle.c.public, obstacle.c.project_id.not_in(CLOSED))
OBSTACLE_MESSAGE = "obstacle"
COLUMNS = tuple(obstacle.c[name] for name in Obstacle.__dataclass_fields__)


class Obstacles(DatabasePart):
    def of_project(self, project_id: UUID, limit: int = 10) -> tuple[Obstacle, ...]:
        """Public obstacles of a project, the newest first."""
        return self._rows(obstacle.c.project_id == project_id, PUBLIC_OBSTACLES, limit=limit)

    def for_maintainers(self, project_id: UUID, limit: int = 100) -> tuple[Obstacle, ...]:
        """All obstacles of a project, also those that no moderator has read yet; the newest first."""
        return self._rows(obstacle.c.project_id == project_id, limit=limit)

    def has_maintainers(self, project_id: UUID) -> bool:
        """Whether the project has maintainers here, who can read what is reported about it."""
        with reading(self._engine) as connection:
            query = select(exists().where(membership.c.record_id == project_id, MAINTAINS))
            return bool(connection.execute(query).scalar_one())

    def by_reference(self, reference: str) -> Obstacle | None:
        """The obstacle of a report; None where it is none, or was removed."""
        with reading(self._engine) as connection:
            row = connection.execute(select(*COLUMNS).where(obstacle.c.reference == reference)).first()
        return Obstacle(*row) if row else None

    def _rows(self, *conditions: Any, limit: int) -> tuple[Obstacle, ...]:
        query = select(*COLUMNS).where(*conditions).order_by(obstacle.c.at.desc(), obstacle.c.reference).limit(limit)
        with reading(self._engine) as connection:
            return tuple(Obstacle(*row) for row in connection.execute(query))


def add_obstacle(
    connection: Connection, submission: Submission, record: Mapping[str, Any], audience: str, *, now: datetime
) -> None:
    """In the caller's transaction: add an obstacle, for the maintainers; it is not public yet."""
    values = {
        "id": submission.id,
        "reference": submission.reference,
        "project_id": submission.project_id,
        "audience": audience,
        "language": str(submission.answers.get("language") or submission.language),
        "record": dict(record),
        "public": False,
        "state": RECEIVED,
        "at": now,
        "changed_at": now,
    }
    connection.execute(_insert_statement(connection.dialect.name), values)


@cache
def _insert_statement(dialect: str) -> Any:
    """Built once, as `_COUNT_SINCE`: building a statement takes longer than running it."""
    return insert_for_dialect(dialect, obstacle).on_conflict_do_nothing()


_COUNT_SINCE = select(func.count()).where(
    obstacle.c.project_id == bindparam("wanted"), obstacle.c.at > bindparam("since")
)


def count_since(connection: Connection, project_id: UUID, since: datetime) -> int:
    """In the caller's transaction: how many were reported of a project since this time."""
    return int(connection.execute(_COUNT_SINCE, {"wanted": project_id, "since": since}).scalar_one())


def publish_decision(
    connection: Connection, reference: str, public: bool, record: Mapping[str, Any] | None = None
) -> None:
    """In the caller's transaction: set what a moderator decided; `record`: the words as the moderator left them."""
    values: dict[str, Any] = {"public": public} | ({"record": dict(record)} if record is not None else {})
    connection.execute(update(obstacle).where(obstacle.c.reference == reference).values(**values))


def delete_obstacle(connection: Connection, reference: str) -> None:
    connection.execute(delete(obstacle).where(obstacle.c.reference == reference))


def set_answer(
    connection: Connection, project_id: UUID, reference: str, state: str, answer: Mapping[str, Any], *, now: datetime
) -> bool:
    """In the caller's transaction: set the maintainers' answer; whether the obstacle is public. Raises NotFound."""
    conditions = (obstacle.c.reference == reference, obstacle.c.project_id == project_id)
    public = connection.execute(select(obstacle.c.public).where(*conditions).with_for_update()).scalar()
    if public is None:
        raise NotFound("report", reference)
    connection.execute(update(obstacle).where(*conditions).values(state=state, answer=dict(answer), changed_at=now))
    return bool(public)
