"""Public facts as their rows hold them, and those of the curated record beside them.

Facts about hidden or unlisted records are not left out here: `facts` does that.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from catalog.rules.fact import CURATED, Fact, of_record
from catalog.rules.fields import place
from catalog.store.core.engine import among
from catalog.tables.core import fact

CURRENT = (fact.c.until.is_(None), fact.c.public)


def rows_of(
    connection: Connection, ids: Sequence[UUID], fields: Sequence[str] = (), origin: str | None = None
) -> dict[UUID, list[Fact]]:
    """The public facts that have rows, of these projects (at most BATCH), of these fields and this origin alone."""
    wanted = select(fact).where(among(connection, fact.c.project_id, ids), *CURRENT)
    if fields:
        wanted = wanted.where(fact.c.field.in_(fields))
    if origin is not None:
        wanted = wanted.where(fact.c.origin == origin)
    found: dict[UUID, list[Fact]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.project_id, []).append(fact_of(row))
    return found


def facts_of(record: Row[*tuple[Any, ...]], rows: Sequence[Fact]) -> tuple[Fact, ...]:
    """What the rows and the curated record say; of the record, a row knows since when, else it did from the start."""
    facts = [one for one in rows if one.origin != CURATED]
    if record.curated:
        since = {one.field: one for one in rows if one.origin == CURATED}
        for said in of_record(record.document or record.record):
            row = since.get(said.field)
            first, seen = (row.first_seen_at, row.seen_at) if row else (record.added_at, record.added_at)
            facts.append(Fact(said.field, said.value, CURATED, said.source, first, seen))

    return tuple(sorted(facts, key=lambda one: (place(one.field), one.origin, str(one.source.get("file") or ""))))


def fact_of(row: Row[Any]) -> Fact:
    return Fact(row.field, row.value, row.origin, row.source, row.first_seen_at, row.seen_at, row.until)
