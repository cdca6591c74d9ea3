"""Experiences that organizations told in other catalogues, as pages show them beside our own. They are in none of our
counts: answers, changes and withdrawals happen in their own catalogue.

Where an organization says here that a use is not for everybody, or withdrew it here, none is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, and_, exists, select

from catalog.record_kind import ADOPTION, EXPERIENCE
from catalog.store.core.engine import reading
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.federation.received.adoptions import taken_back
from catalog.store.federation.received.record_links import COLUMNS, HomeCatalogues, card_of
from catalog.store.federation.received.records import SHOWN, OtherCatalogue
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project
from catalog.tables.federation import received_record

MOST = 200  # of one project
_KEPT_BACK = exists().where(
    adoption.c.project_id == received_record.c.project_id,
    adoption.c.organization_id == received_record.c.organization_id,
    adoption.c.stands,
    adoption.c.visibility != "public",
)
_STATED_AT = received_record.c.stated["at"].as_string()
_TOLD = (
    select(
        *COLUMNS,
        received_record.c.project_id,
        project.c.slug.label("project_slug"),
        project.c.name.label("project_name"),
    )
    .join_from(received_record, organization, organization.c.id == received_record.c.organization_id)
    .join(project, project.c.id == received_record.c.project_id)
    .where(
        and_(
            received_record.c.kind == EXPERIENCE,
            received_record.c.state == SHOWN,
            received_record.c.stated.is_not(None),
        ),
        and_(OPEN, VISIBLE, ~_KEPT_BACK),
    )
    .order_by(_STATED_AT.desc(), received_record.c.record_id, received_record.c.peer_id)
)


@dataclass(frozen=True)
class ReceivedExperience:
    """`record`: context, hurt, advice and answer (language -> text), replaced, effort_days, cost_band, again."""

    key: UUID
    catalogue: OtherCatalogue
    project: tuple[str, str]  # slug and name
    organization: OrganizationCard
    record: Mapping[str, Any]
    at: date


class ReceivedExperiences:
    def __init__(self, engine: Engine):
        self._engine = engine

    def of_project(self, project_id: UUID, limit: int = MOST) -> tuple[ReceivedExperience, ...]:
        """The newest first."""
        with reading(self._engine) as connection:
            homes = HomeCatalogues(connection)
            mine = _TOLD.where(received_record.c.project_id == project_id).limit(MOST)
            rows = _standing(connection, connection.execute(mine).all())
            return tuple(_line(row, homes) for row in rows[:limit])


def has_experience(connection: Connection, project_id: UUID, organization_id: UUID) -> bool:
    """In the caller's transaction: whether a reader is told from elsewhere how this use went."""
    mine = and_(received_record.c.project_id == project_id, received_record.c.organization_id == organization_id)
    return bool(_standing(connection, connection.execute(_TOLD.where(mine).limit(MOST)).all()))


def _line(row: Row[Any], homes: HomeCatalogues) -> ReceivedExperience:
    about = row.project_slug, row.project_name
    at = date.fromisoformat(row.stated["at"])
    return ReceivedExperience(row.record_id, homes.catalogue_of(row), about, card_of(row), row.stated, at)


def _standing(connection: Connection, rows: Sequence[Any]) -> list[Row[Any]]:
    """Those that nobody took back here."""
    pairs = [(row.project_id, row.organization_id) for row in rows]
    gone = {pair for kind in (ADOPTION, EXPERIENCE) for pair in taken_back(connection, kind, pairs)}
    return [row for row, pair in zip(rows, pairs, strict=True) if pair not in gone]
