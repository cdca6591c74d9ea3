"""The first projects that each of some organizations uses, helps with or makes, for lists of organizations."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, literal, select, union_all

from catalog.model import HELPER_ROLES
from catalog.store.core.visibility import OPEN, PRESENT, SORT, visible_uses
from catalog.tables.adoptions import adoption
from catalog.tables.core import hosting, maintenance, project

HOST = "host"
PROJECTS_SHOWN = 3  # projects shown with each organization


def uses_of(ids: Sequence[UUID]) -> Select[Any]:
    """The first projects that each of these organizations uses, confirmed ones before others.

    Not by `position` alone: across projects it would reveal how many adoptions that are not public come before.
    """
    order = (SORT, adoption.c.project_id, adoption.c.position, adoption.c.id)
    place = func.row_number().over(partition_by=adoption.c.organization_id, order_by=order).label("place")
    lines = (
        visible_uses()
        .with_only_columns(adoption.c.organization_id, adoption.c.project_id, place)
        .where(PRESENT, adoption.c.organization_id.in_(ids))
        .subquery()
    )
    return (
        select(lines.c.organization_id, project.c.slug, project.c.name, literal(None).label("role"))
        .join(project, project.c.id == lines.c.project_id)
        .where(lines.c.place <= PROJECTS_SHOWN)
        .order_by(lines.c.place)
    )


def care_of(ids: Sequence[UUID], roles: Sequence[str]) -> Select[Any]:
    """The projects that these organizations maintain in one of these roles."""
    return (
        select(maintenance.c.organization_id, maintenance.c.role, project.c.slug, project.c.name, project.c.folded)
        .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
        .where(OPEN, maintenance.c.role.in_(roles), maintenance.c.organization_id.in_(ids))
    )


def help_of(ids: Sequence[UUID]) -> Any:
    hosted = (
        select(hosting.c.organization_id, literal(HOST), project.c.slug, project.c.name, project.c.folded)
        .join_from(hosting, project, project.c.id == hosting.c.project_id)
        .where(OPEN, hosting.c.organization_id.in_(ids))
    )
    return union_all(care_of(ids, HELPER_ROLES), hosted)


def first_projects(care: Any) -> Select[Any]:
    """The first projects of each organization in these lines, by name."""
    every = care.subquery()
    order = (every.c.folded, every.c.slug, every.c.role)
    place = func.row_number().over(partition_by=every.c.organization_id, order_by=order).label("place")
    lines = select(every, place).subquery()
    return select(lines).where(lines.c.place <= PROJECTS_SHOWN).order_by(lines.c.place)


def rows_by_organization(connection: Connection, lines: Select[Any]) -> dict[UUID, list[Row[Any]]]:
    rows_of: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(lines):
        rows_of[row.organization_id].append(row)
    return rows_of
