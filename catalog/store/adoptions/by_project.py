"""Who uses one project: a bounded number of lines, and counts of all. It never reads every adopter at once.

Like every reader of adoptions it comes through `visibility.PUBLIC` (rules of trust, 3).
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

from catalog.store.core.read_models import AdoptionLine, Like, UseCounts, UseTallies
from catalog.store.core.visibility import (
    CLOSED,
    COUNTED,
    FOUND,
    PAST,
    PRESENT,
    PUBLIC,
    SORT,
    USE_ORDER,
    adoption_line,
    is_of,
    organizations_by_slug,
    use_lines,
)
from catalog.tables.adoptions import unnamed
from catalog.tables.calls import experience
from catalog.tables.core import adoption, organization, project

SHOWN_USES = 8  # of each sort on a project's own page; all stand on its pages of users

_OF = adoption.c.project_id == bindparam("of", type_=adoption.c.project_id.type)
_SORTS = tuple(is_of(sort) for sort in range(PAST + 1))
_THERE = organization.c.country == bindparam("country", type_=organization.c.country.type)
_SAME = organization.c.kind.in_(bindparam("kinds", expanding=True))
_LIKE = case((and_(_THERE, _SAME), 0), (_THERE, 1), (_SAME, 2), else_=3)


def _page(order: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    return use_lines().where(_OF).order_by(*order).limit(bindparam("most")).offset(bindparam("before"))


def _first(order: tuple[ColumnElement[Any], ...]) -> Any:
    ranks = [rank.label(f"rank_{place}") for place, rank in enumerate(order)]
    return union_all(
        *(
            select(use_lines().add_columns(*ranks).where(_OF, sort).order_by(*order).limit(SHOWN_USES).subquery())
            for sort in _SORTS
        )
    ).order_by(*(rank.name for rank in ranks))


# Built once, without and with somebody whose likes come first: building one takes longer than its answer. The database
# orders by likeness, so that the first eight of a sort are the right ones.
_LIKE_ORDER = (SORT, _LIKE, *USE_ORDER[1:])
_PAGES, _FIRSTS = ((_page(USE_ORDER), _page(_LIKE_ORDER)), (_first(USE_ORDER), _first(_LIKE_ORDER)))
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


def first_uses(connection: Connection, project_id: UUID, like: Like | None = None) -> list[Row[Any]]:
    """At most `SHOWN_USES` rows of each sort: confirmed, declared, found, past."""
    return list(connection.execute(_FIRSTS[like is not None], {"of": project_id} | _asked(like)))


def uses_of_page(
    connection: Connection, project_id: UUID, page: int, per_page: int, like: Like | None = None
) -> tuple[AdoptionLine, ...]:
    """The lines of one page, from 1, in the order of all: confirmed, declared, found, past ones."""
    window = {"of": project_id, "most": per_page, "before": (page - 1) * per_page}
    rows = connection.execute(_PAGES[like is not None], window | _asked(like)).all()
    named = organizations_by_slug(connection, providers(rows))
    return tuple(adoption_line(row, named) for row in rows)


def tallies(connection: Connection, project_id: UUID) -> UseTallies:
    """What all uses say together, in one statement, to be asked only where there is a use. A cost or an effort is told
    by an organization's own word, of its use or of how it went; what a public source says of it is nobody's word."""
    told: dict[str, list[tuple[str, int]]] = {}
    for row in connection.execute(_TALLIES, {"of": project_id}):
        told.setdefault(row.what, []).append((row.value, row.number))
    most = {name: tuple(sorted(told.get(name, ()), key=lambda pair: (-pair[1], pair[0]))) for name in _USED}
    return UseTallies(
        countries=most["country"],
        kinds=most["kind"],
        costs=tuple(sorted(told.get("cost_band", ()))),
        efforts=tuple(sorted(told.get("effort_days", ()))),
    )


def stop_reasons(connection: Connection, project_id: UUID) -> tuple[tuple[str, int], ...]:
    """Why uses ended: each reason with how many organizations gave it, the most first. Of each past use that gives
    reasons two columns are read, in one statement."""
    given = {(row.organization_id, one) for row in connection.execute(_REASONS, {"of": project_id}) for one in row.why}
    return tuple(sorted(Counter(one for _, one in given).items(), key=lambda pair: (-pair[1], pair[0])))


def ended(connection: Connection, project_id: UUID, limit: int) -> tuple[AdoptionLine, ...]:
    """Uses that ended, those first of which something was said last."""
    rows = connection.execute(_ENDED, {"of": project_id, "most": limit}).all()
    named = organizations_by_slug(connection, providers(rows))
    return tuple(adoption_line(row, named) for row in rows)


def _asked(like: Like | None) -> dict[str, Any]:
    return {} if like is None else {"country": like.country, "kinds": list(like.kinds)}


def use_counts(row: Row[Any]) -> UseCounts:
    """The counts of a row that holds `COUNTS`."""
    return UseCounts(
        row.confirmed_uses, row.declared_uses, row.found_uses, row.past_uses, row.use_countries, row.unnamed_uses
    )


def providers(rows: Iterable[Row[Any]]) -> set[str]:
    """Slugs of the organizations that provide what these rows' organizations use."""
    return {row.record["provider"] for row in rows if row.record.get("provider")}


_USED = {"country": organization.c.country, "kind": organization.c.kind}
_BANDS = ("cost_band", "effort_days")


def _used(name: str) -> Select[Any]:
    value = _USED[name]
    return (
        select(
            literal(name).label("what"), value.label("value"), func.count(organization.c.id.distinct()).label("number")
        )
        .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
        .where(PUBLIC, PRESENT, _OF, value.is_not(None))
        .group_by(value)
    )


def _said(name: str) -> Select[Any]:
    """Each organization with the band that it told, once."""
    use, told = (table.c.record[name].as_string() for table in (adoption, experience))
    own = (PUBLIC, _OF, adoption.c.verification != FOUND)
    pair = and_(
        experience.c.project_id == adoption.c.project_id, experience.c.organization_id == adoption.c.organization_id
    )
    each = union(
        select(adoption.c.organization_id, use.label("value")).where(*own, use.is_not(None)),
        select(adoption.c.organization_id, told.label("value")).join(experience, pair).where(*own, told.is_not(None)),
    ).subquery()
    return select(literal(name).label("what"), each.c.value, func.count().label("number")).group_by(each.c.value)


_TALLIES = union_all(*map(_used, _USED), *map(_said, _BANDS))

_WHY = adoption.c.record["reasons"]
_REASONS = select(adoption.c.organization_id, _WHY.label("why")).where(
    PUBLIC, is_of(PAST), _OF, adoption.c.project_id.not_in(CLOSED), _WHY.as_string().is_not(None)
)
_ENDED = (
    use_lines()
    .where(_OF, is_of(PAST))
    .order_by(
        adoption.c.confirmed_at.desc().nulls_last(),
        adoption.c.record["seen_at"].as_string().desc().nulls_last(),
        *USE_ORDER[1:],
    )
    .limit(bindparam("most"))
)
