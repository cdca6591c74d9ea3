"""Conditions and facet counts of the list of organizations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from catalog.store.core.among import among
from catalog.store.core.folded import folded
from catalog.store.core.visibility import IS_CONFIRMED, OF_FREE_SOFTWARE, PUBLIC, VISIBLE
from catalog.store.projects.counts_by_category import count_by_category
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization
from catalog.tables.public_records import organization_category
from catalog.vocabulary import UNKNOWN_KIND

# Of more organizations that a filter leaves, nobody waits for their numbers by category.
COUNTED_BY_CATEGORY = 20_000

# By the name of a filter, how many each of its values leaves; None where nobody counted.
OrganizationFacets = dict[str, dict[str, int] | None]


@dataclass(frozen=True)
class OrganizationFilter:
    """What the list is asked for: a text anywhere in the name, ignoring case and accents; one kind; one country; those
    that use software of one of these categories."""

    text: str = ""
    kind: str = ""
    country: str = ""
    domains: tuple[str, ...] = ()

    def conditions(self, *, by_category: bool = True) -> list[ColumnElement[bool]]:
        conditions_of_filters = self._name_and_categories(by_category)
        if self.kind:
            conditions_of_filters.append(organization.c.kind == self.kind)
        if self.country:
            conditions_of_filters.append(organization.c.country == self.country)
        return conditions_of_filters

    def _name_and_categories(self, by_category: bool = True) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [VISIBLE]
        if self.text:
            conditions.append(organization.c.folded.contains(folded(self.text), autoescape=True))
        if self.domains and by_category:
            conditions.append(organization.c.id.in_(using_categories(self.domains)))
        return conditions

    def counts(self, connection: Connection) -> "KindsAndCountries":
        """Those of the text and the categories, by kind and country: the names of all are read once for all numbers."""
        by = (organization.c.kind, organization.c.country)
        rows = connection.execute(select(*by, func.count()).where(*self._name_and_categories()).group_by(*by))
        return KindsAndCountries({(kind, country): number for kind, country, number in rows})

    def by_category(self, connection: Connection, above: Mapping[str, str]) -> dict[str, int] | None:
        """How many there would be with each category in place of `domains`; None where the other filters leave more
        than COUNTED_BY_CATEGORY. `above`: the wider category of each narrower one."""
        uses = select(organization_category.c.organization_id.label("id"), organization_category.c.term)
        if not self.is_by_category_alone:  # else all that are in the table, which may all be shown
            meant = select(organization.c.id).where(*self.conditions(by_category=False))
            ids = connection.execute(meant.limit(COUNTED_BY_CATEGORY + 1)).scalars().all()
            if len(ids) > COUNTED_BY_CATEGORY:
                return None
            uses = uses.where(among(organization_category.c.organization_id, ids))
        return count_by_category(connection, uses, above)

    @property
    def is_by_category_alone(self) -> bool:
        return not (self.text or self.kind or self.country)


@dataclass(frozen=True)
class KindsAndCountries:
    """Numbers of organizations by kind and country; None stands for an unknown one."""

    numbers: Mapping[tuple[str | None, str | None], int]

    def total(self, filters: OrganizationFilter) -> int:
        return sum(number for pair, number in self.numbers.items() if _is_among(pair, filters.kind, filters.country))

    def by_kind(self, filters: OrganizationFilter) -> dict[str, int]:
        """Under the other filters, without those whose kind is unknown."""
        counted: Counter[str] = Counter()
        for pair, number in self.numbers.items():
            if pair[0] is not None and _is_among(pair, "", filters.country):
                counted[pair[0]] += number
        return dict(counted)

    def by_country(self, filters: OrganizationFilter) -> dict[str, int]:
        """Under the other filters, without those whose country is unknown."""
        counted: Counter[str] = Counter()
        for pair, number in self.numbers.items():
            if pair[1] is not None and _is_among(pair, filters.kind, ""):
                counted[pair[1]] += number
        return dict(counted)


def best_known_first(countries: Sequence[str]) -> tuple[ColumnElement[Any], ...]:
    """Order: organizations of which kind and country are known, those with a confirmed use, by country."""
    kind = func.coalesce(organization.c.kind, UNKNOWN_KIND)
    unknown = or_(kind == UNKNOWN_KIND, organization.c.country.is_(None))
    confirmed = organization.c.id.in_(select(adoption.c.organization_id).where(PUBLIC, OF_FREE_SOFTWARE, IS_CONFIRMED))
    order = (case((unknown, 1), else_=0), case((confirmed, 0), else_=1))
    places = {code: place for place, code in enumerate(countries)}
    return (*order, case(places, value=organization.c.country, else_=len(places))) if places else order


def using_categories(terms: Sequence[str]) -> Select[Any]:
    """The organizations that everybody may see use software of one of these categories."""
    return select(organization_category.c.organization_id).where(organization_category.c.term.in_(terms))


def _is_among(pair: tuple[str | None, str | None], kind: str, country: str) -> bool:
    return (not kind or pair[0] == kind) and (not country or pair[1] == country)
