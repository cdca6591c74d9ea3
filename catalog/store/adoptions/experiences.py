"""Experiences that organizations publish about their adoptions. Once an adoption is withdrawn or not public, its
experience is not shown either.

Nothing here tells who wrote one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, select, update

from catalog.errors import NotFound
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.folded import folded
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import CARD_COLUMNS, FOUND_IN_PUBLIC_SOURCE, OPEN, PUBLIC
from catalog.tables.adoptions import adoption
from catalog.tables.calls import experience
from catalog.tables.core import organization, project


@dataclass(frozen=True)
class Experience:
    """`record`: context, replaced, effort_days, cost_band, hurt, advice, again. `answer`, of the maintainers: text,
    language, at. `stage` and `since` are the adoption's."""

    reference: str
    organization: OrganizationCard
    language: str
    record: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    at: datetime
    stage: str | None
    since: str | None


DECLARED_USE = and_(PUBLIC, adoption.c.verification != FOUND_IN_PUBLIC_SOURCE)


class Experiences(DatabasePart):
    def of_project(self, project_id: UUID, page: int = 1, per_page: int = 20) -> tuple[Experience, ...]:
        """The newest first."""
        parameters = {"of": project_id, "most": per_page, "passed": (page - 1) * per_page}
        with reading(self._engine) as connection:
            rows = connection.execute(_statement_of_project(), parameters).all()
        return tuple(map(experience_from_row, rows))

    def count(self, project_id: UUID) -> int:
        with reading(self._engine) as connection:
            rows = select_experiences().where(experience.c.project_id == project_id).subquery()
            return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())

    def unanswered(self, project_id: UUID) -> int:
        """How many of them have no answer of the maintainers."""
        with reading(self._engine) as connection:
            rows = (
                select_experiences()
                .where(experience.c.project_id == project_id, experience.c.answer.is_(None))
                .subquery()
            )
            return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())

    def adopters(self, project_id: UUID, text: str = "", limit: int = 20) -> tuple[OrganizationCard, ...]:
        """Organizations that say themselves, publicly, that they use a project; by name."""
        query = (
            select(*CARD_COLUMNS, organization.c.folded)
            .join(adoption, adoption.c.organization_id == organization.c.id)
            .where(adoption.c.project_id == project_id, DECLARED_USE)
            .distinct()
        )
        if text:
            query = query.where(organization.c.folded.contains(folded(text), autoescape=True))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(organization.c.folded).limit(limit)).all()
        return tuple(OrganizationCard(*row[:5]) for row in rows)


def is_declared(connection: Connection, project_id: UUID, organization_id: UUID) -> bool:
    """In the caller's transaction: whether the organization says itself, publicly, that it uses the project."""
    query = select(adoption.c.id).where(
        adoption.c.project_id == project_id, adoption.c.organization_id == organization_id, DECLARED_USE
    )
    return connection.execute(query.limit(1)).first() is not None


def write_experience(
    connection: Connection,
    key: UUID,
    reference: str,
    project_id: UUID,
    organization_id: UUID,
    person_id: UUID | None,
    *,
    language: str,
    record: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any] | None:
    """In the caller's transaction: write the organization's experience of its use; the one before, JSON-safe, if
    any."""
    ours = (experience.c.project_id == project_id, experience.c.organization_id == organization_id)
    before = connection.execute(
        select(experience.c.reference, experience.c.language, experience.c.record, experience.c.at).where(*ours)
    ).first()
    values = {"reference": reference, "language": language, "record": dict(record), "person_id": person_id, "at": now}
    statement = insert(connection, experience).values(
        id=key, project_id=project_id, organization_id=organization_id, **values
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["project_id", "organization_id"], set_={**values, "answer": None}
        )
    )
    return {**before._mapping, "at": before.at.isoformat()} if before else None


def delete_experience(connection: Connection, project_id: UUID, organization_id: UUID) -> bool:
    """In the caller's transaction: delete the experience; whether there was one."""
    ours = (experience.c.project_id == project_id, experience.c.organization_id == organization_id)
    return bool(connection.execute(delete(experience).where(*ours)).rowcount)


def set_answer(connection: Connection, project_id: UUID, reference: str, answer: Mapping[str, Any] | None) -> None:
    """In the caller's transaction: set the maintainers' answer beside an experience, or remove it. Raises NotFound."""
    conditions = (experience.c.reference == reference, experience.c.project_id == project_id)
    if not connection.execute(update(experience).where(*conditions).values(answer=answer)).rowcount:
        raise NotFound("experience", reference)


def experience_from_row(row: Any) -> Experience:
    """Read a row of a statement of experiences."""
    since = (row.use or {}).get("since")
    card = OrganizationCard(*row[:5])
    return Experience(row.reference, card, row.language, row.record, row.answer, row.at, row.stage, since)


@cache
def _statement_of_project() -> Select[Any]:
    """Built once: building a statement takes longer than running it."""
    query = select_experiences().where(experience.c.project_id == bindparam("of")).order_by(experience.c.at.desc())
    return query.limit(bindparam("most")).offset(bindparam("passed"))


def select_experiences() -> Select[Any]:
    """Select each experience that everybody may read, with the adoption that it is about."""
    use = (
        select(adoption.c.id)
        .where(
            adoption.c.project_id == experience.c.project_id,
            adoption.c.organization_id == experience.c.organization_id,
            DECLARED_USE,
        )
        .order_by(adoption.c.id.desc())
        .limit(1)
        .correlate(experience)
        .scalar_subquery()
    )
    return (
        select(
            *CARD_COLUMNS,
            experience.c.reference,
            experience.c.language,
            experience.c.record,
            experience.c.answer,
            experience.c.at,
            adoption.c.stage,
            adoption.c.record.label("use"),
        )
        .join_from(experience, organization, organization.c.id == experience.c.organization_id)
        .join(project, project.c.id == experience.c.project_id)
        .join(adoption, adoption.c.id == use)
        .where(OPEN, organization.c.hidden.is_(None))
    )
