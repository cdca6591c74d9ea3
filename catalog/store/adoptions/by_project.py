"""Which organizations use one project: a bounded number of lines, and counts of all. No function reads every adopter.

Adoptions are read through `visibility.PUBLIC`, as by every reader of them (rules of trust, 3).
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
    func,
    literal,
    select,
    union,
    union_all,
)

from catalog.store.core.read_models import AdoptionLine, PreferredOrganizations, UseCounts, UseTallies
from catalog.store.core.visibility import (
    CLOSED,
    CONFIRMED_COUNTRIES,
    FOUND_IN_PUBLIC_SOURCE,
    PAST,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    SORT,
    USE_ORDER,
    adoption_line,
    is_of_sort,
    organizations_by_slug,
    use_lines,
)
from catalog.tables.adoptions import adoption, unnamed
from catalog.tables.calls import experience
from catalog.tables.core import organization, project

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
_USES_OF_PROJECT = (
    select(func.count())
    .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, adoption.c.project_id == project.c.id)
)
# Counts of all uses as columns of a statement on `project`, for `use_counts_of`.
USE_COUNT_COLUMNS = (
    *(
        _USES_OF_PROJECT.where(is_of_sort(sort)).scalar_subquery().label(f"{name}_uses")
        for name, sort in (*PRESENT_SORTS, ("past", PAST))
    ),
    _USES_OF_PROJECT.where(PRESENT).with_only_columns(CONFIRMED_COUNTRIES).scalar_subquery().label("use_countries"),
    select(unnamed.c.least).where(unnamed.c.project_id == project.c.id).scalar_subquery().label("unnamed_uses"),
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
    named = organizations_by_slug(connection, provider_slugs(rows))
    return tuple(adoption_line(row, named) for row in rows)


def use_tallies(connection: Connection, project_id: UUID) -> UseTallies:
    """What all uses of a project say together, in one statement; worth asking only where there is a use. Costs and
    efforts are the organizations' own statements, of their use or of how it went: what a public source says of an
    adoption is no statement of the organization."""
    tallied: dict[str, list[tuple[str, int]]] = {}
    for row in connection.execute(_TALLIES, {"of": project_id}):
        tallied.setdefault(row.what, []).append((row.value, row.number))
    counted = {
        name: tuple(sorted(tallied.get(name, ()), key=lambda pair: (-pair[1], pair[0])))
        for name in _ORGANIZATION_COLUMNS
    }
    return UseTallies(
        countries=counted["country"],
        kinds=counted["kind"],
        costs=tuple(sorted(tallied.get("cost_band", ()))),
        efforts=tuple(sorted(tallied.get("effort_days", ()))),
    )


def stop_reasons(connection: Connection, project_id: UUID) -> tuple[tuple[str, int], ...]:
    """Why uses ended: each reason with how many organizations gave it, the most frequent first. Two columns of each
    past use that gives reasons are read, in one statement."""
    given = {
        (row.organization_id, reason) for row in connection.execute(_REASONS, {"of": project_id}) for reason in row.why
    }
    return tuple(sorted(Counter(reason for _, reason in given).items(), key=lambda pair: (-pair[1], pair[0])))


def ended_uses(connection: Connection, project_id: UUID, limit: int) -> tuple[AdoptionLine, ...]:
    """Uses that ended, those that were confirmed or seen last first."""
    rows = connection.execute(_ENDED, {"of": project_id, "most": limit}).all()
    named = organizations_by_slug(connection, provider_slugs(rows))
    return tuple(adoption_line(row, named) for row in rows)


def _likeness_parameters(like: PreferredOrganizations | None) -> dict[str, Any]:
    return {} if like is None else {"country": like.country, "kinds": list(like.kinds)}


def use_counts_of(row: Row[Any]) -> UseCounts:
    """The counts of a row that holds `USE_COUNT_COLUMNS`."""
    return UseCounts(
        row.confirmed_uses, row.declared_uses, row.found_uses, row.past_uses, row.use_countries, row.unnamed_uses
    )


def provider_slugs(rows: Iterable[Row[Any]]) -> set[str]:
    """Slugs of the organizations that provide what the organizations of these rows use."""
    return {row.record["provider"] for row in rows if row.record.get("provider")}


_ORGANIZATION_COLUMNS = {"country": organization.c.country, "kind": organization.c.kind}
_BANDS = ("cost_band", "effort_days")


def _tally_of_organizations(name: str) -> Select[Any]:
    value = _ORGANIZATION_COLUMNS[name]
    return (
        select(
            literal(name).label("what"), value.label("value"), func.count(organization.c.id.distinct()).label("number")
        )
        .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
        .where(PUBLIC, PRESENT, _OF_PROJECT, value.is_not(None))
        .group_by(value)
    )


def _tally_of_bands(name: str) -> Select[Any]:
    """Count each organization once with the band that it stated, in its adoption or its experience."""
    from_adoption, from_experience = (table.c.record[name].as_string() for table in (adoption, experience))
    own = (PUBLIC, _OF_PROJECT, adoption.c.verification != FOUND_IN_PUBLIC_SOURCE)
    pair = and_(
        experience.c.project_id == adoption.c.project_id, experience.c.organization_id == adoption.c.organization_id
    )
    answers = union(
        select(adoption.c.organization_id, from_adoption.label("value")).where(*own, from_adoption.is_not(None)),
        select(adoption.c.organization_id, from_experience.label("value"))
        .join(experience, pair)
        .where(*own, from_experience.is_not(None)),
    ).subquery()
    return select(literal(name).label("what"), answers.c.value, func.count().label("number")).group_by(answers.c.value)


_TALLIES = union_all(*map(_tally_of_organizations, _ORGANIZATION_COLUMNS), *map(_tally_of_bands, _BANDS))

_REASONS_GIVEN = adoption.c.record["reasons"]
_REASONS = select(adoption.c.organization_id, _REASONS_GIVEN.label("why")).where(
    PUBLIC, is_of_sort(PAST), _OF_PROJECT, adoption.c.project_id.not_in(CLOSED), _REASONS_GIVEN.as_string().is_not(None)
)
_ENDED = (
    use_lines()
    .where(_OF_PROJECT, is_of_sort(PAST))
    .order_by(
        adoption.c.confirmed_at.desc().nulls_last(),
        adoption.c.record["seen_at"].as_string().desc().nulls_last(),
        *USE_ORDER[1:],
    )
    .limit(bindparam("most"))
)
