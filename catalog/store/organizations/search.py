"""Conditions and facet counts of the list of organizations."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from catalog.store.core.folded import folded
from catalog.store.core.visibility import PRESENT, VISIBLE, visible_uses
from catalog.store.projects.counts_by_category import count_by_category, project_categories
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project_term

FilterConditions = Mapping[str, ColumnElement[bool]]


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
        named = (
            project_categories().where(project_term.c.term.in_(domains)).with_only_columns(project_term.c.project_id)
        )
        conditions["domain"] = organization.c.id.in_(visible_uses().where(PRESENT, adoption.c.project_id.in_(named)))
    return conditions


def facets(connection: Connection, asked: FilterConditions, above: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """How many organizations each value of a filter would leave, under the other filters. `above`: the wider category
    of each narrower one."""

    def under(name: str) -> list[ColumnElement[bool]]:
        return [condition for key, condition in asked.items() if key != name]

    def counts(name: str) -> dict[str, int]:
        key = organization.c[name]
        rows = connection.execute(select(key, func.count()).where(key.is_not(None), *under(name)).group_by(key))
        return {value: number for value, number in rows}

    named = project_categories().subquery()
    meant = select(organization.c.id).where(*under("domain"))
    uses = visible_uses().where(PRESENT, adoption.c.organization_id.in_(meant))
    rows = uses.join(named, named.c.project_id == adoption.c.project_id).with_only_columns(
        adoption.c.organization_id.label("id"), named.c.term
    )
    return {"kind": counts("kind"), "country": counts("country"), "domain": count_by_category(connection, rows, above)}
