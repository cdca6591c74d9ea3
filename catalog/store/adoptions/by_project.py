"""Which organizations use one project: a bounded number of lines, and counts of all. No function reads every adopter.

Adoptions are read through `visibility.PUBLIC`, as by every reader of them (decision 067, rule 3).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    select,
    union_all,
)

from catalog.store.core.read_models import AdoptionLine, PreferredOrganizations
from catalog.store.core.visibility import (
    CLOSED,
    PAST,
    PUBLIC,
    SORT,
    USE_ORDER,
    adoption_line,
    is_of_sort,
    organizations_by_slug,
    use_lines,
)
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization

SHOWN_USES = 8  # of each sort on a project's own page; its pages of users list all

_OF_PROJECT = adoption.c.project_id == bindparam("of", type_=adoption.c.project_id.type)
_SORTS = tuple(is_of_sort(sort) for sort in range(PAST + 1))
_SAME_COUNTRY = organization.c.country == bindparam("country", type_=organization.c.country.type)
_SAME_KIND = organization.c.kind.in_(bindparam("kinds", expanding=True))
_LIKENESS = case((and_(_SAME_COUNTRY, _SAME_KIND), 0), (_SAME_COUNTRY, 1), (_SAME_KIND, 2), else_=3)


def _page_of_uses(order: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    return use_lines().where(_OF_PROJECT).order_by(*order).limit(bindparam("most")).offset(bindparam("before"))


def _first_of_each_sort(order: tuple[ColumnElement[Any], ...]) -> Any:
    ranks = [rank.label(f"rank_{place}") for place, rank in enumerate(order)]
    return union_all(
        *(
            select(
                use_lines().add_columns(*ranks).where(_OF_PROJECT, sort).order_by(*order).limit(SHOWN_USES).subquery()
            )
            for sort in _SORTS
        )
    ).order_by(*(rank.name for rank in ranks))


# Built once, without and with somebody whose likes come first: building one takes longer than running it. The database
# orders by likeness, so that the first eight of a sort are the right ones.
_LIKE_ORDER = (SORT, _LIKENESS, *USE_ORDER[1:])
_PAGES, _FIRSTS = (
    (_page_of_uses(USE_ORDER), _page_of_uses(_LIKE_ORDER)),
    (_first_of_each_sort(USE_ORDER), _first_of_each_sort(_LIKE_ORDER)),
)


def first_uses(connection: Connection, project_id: UUID, like: PreferredOrganizations | None = None) -> list[Row[Any]]:
    """At most `SHOWN_USES` rows of each sort: confirmed, declared, found, past."""
    return list(connection.execute(_FIRSTS[like is not None], {"of": project_id} | _likeness_parameters(like)))


def uses_of_page(
    connection: Connection, project_id: UUID, page: int, per_page: int, like: PreferredOrganizations | None = None
) -> tuple[AdoptionLine, ...]:
    """The lines of one page, from 1, in the order of all: confirmed, declared, found, past ones."""
    window = {"of": project_id, "most": per_page, "before": (page - 1) * per_page}
    rows = connection.execute(_PAGES[like is not None], window | _likeness_parameters(like)).all()
    cards = organizations_by_slug(connection, provider_slugs(rows))
    return tuple(adoption_line(row, cards) for row in rows)


def stop_reasons(connection: Connection, project_id: UUID) -> tuple[tuple[str, int], ...]:
    """Why uses ended: each reason with how many organizations gave it, the most frequent first. Two columns of each
    past use that gives reasons are read, in one statement."""
    reasons = {
        (row.organization_id, reason) for row in connection.execute(_REASONS, {"of": project_id}) for reason in row.why
    }
    return tuple(sorted(Counter(reason for _, reason in reasons).items(), key=lambda pair: (-pair[1], pair[0])))


def _likeness_parameters(like: PreferredOrganizations | None) -> dict[str, Any]:
    return {} if like is None else {"country": like.country, "kinds": list(like.kinds)}


def provider_slugs(rows: Iterable[Row[Any]]) -> set[str]:
    """Slugs of the organizations that provide what the organizations of these rows use."""
    return {row.record["provider"] for row in rows if row.record.get("provider")}


_REASONS_GIVEN = adoption.c.record["reasons"]
_REASONS = select(adoption.c.organization_id, _REASONS_GIVEN.label("why")).where(
    PUBLIC, is_of_sort(PAST), _OF_PROJECT, adoption.c.project_id.not_in(CLOSED), _REASONS_GIVEN.as_string().is_not(None)
)
