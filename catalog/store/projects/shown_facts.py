"""Which facts of a project may be shown: without what they state of projects that are not listed and of hidden
organizations, and few of a project whose makers asked not to be listed.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, union

from catalog.rules.fact import LICENSE, Fact
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.visibility import OPEN
from catalog.tables.core import former_slug, organization, project, takedown

RELATIONS = "relations"  # the one field that names other projects
MAINTENANCE, RUNS, HOSTED = "maintenance", "runs", "hosted"  # the fields that name organizations; RUNS under HOSTED
NAMING = (RELATIONS, MAINTENANCE, RUNS)
# Facts that a project's own page does not show: long lists that stand on its page of facts.
LONG = ("license.file", "license.manifest", "unreadable")
MINIMAL = ("name", "repository", LICENSE)  # what is still shown of a project whose makers asked not to be listed


_ORGANIZATION_HIDDEN = organization.c.hidden.is_not(None)
_HIDDEN = {
    "project": union(
        select(project.c.slug).where(among_keys(project.c.slug), ~OPEN),
        select(takedown.c.slug).where(among_keys(takedown.c.slug)),
    ),
    "organization": union(
        select(organization.c.slug).where(among_keys(organization.c.slug), _ORGANIZATION_HIDDEN),
        select(former_slug.c.slug)
        .join(organization, organization.c.id == former_slug.c.record_id)
        .where(former_slug.c.kind == "organization", among_keys(former_slug.c.slug), _ORGANIZATION_HIDDEN),
    ),
}


def _named_records(shown_fact: Fact) -> set[tuple[str, str]]:
    """Kind and slug of the projects and organizations that a fact names."""
    if shown_fact.field == RELATIONS:
        return {("project", slug) for slug in map(_slug_reader("project"), _list(shown_fact.value)) if slug}
    if shown_fact.field == MAINTENANCE:
        return {("organization", slug) for slug in map(_slug_reader("organization"), _list(shown_fact.value)) if slug}
    if shown_fact.field == RUNS and isinstance(shown_fact.value, dict):
        return {("organization", slug) for slug in _list(shown_fact.value.get(HOSTED)) if isinstance(slug, str)}
    return set()


def hidden_records(connection: Connection, facts: Iterable[Fact]) -> frozenset[tuple[str, str]]:
    """Kind and slug of the projects and organizations that these facts name and that must not be shown: projects that
    are not listed, hidden organizations, under present and former slugs. No query where the facts name none."""
    slugs_by_kind: dict[str, set[str]] = {}
    for shown_fact in facts:
        for kind, slug in _named_records(shown_fact) if shown_fact.field in NAMING else ():
            slugs_by_kind.setdefault(kind, set()).add(slug)
    records: set[tuple[str, str]] = set()
    for kind, slugs in slugs_by_kind.items():
        records |= {(kind, slug) for slug in connection.execute(_HIDDEN[kind], {KEYS: slugs}).scalars()}
    return frozenset(records)


def facts_without(facts: Iterable[Fact], hidden: frozenset[tuple[str, str]]) -> tuple[Fact, ...]:
    """The facts without what they state of hidden records."""
    if not hidden:
        return tuple(facts)
    facts_left = []
    for shown_fact in facts:
        if hidden.isdisjoint(_named_records(shown_fact)):
            facts_left.append(shown_fact)
        elif value := _value_without(shown_fact, hidden):
            facts_left.append(replace(shown_fact, value=value))
    return tuple(facts_left)


def _value_without(shown_fact: Fact, hidden: frozenset[tuple[str, str]]) -> Any:
    """The value of a fact without hidden records; empty where nothing is left."""
    if shown_fact.field == RUNS:
        slugs = [slug for slug in _list(shown_fact.value[HOSTED]) if ("organization", slug) not in hidden]
        return {name: value for name, value in shown_fact.value.items() if name != HOSTED} | (
            {HOSTED: slugs} if slugs else {}
        )
    kind = "project" if shown_fact.field == RELATIONS else "organization"
    return [entry for entry in shown_fact.value if (kind, _slug_reader(kind)(entry)) not in hidden]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _slug_reader(kind: str) -> Callable[[Any], str | None]:
    """A function that reads the slug of a record of this kind from an entry of a fact's list."""

    def read(entry: Any) -> str | None:
        slug = entry.get(kind) if isinstance(entry, dict) else None
        return slug if isinstance(slug, str) else None

    return read
