"""Conditions and facet counts of the list of organizations."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from catalog.store.core.folded import folded
from catalog.store.core.visibility import VISIBLE
from catalog.store.projects.counts_by_category import count_by_category
from catalog.tables.core import organization
from catalog.tables.public_records import organization_category

# Of more organizations that a filter leaves, nobody waits for their numbers by category.
COUNTED_BY_CATEGORY = 20_000

FilterConditions = Mapping[str, ColumnElement[bool]]
Facets = dict[str, dict[str, int] | None]


def filter_conditions(
    text: str | None = None, kind: str | None = None, country: str | None = None, domains: Sequence[str] = ()
) -> FilterConditions:
    """The conditions of each filter of the list, by the filter's name."""
    conditions: dict[str, ColumnElement[bool]] = {"shown": VISIBLE}
    if text:
        conditions["text"] = organization.c.folded.contains(folded(text), autoescape=True)
    if kind:
        conditions["kind"] = organization.c.kind == kind
    if country:
        conditions["country"] = organization.c.country == country
    if domains:
        conditions["domain"] = organization.c.id.in_(using_categories(domains))
    return conditions


def using_categories(terms: Sequence[str]) -> Select[Any]:
    """The organizations that everybody may see use software of one of these categories."""
    return select(organization_category.c.organization_id).where(organization_category.c.term.in_(terms))


def facets(connection: Connection, asked: FilterConditions, above: Mapping[str, str]) -> Facets:
    """How many organizations each value of a filter would leave, under the other filters. `above`: the wider category
    of each narrower one. "domain" is None where a filter leaves more than COUNTED_BY_CATEGORY."""

    def under(name: str) -> list[ColumnElement[bool]]:
        return [condition for key, condition in asked.items() if key != name]

    def counts(name: str) -> dict[str, int]:
        key = organization.c[name]
        rows = connection.execute(select(key, func.count()).where(key.is_not(None), *under(name)).group_by(key))
        return {value: number for value, number in rows}

    uses = select(organization_category.c.organization_id.label("id"), organization_category.c.term)
    domains: dict[str, int] | None = None
    if asked.keys() - {"shown", "domain"}:
        meant = select(organization.c.id).where(*under("domain"))
        first = meant.limit(COUNTED_BY_CATEGORY + 1).subquery()
        if connection.execute(select(func.count()).select_from(first)).scalar_one() <= COUNTED_BY_CATEGORY:
            uses = uses.join(organization, organization.c.id == organization_category.c.organization_id)
            domains = count_by_category(connection, uses.where(*under("domain")), above)
    else:  # all that are in the table, which may all be shown
        domains = count_by_category(connection, uses, above)
    return {"kind": counts("kind"), "country": counts("country"), "domain": domains}
