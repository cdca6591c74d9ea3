"""What organizations told elsewhere of their use, as pages show it beside what they told here. It counts for nothing
here: answers, changes and withdrawals are its home's.

Where an organization says here that a use is not for everybody, or took it back here, no other catalogue tells of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, exists, select

from catalog.schema import adoption, organization, project
from catalog.schema_foreign import foreign
from catalog.store.database import reading
from catalog.store.foreign import ADOPTION, EXPERIENCE, SHOWN, Voice
from catalog.store.lines import OPEN, VISIBLE
from catalog.store.their_uses import taken_back
from catalog.store.their_words import COLUMNS, Homes, card_of
from catalog.store.views import OrganizationCard

MOST = 200  # of one project
_KEPT_BACK = exists().where(
    adoption.c.project_id == foreign.c.project_id,
    adoption.c.organization_id == foreign.c.organization_id,
    adoption.c.stands,
    adoption.c.visibility != "public",
)
_TOLD = (
    select(*COLUMNS)
    .join_from(foreign, organization, organization.c.id == foreign.c.organization_id)
    .join(project, project.c.id == foreign.c.project_id)
    .where(
        and_(foreign.c.kind == EXPERIENCE, foreign.c.state == SHOWN, foreign.c.stated.is_not(None)),
        and_(OPEN, VISIBLE, ~_KEPT_BACK),
    )
    .order_by(foreign.c.stated["at"].as_string().desc(), foreign.c.record_id)
    .limit(MOST)
)


@dataclass(frozen=True)
class TheirExperience:
    """`record`: context, hurt, advice and answer (language -> text), replaced, effort_days, cost_band, again."""

    voice: Voice
    organization: OrganizationCard
    record: Mapping[str, Any]
    at: date


class TheirExperiences:
    def __init__(self, engine: Engine):
        self._engine = engine

    def of_project(self, project_id: UUID, limit: int = MOST) -> tuple[TheirExperience, ...]:
        """The newest first."""
        with reading(self._engine) as connection:
            homes = Homes(connection)
            return tuple(
                TheirExperience(homes.voice(row), card_of(row), row.stated, date.fromisoformat(row.stated["at"]))
                for row in _rows(connection, project_id, foreign.c.project_id == project_id)[:limit]
            )


def told(connection: Connection, project_id: UUID, organization_id: UUID) -> bool:
    """In the caller's transaction: whether a reader is told from elsewhere how this use went."""
    mine = and_(foreign.c.project_id == project_id, foreign.c.organization_id == organization_id)
    return bool(_rows(connection, project_id, mine))


def _rows(connection: Connection, project_id: UUID, which: ColumnElement[bool]) -> list[Row[Any]]:
    rows = connection.execute(_TOLD.where(which)).all()
    pairs = [(project_id, row.organization_id) for row in rows]
    gone = {one for kind in (ADOPTION, EXPERIENCE) for one in taken_back(connection, kind, pairs)}
    return [row for row, pair in zip(rows, pairs, strict=True) if pair not in gone]
