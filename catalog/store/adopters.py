"""Who uses one project: a bounded number of lines, and counts of all. It never reads every adopter at once.

Like every reader of adoptions it comes through `lines.PUBLIC` (rules of trust, 3).
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, select, union_all

from catalog.schema import adoption, organization, project
from catalog.schema_using import unnamed
from catalog.store.lines import (
    COUNTED,
    PAST,
    PRESENT,
    PUBLIC,
    USE_ORDER,
    adoption_line,
    is_of,
    organizations_by_slug,
    use_lines,
)
from catalog.store.views import AdoptionLine, UseCounts

SHOWN_USES = 8  # of each sort on a project's own page; all stand on its pages of users

_OF = adoption.c.project_id == bindparam("of", type_=adoption.c.project_id.type)
_ORDER = [rank.label(f"rank_{place}") for place, rank in enumerate(USE_ORDER)]
_PAGE = use_lines().where(_OF).order_by(*USE_ORDER).limit(bindparam("most")).offset(bindparam("before"))
_SORTS = tuple(is_of(sort) for sort in range(PAST + 1))
_FIRST: Any = union_all(
    *(
        select(use_lines().add_columns(*_ORDER).where(_OF, sort).order_by(*USE_ORDER).limit(SHOWN_USES).subquery())
        for sort in _SORTS
    )
).order_by(*(rank.name for rank in _ORDER))
_EVERY = (
    select(func.count())
    .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, adoption.c.project_id == project.c.id)
)
# Counts of all uses as columns of a statement on `project`, for `use_counts`.
COUNTS = (
    *(_EVERY.where(is_of(sort)).scalar_subquery().label(f"{name}_uses") for name, sort in (*COUNTED, ("past", PAST))),
    _EVERY.where(PRESENT)
    .with_only_columns(func.count(organization.c.country.distinct()))
    .scalar_subquery()
    .label("use_countries"),
    select(unnamed.c.least).where(unnamed.c.project_id == project.c.id).scalar_subquery().label("unnamed_uses"),
)


def first_uses(connection: Connection, project_id: UUID) -> list[Row[Any]]:
    """At most `SHOWN_USES` rows of each sort: confirmed, declared, found, past."""
    return list(connection.execute(_FIRST, {"of": project_id}))


def uses_of_page(connection: Connection, project_id: UUID, page: int, per_page: int) -> tuple[AdoptionLine, ...]:
    """The lines of one page, from 1, in the order of all: confirmed, declared, found, past ones."""
    rows = connection.execute(_PAGE, {"of": project_id, "most": per_page, "before": (page - 1) * per_page}).all()
    named = organizations_by_slug(connection, providers(rows))
    return tuple(adoption_line(row, named) for row in rows)


def use_counts(row: Row[Any]) -> UseCounts:
    """The counts of a row that holds `COUNTS`."""
    return UseCounts(
        row.confirmed_uses, row.declared_uses, row.found_uses, row.past_uses, row.use_countries, row.unnamed_uses
    )


def providers(rows: Iterable[Row[Any]]) -> set[str]:
    """Slugs of the organizations that provide what these rows' organizations use."""
    return {row.record["provider"] for row in rows if row.record.get("provider")}
