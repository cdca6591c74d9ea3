"""What one organization uses, maintains and hosts: a bounded number of lines, and counts of all.

Adoptions are read through `visibility.PUBLIC`, as by every reader of them (decision 067, rule 3).
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, case, func, literal, null, select, union_all

from catalog.model import MAKER_ROLES
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.core.read_models import AdoptionLine, MaintainedProjectLine
from catalog.store.core.visibility import (
    OF_FREE_SOFTWARE,
    OPEN,
    PRESENT,
    USE_ORDER,
    adoption_line,
    organizations_by_slug,
    use_lines,
)
from catalog.tables.adoptions import adoption, stated_provider
from catalog.tables.core import former_slug, hosting, maintenance, organization, project

HOST_ROLE, PROVIDER = "host", "provider"
# Lines of maintenance on an organization's own page, as many of hosting, and of uses that it helps with.
SHOWN_MAINTENANCE = 16

_ID = bindparam("of", type_=organization.c.id.type)
_RANK = case({role: place for place, role in enumerate(MAKER_ROLES)}, value=maintenance.c.role, else_=len(MAKER_ROLES))
_USES_OF_ORGANIZATION = use_lines().where(adoption.c.organization_id == _ID)
_PAGE_OF_USES = (
    _USES_OF_ORGANIZATION.order_by(project.c.context_only, *USE_ORDER)
    .limit(bindparam("most"))
    .offset(bindparam("before"))
)
# What it develops before what it helps with, then by name.
MAINTENANCE_ORDER = (_RANK, project.c.folded, maintenance.c.position, maintenance.c.id)
# An organization that is stated to host a project in both ways is listed once.
STATED_AS_MAINTENANCE = (
    select(maintenance.c.id)
    .where(
        maintenance.c.project_id == hosting.c.project_id,
        maintenance.c.organization_id == hosting.c.organization_id,
        maintenance.c.role == HOST_ROLE,
    )
    .exists()
)
# The uses of others that name it as host or helper, by its slug or a former one.
_adoption_of_another, _now = adoption.alias(), organization.alias()
FORMER_SLUGS = (
    select(func.aggregate_strings(former_slug.c.slug, " "))
    .where(
        former_slug.c.kind == "organization",
        former_slug.c.record_id == organization.c.id,
        ~select(_now.c.id).where(_now.c.slug == former_slug.c.slug).exists(),
    )
    .correlate(organization)
    .scalar_subquery()
    .label("former_slugs")
)  # those that no other has now, for `slugs_of`
_NAMES_IT = (
    adoption.c.id.in_(
        select(_adoption_of_another.c.id).where(stated_provider().in_(bindparam("called", expanding=True)))
    ),
    adoption.c.organization_id != _ID,
)
_PROVIDED = (*_NAMES_IT, OF_FREE_SOFTWARE, PRESENT)
_ALL_CARE = union_all(
    select(
        maintenance.c.role,
        project.c.slug,
        project.c.name,
        project.c.folded,
        _RANK.label("rank"),
        null().label("of_slug"),
        null().label("of_name"),
    )
    .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
    .where(OPEN, maintenance.c.organization_id == _ID),
    select(
        literal(HOST_ROLE), project.c.slug, project.c.name, project.c.folded, literal(len(MAKER_ROLES)), null(), null()
    )
    .join_from(hosting, project, project.c.id == hosting.c.project_id)
    .where(OPEN, hosting.c.organization_id == _ID, ~STATED_AS_MAINTENANCE),
    use_lines()
    .with_only_columns(
        literal(PROVIDER),
        project.c.slug,
        project.c.name,
        project.c.folded,
        literal(len(MAKER_ROLES) + 1),
        organization.c.slug,
        organization.c.name,
    )
    .where(*_PROVIDED),
).subquery()
_CARE_PAGE = (
    select(_ALL_CARE)
    .order_by(_ALL_CARE.c.rank, _ALL_CARE.c.folded, _ALL_CARE.c.slug, _ALL_CARE.c.role, _ALL_CARE.c.of_slug)
    .limit(bindparam("most"))
    .offset(bindparam("before"))
)


def uses_of_page(connection: Connection, organization_id: UUID, page: int, per_page: int) -> tuple[AdoptionLine, ...]:
    """The lines of one page, from 1: confirmed, declared, found, past ones, then those of software that is not free."""
    rows = connection.execute(_PAGE_OF_USES, _window(organization_id, page, per_page)).all()
    cards = organizations_by_slug(connection, provider_slugs(rows))
    return tuple(adoption_line(row, cards) for row in rows)


def slugs_of_organization(connection: Connection, organization_id: UUID) -> list[str]:
    """The slugs by which statements name an organization."""
    query = select(organization.c.slug, FORMER_SLUGS).where(organization.c.id == organization_id)
    return slugs_of(connection.execute(query).one())


def slugs_of(row: Any) -> list[str]:
    """The slugs by which statements name an organization, of a row that holds its slug and FORMER_SLUGS."""
    return [row.slug, *(row.former_slugs or "").split()]


def maintenance_of_page(
    connection: Connection, organization_id: UUID, slugs: list[str], page: int, per_page: int
) -> tuple[MaintainedProjectLine, ...]:
    """All that it keeps up, hosts or helps others with, one page of it, from 1."""
    rows = connection.execute(_CARE_PAGE, _window(organization_id, page, per_page) | {"called": slugs})
    return tuple(MaintainedProjectLine(row.role, row.slug, row.name, row.of_slug, row.of_name) for row in rows)


def _window(organization_id: UUID, page: int, per_page: int) -> dict[str, Any]:
    return {"of": organization_id, "most": per_page, "before": (page - 1) * per_page}
