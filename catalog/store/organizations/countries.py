"""Organizations by country and region: those that use, help with or make projects; counts of all countries, and the
page of one country.

Queries of adoptions use `visibility.PUBLIC` (decision 067, rule 3). An organization counts once in its country, as
confirmed when it confirmed one of its uses; uses of software that is not free are not counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, case, func, literal, select, union
from sqlalchemy.sql.selectable import Subquery

from catalog.model import HELPER_ROLES, MAKER_ROLES
from catalog.rules.country_rule import ENDED, RULES, rules_of
from catalog.store.core.engine import reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.read_models import (
    NO_USES,
    CountryPage,
    CountryProject,
    NamedProject,
    OrganizationCard,
    PlaceCounts,
    PlaceOrganization,
    RulePrograms,
    UseNumbers,
)
from catalog.store.core.visibility import (
    CONFIRMED,
    OPEN,
    PAST,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    SORT,
    STOPPED,
    VISIBLE,
    count_of_sort,
    visible_hosting,
    visible_maintenance,
    visible_uses,
)
from catalog.store.organizations.first_projects import (
    care_of,
    first_projects,
    help_of,
    rows_by_organization,
    uses_of,
)
from catalog.tables.adoptions import adoption
from catalog.tables.core import maintenance, organization, project, project_term

SHOWN_PROJECTS = 20  # of a country, and of each of its rules
SHOWN_HELPERS = 30  # and as many organizations that make something

_NUMBERS = tuple(count_of_sort(sort).label(f"{name}_uses") for name, sort in PRESENT_SORTS)


class Countries:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def countries(self) -> tuple[PlaceCounts, ...]:
        """Every country with organizations that use, help with or make a project, by code; unknown last."""
        return self._once.numbers("countries", _countries)

    def with_users(self) -> tuple[str, ...]:
        """The codes of the countries in which organizations use a project."""
        return self._once.numbers("with users", _with_users)

    def regions(self, code: str) -> tuple[PlaceCounts, ...]:
        """The regions of a country with organizations that use, help with or make a project, by code."""
        return self._once.numbers(f"regions {code}", partial(_regions, code=code))

    def country(self, code: str, page: int = 1, per_page: int = 50, region: str | None = None) -> CountryPage:
        """A country, or a region of it; `page` is that of its groups. Empty where no organization is known."""
        every = self.countries() if region is None else self.regions(code)
        place = next(
            (candidate for candidate in every if (candidate.country, candidate.region) == (code, region)), None
        )
        rules = self.rules(code) if region is None else ()
        if place is None:
            return CountryPage(PlaceCounts(code, NO_USES, 0, region), (), (), (), (), rules=rules)
        first = self._once.numbers(f"country {region or code}", partial(_first_of_lists, code=code, region=region))
        with reading(self._engine) as connection:
            on_page = _user_ids(code, region).limit(per_page).offset((page - 1) * per_page)
            groups = connection.execute(_user_groups(connection.execute(on_page).scalars().all())).all()
            used = rows_by_organization(connection, uses_of([row.id for row in groups]))
            # Of what was chosen some time ago, what may be shown now, and does so now.
            of_first = _used_projects(code, region).where(project.c.id.in_(first.projects))
            projects = connection.execute(of_first).all()
            helpers, makers = (
                connection.execute(_by_name(ids, code, region)).all() for ids in (first.helpers, first.makers)
            )
            helped = rows_by_organization(connection, first_projects(help_of([row.id for row in helpers])))
            projects_by_maker = rows_by_organization(
                connection, first_projects(care_of([row.id for row in makers], MAKER_ROLES))
            )
        return CountryPage(
            place=place,
            groups=tuple(_group(row, used[row.id]) for row in groups),
            projects=tuple(CountryProject(row.slug, row.name, _numbers(row)) for row in projects),
            helpers=tuple(_group(row, helped[row.id]) for row in helpers if row.id in helped),
            makers=tuple(_group(row, projects_by_maker[row.id]) for row in makers if row.id in projects_by_maker),
            used=first.used,
            rules=rules,
        )

    def rules(self, code: str, project_ids: Sequence[UUID] | None = None) -> tuple[RulePrograms, ...]:
        """The rules of a country, each with those of these projects that have something for it, else with the first
        of all. A rule that ended is left out where none has."""
        by_rule: dict[str, list[NamedProject]] = {rule.slug: [] for rule in rules_of(code)}
        query = (
            select(project_term.c.term, project.c.slug, project.c.name)
            .join(project, project.c.id == project_term.c.project_id)
            .where(project_term.c.vocabulary == RULES, project_term.c.term.in_(by_rule))
            .where(OPEN, project.c.context_only.is_(False))
            .order_by(project.c.folded, project.c.slug)
        )
        if project_ids is not None:
            query = query.where(project.c.id.in_(project_ids))
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                if project_ids is not None or len(by_rule[row.term]) < SHOWN_PROJECTS:
                    by_rule[row.term].append(NamedProject(row.slug, row.name))
        return tuple(
            RulePrograms(rule.slug, tuple(by_rule[rule.slug]))
            for rule in rules_of(code)
            if by_rule[rule.slug] or rule.details["status"] != ENDED
        )

    def near(self, code: str, project_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
        """How many organizations of a country use each of these projects: confirmed and other uses."""
        query = _counted_there(code, None).where(project.c.id.in_(project_ids))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        numbers = {row.id: _numbers(row) for row in rows}
        return {key: (uses.confirmed, uses.unconfirmed) for key, uses in numbers.items()}


@dataclass(frozen=True)
class _FirstOfLists:
    """The first projects that are used in a country or a region, the first organizations that help or make something
    there, and how many projects are used there in all."""

    projects: tuple[UUID, ...]
    helpers: tuple[UUID, ...]
    makers: tuple[UUID, ...]
    used: int


def _first_of_lists(connection: Connection, code: str, region: str | None) -> _FirstOfLists:
    def ids(query: Select[Any]) -> tuple[UUID, ...]:
        return tuple(row.id for row in connection.execute(query))

    every = _counted_there(code, region).where(project.c.context_only.is_(False)).subquery()
    return _FirstOfLists(
        projects=ids(_used_projects(code, region).limit(SHOWN_PROJECTS)),
        helpers=ids(_first_by_name(_helping_ids(), code, region)),
        makers=ids(_first_by_name(_making_ids(), code, region)),
        used=int(connection.execute(select(func.count()).select_from(every)).scalar_one()),
    )


def _countries(connection: Connection) -> tuple[PlaceCounts, ...]:
    uses = _users().subquery()
    counted = (
        select(organization.c.country, *_organizations_by_sort(uses))
        .join(uses, uses.c.organization_id == organization.c.id)
        .group_by(organization.c.country)
    )
    groups = {row.country: row for row in connection.execute(counted)}
    lying = select(organization.c.id, organization.c.country.label("place")).subquery()
    helpers, makers = (_count_by_place(connection, lying, ids) for ids in (_helping_ids(), _making_ids()))
    return tuple(
        PlaceCounts(
            country,
            _numbers(groups[country]) if country in groups else NO_USES,
            helpers.get(country, 0),
            makers=makers.get(country, 0),
        )
        for country in sorted({*groups, *helpers, *makers}, key=lambda code: (code is None, code or ""))
    )


def _with_users(connection: Connection) -> tuple[str, ...]:
    """To count them all takes seconds among a million projects; this looks for a first one in each country."""
    known_users = select(organization.c.country).where(organization.c.country.is_not(None)).distinct().subquery()
    living = organization.alias("living")
    one_of_them = (
        visible_uses()
        .with_only_columns(literal(1))
        .join(living, living.c.id == adoption.c.organization_id)
        .where(PRESENT, living.c.country == known_users.c.country)
        .correlate(known_users)
        .exists()
    )
    return tuple(
        connection.execute(select(known_users.c.country).where(one_of_them).order_by(known_users.c.country)).scalars()
    )


def _regions(connection: Connection, code: str) -> tuple[PlaceCounts, ...]:
    # The region in a subquery: PostgreSQL cannot group by an expression whose parameters are bound twice.
    lying = (
        select(organization.c.id, organization.c.region.label("place"))
        .where(organization.c.country == code, organization.c.region.is_not(None))
        .subquery()
    )
    uses = _users().where(adoption.c.organization_id.in_(_living_in(code, None))).subquery()
    counted = (
        select(lying.c.place, *_organizations_by_sort(uses))
        .join(uses, uses.c.organization_id == lying.c.id)
        .group_by(lying.c.place)
    )
    groups = {row.place: row for row in connection.execute(counted)}
    helpers, makers = (_count_by_place(connection, lying, ids) for ids in (_helping_ids(), _making_ids()))
    return tuple(
        PlaceCounts(
            code,
            _numbers(groups[region]) if region in groups else NO_USES,
            helpers.get(region, 0),
            region,
            makers.get(region, 0),
        )
        for region in sorted({*groups, *helpers, *makers})
    )


def _count_by_place(connection: Connection, lying: Any, ids: Any) -> dict[Any, int]:
    """How many of these organizations are in each place; `lying`: a subquery of `id` and `place`."""
    counted = select(lying.c.place, func.count()).where(lying.c.id.in_(ids)).group_by(lying.c.place)
    return {place: number for place, number in connection.execute(counted)}


def _users() -> Select[Any]:
    """Each organization with uses that may be shown: the sort of the surest, and how many there are of each sort."""
    return (
        visible_uses()
        .with_only_columns(adoption.c.organization_id, func.min(SORT).label("sort"), *_NUMBERS)
        .where(PRESENT)
        .group_by(adoption.c.organization_id)
    )


def _organizations_by_sort(uses: Subquery) -> list[ColumnElement[int]]:
    """Aggregates over `_users`: how many organizations there are whose surest use is of each sort."""
    return [func.sum(case((uses.c.sort == sort, 1), else_=0)).label(f"{name}_uses") for name, sort in PRESENT_SORTS]


def _numbers(row: Row[Any]) -> UseNumbers:
    return UseNumbers(*(getattr(row, column.name) for column in _NUMBERS))


def _helping_ids() -> Any:
    """Organizations that help others with a project, or host it; developing or funding it is not help for users."""
    return union(visible_maintenance().where(maintenance.c.role.in_(HELPER_ROLES)), visible_hosting())


def _making_ids() -> Any:
    return visible_maintenance().where(maintenance.c.role.in_(MAKER_ROLES))


def _user_ids(code: str, region: str | None) -> Select[Any]:
    """The organizations with present uses in a country or a region, in the order of its page."""
    living = organization.alias("living")
    used = visible_uses().with_only_columns(literal(1)).where(PRESENT, adoption.c.organization_id == living.c.id)
    query = select(living.c.id).where(living.c.country == code, used.correlate(living).exists())
    if region is not None:
        query = query.where(living.c.region == region)
    return query.order_by(living.c.region.is_(None), living.c.region, living.c.folded, living.c.slug)


def _user_groups(ids: Sequence[UUID]) -> Select[Any]:
    uses = _users().where(adoption.c.organization_id.in_(ids)).subquery()
    return (
        select(organization, uses.c.sort, *(uses.c[column.name] for column in _NUMBERS))
        .join(uses, uses.c.organization_id == organization.c.id)
        .order_by(organization.c.region.is_(None), organization.c.region, organization.c.folded, organization.c.slug)
    )


def _by_name(ids: Any, code: str, region: str | None) -> Select[Any]:
    """The organizations of `ids` in a country or a region that may be shown, by name."""
    return (
        select(organization, literal(PAST).label("sort"))
        .add_columns(*(literal(0).label(column.name) for column in _NUMBERS))
        .where(VISIBLE, organization.c.id.in_(_living_in(code, region)), organization.c.id.in_(ids))
        .order_by(organization.c.folded, organization.c.slug)
    )


def _first_by_name(ids: Any, code: str, region: str | None) -> Select[Any]:
    query = _by_name(ids, code, region).with_only_columns(organization.c.id)
    return query.limit(SHOWN_HELPERS)


def _counted_there(code: str, region: str | None) -> Select[Any]:
    """Each project that is used in a country or a region, with the number of organizations."""
    return (
        select(project.c.id, project.c.slug, project.c.name, *_NUMBERS)
        .join(adoption, adoption.c.project_id == project.c.id)
        .where(PUBLIC, PRESENT, OPEN, adoption.c.organization_id.in_(_living_in(code, region)))
        .group_by(project.c.id, project.c.slug, project.c.name, project.c.folded)
    )


def _used_projects(code: str, region: str | None) -> Select[Any]:
    """The free software that is used there; what has ended or stopped comes last."""
    stopped = func.max(case((STOPPED, 1), else_=0)).label("stopped")
    counted = _counted_there(code, region).where(project.c.context_only.is_(False)).add_columns(stopped)
    columns = counted.selected_columns
    order = (columns.stopped, columns.confirmed_uses.desc(), project.c.folded, project.c.slug)
    return counted.order_by(*order)


def _living_in(code: str, region: str | None) -> Select[Any]:
    query = select(organization.c.id).where(organization.c.country == code)
    return query if region is None else query.where(organization.c.region == region)


def _group(row: Row[Any], lines: Iterable[Row[Any]]) -> PlaceOrganization:
    entries = list(lines)
    return PlaceOrganization(
        organization=OrganizationCard(row.id, row.slug, row.name, row.kind, row.country, uses=_numbers(row)),
        region=row.region,
        confirmed=row.sort == CONFIRMED,
        projects=tuple(dict.fromkeys(NamedProject(line.slug, line.name) for line in entries)),
        roles=tuple(dict.fromkeys(line.role for line in entries if line.role)),
    )
