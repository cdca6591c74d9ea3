"""The facts of an organization: values from the document, from submissions and from followed catalogues, with origin
and date. They are read from the organization's row and from received records; organizations have no rows of facts.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from catalog.record_kind import ORGANIZATION
from catalog.rules.fact import CURATED, DECLARED, Fact, source_of_value
from catalog.rules.fields import sort_key
from catalog.store.core.read_models import FactsPage
from catalog.store.core.visibility import VISIBLE
from catalog.store.federation.received.records import statements
from catalog.store.projects.slugs import missing_slug_error
from catalog.tables.core import organization

_KEYS_WITHOUT_FACTS = frozenset({"slug", "id", "former", "evidence", "sources", "notes"})


def page(connection: Connection, slug: str) -> FactsPage:
    """In the caller's transaction: all public facts of an organization. Raises NotFound, also for a hidden one;
    Moved."""
    row = connection.execute(select(organization).where(organization.c.slug == slug, VISIBLE)).first()
    if row is None:
        raise missing_slug_error(connection, ORGANIZATION, slug)
    facts = [*_curated_facts(row), *_declared_facts(row), *_peer_facts(connection, row)]
    facts.sort(key=lambda fact: (sort_key(fact.field), fact.origin))
    return FactsPage(row.id, row.slug, row.name, row.change, tuple(facts))


def _curated_facts(row: Row[Any]) -> Iterator[Fact]:
    if row.curated:
        document = row.document or row.record
        for name, value in _fields(document):
            yield Fact(name, value, CURATED, source_of_value(document, name), row.added_at, row.added_at)


def _declared_facts(row: Row[Any]) -> Iterator[Fact]:
    """Declared values; those that the organization declared itself are marked as `maintainer`."""
    for name, value in row.declared.items():
        if name in _KEYS_WITHOUT_FACTS or value.get("value") in (None, "", [], {}):
            continue
        at = datetime.fromisoformat(value["at"])
        source: dict[str, Any] = {"declaration": value["declaration"]} if value.get("declaration") else {}
        source |= {"urls": [value["source"]]} if value.get("source") else {}
        yield Fact(name, value["value"], DECLARED, source | ({"maintainer": True} if value.get("own") else {}), at, at)


def _peer_facts(connection: Connection, row: Row[Any]) -> Iterator[Fact]:
    for statement in statements(connection, ORGANIZATION, [row.id]):
        for name, value in _fields(statement.record):
            yield Fact(name, value, statement.origin, statement.source, statement.updated_at, statement.updated_at)


def _fields(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in document.items() if name not in _KEYS_WITHOUT_FACTS and value)
