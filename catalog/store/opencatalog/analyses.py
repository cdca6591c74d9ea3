"""Analyses by programs of software and catalogs, as the Open Catalog API keeps them: an object of namespaces for each
record. What a namespace holds is not checked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select, update

from catalog.rules.open_catalog import UPDATE
from catalog.store.core.engine import insert, reading, writing
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.events import enqueue_event
from catalog.tables.opencatalog import posted_analysis


class Analyses:
    def __init__(self, engine: Engine):
        self._engine = engine

    def get(self, kind: str, id: UUID) -> Mapping[str, Any]:
        """What programs found out about a record, by namespace; empty where nothing was kept."""
        with reading(self._engine) as connection:
            return _stored_namespaces(connection, kind, id)

    def keep(self, kind: str, id: UUID, namespaces: Mapping[str, Mapping[str, Any]], *, actor: str | None,
             stamped: str, now: datetime) -> Mapping[str, Any]:  # fmt: skip
        """Put these namespaces beside those that are kept; those that change by it have `stamped` as their time `t`."""
        with writing(self._engine) as connection:
            held = insert(connection, posted_analysis).values(kind=kind, record_id=id, namespaces={})
            connection.execute(held.on_conflict_do_nothing())
            this = (posted_analysis.c.kind == kind) & (posted_analysis.c.record_id == id)
            connection.execute(select(posted_analysis.c.kind).where(this).with_for_update())
            kept = _stored_namespaces(connection, kind, id)
            merged = {**kept, **{name: _stamped(kept.get(name), value, stamped) for name, value in namespaces.items()}}
            connection.execute(update(posted_analysis).where(this).values(namespaces=merged))
            enqueue_event(connection, UPDATE, kind, id, actor=actor, now=now)
        return merged

    def adoptions(self, project_id: UUID) -> Mapping[str, Any]:
        """What this catalogue itself tells of a project's uses."""
        with reading(self._engine) as connection:
            return own.adoption_counts(connection, [project_id])[project_id]


def _stored_namespaces(connection: Connection, kind: str, id: UUID) -> Mapping[str, Any]:
    this = (posted_analysis.c.kind == kind) & (posted_analysis.c.record_id == id)
    found: Mapping[str, Any] | None = connection.execute(select(posted_analysis.c.namespaces).where(this)).scalar()
    return found or {}


def _stamped(before: Mapping[str, Any] | None, given: Mapping[str, Any], stamped: str) -> Mapping[str, Any]:
    told = {name: value for name, value in given.items() if name != "t"}
    if before is not None and told == {name: value for name, value in before.items() if name != "t"}:
        return before
    return told | {"t": stamped}
