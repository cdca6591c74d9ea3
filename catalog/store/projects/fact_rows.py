"""Read facts from their rows, together with those of the curated record.

Facts about hidden or unlisted records are included here; `public_pages.facts` leaves them out.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from catalog.rules.fact import CURATED, Fact, statements_of_record
from catalog.rules.fields import sort_key
from catalog.store.core.among import KEYS, among_keys
from catalog.tables.core import fact

CURRENT = fact.c.until.is_(None)
_OF_PROJECTS = select(fact).where(among_keys(fact.c.project_id), CURRENT)


def stored_facts(
    connection: Connection, ids: Sequence[UUID], fields: Sequence[str] = (), origin: str | None = None
) -> dict[UUID, list[Fact]]:
    """The facts that have rows, by project (at most BATCH of them); optionally only of some fields, or one
    origin."""
    query = _OF_PROJECTS
    if fields:
        query = query.where(fact.c.field.in_(fields))
    if origin is not None:
        query = query.where(fact.c.origin == origin)
    facts: dict[UUID, list[Fact]] = {}
    for row in connection.execute(query, {KEYS: ids}):
        facts.setdefault(row.project_id, []).append(fact_from_row(row))
    return facts


def with_record_facts(record: Row[*tuple[Any, ...]], rows: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts of the rows and of the curated record, sorted. What the record states is dated by its row; without one,
    it is as old as the record."""
    facts = [row for row in rows if row.origin != CURATED]
    if record.curated:
        since = {row.field: row for row in rows if row.origin == CURATED}
        added_at = record.added_at
        for statement in statements_of_record(record.document or record.record):
            row = since.get(statement.field)
            first, last = (row.first_seen_at, row.seen_at) if row else (added_at, added_at)
            facts.append(Fact(statement.field, statement.value, CURATED, statement.source, first, last))
        if not rows:  # one origin, one fact a field: as of most projects
            return tuple(sorted(facts, key=lambda choice: sort_key(choice.field)))
    return tuple(
        sorted(facts, key=lambda choice: (sort_key(choice.field), choice.origin, str(choice.source.get("file") or "")))
    )


def fact_from_row(row: Row[Any]) -> Fact:
    return Fact(row.field, row.value, row.origin, row.source, row.first_seen_at, row.seen_at, row.until)
