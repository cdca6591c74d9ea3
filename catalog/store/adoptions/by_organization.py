"""What one organization uses, maintains and hosts: a bounded number of lines, and counts of all.

Adoptions are read through `visibility.PUBLIC`, as by every reader of them (rules of trust, 3).
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, bindparam, case, func, literal, null, select, union_all

from catalog.model import MAKER_ROLES
from catalog.store.adoptions.by_project import SHOWN_USES, provider_slugs
from catalog.store.core.read_models import AdoptionLine, CareLine, UseCounts, UseNumbers
from catalog.store.core.visibility import (
    CLOSED,
    NOT_FREE,
    OF_FREE_SOFTWARE,
    OPEN,
    PAST,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    USE_ORDER,
    adoption_line,
    count_of_sort,
    is_of_sort,
    maintenance_lines,
    organizations_by_slug,
    use_lines,
    visible_hosting,
    visible_maintenance,
    visible_uses,
)
from catalog.tables.adoptions import adoption, stated_provider
from catalog.tables.core import former, hosting, maintenance, organization, project

HOST_ROLE, PROVIDER = "host", "provider"
# Lines of maintenance on an organization's own page, as many of hosting, and of uses that it helps with.
SHOWN_MAINTENANCE = 16

_ID = bindparam("of", type_=organization.c.id.type)
_RANK = case({role: place for place, role in enumerate(MAKER_ROLES)}, value=maintenance.c.role, else_=len(MAKER_ROLES))
_ORDER = [rank.label(f"rank_{place}") for place, rank in enumerate(USE_ORDER)]
_SORTS = tuple(is_of_sort(sort) for sort in range(PAST + 1))
_USES_OF_ORGANIZATION = use_lines().where(adoption.c.organization_id == _ID)
_IS_FREE = project.c.context_only.is_(False)
_FIRST_USES: Any = union_all(
    *(
        select(_USES_OF_ORGANIZATION.add_columns(*_ORDER).where(sort).order_by(*USE_ORDER).limit(SHOWN_USES).subquery())
        for sort in (*(and_(sort, _IS_FREE) for sort in _SORTS), ~_IS_FREE)
    )
).order_by(*(rank.name for rank in _ORDER))
_PAGE_OF_USES = (
    _USES_OF_ORGANIZATION.order_by(project.c.context_only, *USE_ORDER)
    .limit(bindparam("most"))
    .offset(bindparam("before"))
)
_CARE = (
    maintenance_lines()
    .where(maintenance.c.organization_id == _ID)
    .order_by(None)
    .order_by(_RANK, project.c.folded, maintenance.c.position, maintenance.c.id)
    .limit(SHOWN_MAINTENANCE)
)
# An organization that is stated to host a project in both ways is listed once.
_STATED_AS_MAINTENANCE = (
    select(maintenance.c.id)
    .where(
        maintenance.c.project_id == hosting.c.project_id,
        maintenance.c.organization_id == hosting.c.organization_id,
        maintenance.c.role == HOST_ROLE,
    )
    .exists()
)
_HOSTING = (
    select(project.c.slug, project.c.name)
    .join_from(hosting, project, project.c.id == hosting.c.project_id)
    .where(OPEN, hosting.c.organization_id == _ID, ~_STATED_AS_MAINTENANCE)
    .order_by(project.c.folded, project.c.slug)
    .limit(SHOWN_MAINTENANCE)
)
# The uses of others that name it as who hosts or helps, by its slug or a former one.
_adoption_of_another, _now = adoption.alias(), organization.alias()
FORMER_SLUGS = (
    select(func.aggregate_strings(former.c.slug, " "))
    .where(
        former.c.kind == "organization",
        former.c.record_id == organization.c.id,
        ~select(_now.c.id).where(_now.c.slug == former.c.slug).exists(),
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
_PROVIDED_BEFORE = (*_NAMES_IT, is_of_sort(PAST))
_HELPED = use_lines().where(*_PROVIDED).order_by(project.c.folded, *USE_ORDER).limit(SHOWN_MAINTENANCE)
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
    .where(OPEN, hosting.c.organization_id == _ID, ~_STATED_AS_MAINTENANCE),
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
_USES_OF_ALL = visible_uses()
_LINES = select(adoption.c.id).where(PUBLIC, adoption.c.project_id.not_in(CLOSED), adoption.c.organization_id == _ID)
_VISIBLE_USES = _USES_OF_ALL.where(adoption.c.organization_id == _ID)
_COUNTS = select(
    *(
        _VISIBLE_USES.with_only_columns(count_of_sort(sort)).scalar_subquery().label(name)
        for name, sort in (*PRESENT_SORTS, ("past", PAST))
    ),
    _LINES.with_only_columns(func.count()).scalar_subquery().label("lines"),
    visible_maintenance()
    .with_only_columns(func.count())
    .where(maintenance.c.organization_id == _ID)
    .scalar_subquery()
    .label("maintained"),
    visible_hosting()
    .with_only_columns(func.count())
    .where(hosting.c.organization_id == _ID, ~_STATED_AS_MAINTENANCE)
    .scalar_subquery()
    .label("hosted"),
    _USES_OF_ALL.with_only_columns(func.count()).where(*_PROVIDED).scalar_subquery().label("provided"),
    _USES_OF_ALL.with_only_columns(func.count()).where(*_PROVIDED_BEFORE).scalar_subquery().label("provided_before"),
)


def first_uses(connection: Connection, organization_id: UUID) -> list[Row[Any]]:
    """At most `SHOWN_USES` rows of each sort: confirmed, declared, found, past, and of software that is not free."""
    return list(connection.execute(_FIRST_USES, {"of": organization_id}))


def uses_of_page(connection: Connection, organization_id: UUID, page: int, per_page: int) -> tuple[AdoptionLine, ...]:
    """The lines of one page, from 1: confirmed, declared, found, past ones, then those of software that is not free."""
    rows = connection.execute(_PAGE_OF_USES, _window(organization_id, page, per_page)).all()
    named = organizations_by_slug(connection, provider_slugs(rows))
    return tuple(adoption_line(row, named) for row in rows)


def first_maintenance(connection: Connection, organization_id: UUID) -> list[Row[Any]]:
    """The first lines of maintenance: what it develops before what it helps with, then by name."""
    return list(connection.execute(_CARE, {"of": organization_id}))


def first_hosting(connection: Connection, organization_id: UUID) -> tuple[tuple[str, str], ...]:
    """Slug and name of the first projects that it hosts for others."""
    return tuple((row.slug, row.name) for row in connection.execute(_HOSTING, {"of": organization_id}))


def slugs_of(row: Any) -> list[str]:
    """The slugs by which statements name an organization, of a row that holds its slug and FORMER_SLUGS."""
    return [row.slug, *(row.former_slugs or "").split()]


def first_helped_uses(connection: Connection, organization_id: UUID, slugs: list[str]) -> tuple[AdoptionLine, ...]:
    """The first uses of others that name it as who hosts or helps."""
    rows = connection.execute(_HELPED, {"of": organization_id, "called": slugs})
    return tuple(adoption_line(row, {}) for row in rows)


def maintenance_of_page(
    connection: Connection, organization_id: UUID, slugs: list[str], page: int, per_page: int
) -> tuple[CareLine, ...]:
    """All that it keeps up, hosts or helps others with, one page of it, from 1."""
    rows = connection.execute(_CARE_PAGE, _window(organization_id, page, per_page) | {"called": slugs})
    return tuple(CareLine(row.role, row.slug, row.name, row.of_slug, row.of_name) for row in rows)


def count_uses_and_maintenance(connection: Connection, organization_id: UUID, slugs: list[str]) -> Any:
    """How many there are: uses of each sort for `use_counts_of`, `lines` of uses with those of software that is not
    free, `maintained`, `hosted`, `provided`, and `provided_before` in uses that ended."""
    return connection.execute(_COUNTS, {"of": organization_id, "called": slugs}).one()


def card_numbers(connection: Connection, ids: Collection[UUID]) -> tuple[dict[UUID, UseNumbers], dict[UUID, int]]:
    """What each of these organizations uses now, and how many projects of free software it maintains."""
    sorts = (count_of_sort(sort) for _, sort in PRESENT_SORTS)
    uses = visible_uses().where(adoption.c.organization_id.in_(ids), PRESENT)
    rows = connection.execute(uses.add_columns(*sorts).group_by(adoption.c.organization_id))
    used = {key: UseNumbers(*numbers) for key, *numbers in rows}
    kept = visible_maintenance().where(
        maintenance.c.organization_id.in_(ids), maintenance.c.project_id.not_in(NOT_FREE)
    )
    counted = connection.execute(kept.add_columns(func.count()).group_by(maintenance.c.organization_id))
    return used, {key: number for key, number in counted}


def use_counts_of(row: Any) -> UseCounts:
    """The uses that `counts` counted; countries are not counted here: 0."""
    return UseCounts(row.confirmed, row.declared, row.found, row.past, 0)


def _window(organization_id: UUID, page: int, per_page: int) -> dict[str, Any]:
    return {"of": organization_id, "most": per_page, "before": (page - 1) * per_page}
