"""Objects that were erased from mirrors: what was decided, what is still to be removed, what must not come again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.jobs import enqueue, remove, run_sooner
from catalog.store.core.public_changes import changing
from catalog.store.mirrors.mirror_rows import visit_key
from catalog.tables.core import mirror, rendering, screenshot, visit_state
from catalog.tables.mirrors import erased_object

ERASE_JOB = "erase"


class Erasures(DatabasePart):
    def oids(self, project_id: UUID) -> frozenset[str]:
        """The objects that were erased from a project's mirror."""
        with reading(self._engine) as connection:
            query = select(erased_object.c.oid).where(erased_object.c.project_id == project_id)
            return frozenset(connection.execute(query).scalars())

    def pending(self, project_id: UUID) -> bool:
        """Whether something that was erased is still to be removed from the disk."""
        with reading(self._engine) as connection:
            query = select(erased_object.c.oid).where(
                erased_object.c.project_id == project_id, erased_object.c.done_at.is_(None)
            )
            return connection.execute(query.limit(1)).first() is not None

    def removed(self, project_id: UUID, oids: Collection[str], *, now: datetime) -> None:
        """Note that these objects are removed from the disk: delete what was drawn of them, and make the next visit due
        now."""
        with changing(self._engine) as (connection, change):
            of_project = erased_object.c.project_id == project_id
            these = of_project & erased_object.c.oid.in_(oids) & erased_object.c.done_at.is_(None)
            connection.execute(update(erased_object).where(these).values(done_at=now))
            connection.execute(delete(rendering).where(rendering.c.object_id.in_(oids)))
            connection.execute(
                delete(screenshot).where(screenshot.c.project_id == project_id, screenshot.c.object_id.in_(oids))
            )
            connection.execute(delete(visit_state).where(visit_state.c.project_id == project_id))
            query = select(erased_object.c.oid).where(of_project, erased_object.c.done_at.is_(None)).limit(1)
            if connection.execute(query).first() is None:
                connection.execute(update(mirror).where(mirror.c.project_id == project_id).values(erasing=False))
            run_sooner(connection, visit_key(project_id), run_at=now)
            change.touch("project", project_id)


def erase(connection: Connection, project_id: UUID, oids: Collection[str], *, now: datetime) -> None:
    """In the caller's transaction: have these objects erased. Nothing of the mirror is given out until a job has
    removed them."""
    rows = [{"project_id": project_id, "oid": oid, "at": now, "done_at": None} for oid in sorted(set(oids))]
    statement = insert(connection, erased_object)
    again = statement.on_conflict_do_update(index_elements=["project_id", "oid"], set_={"done_at": None})
    connection.execute(again, rows)
    connection.execute(update(mirror).where(mirror.c.project_id == project_id).values(erasing=True))
    key = f"{ERASE_JOB}:{project_id}"
    remove(connection, key)  # one that is running may have read already what it is to erase
    enqueue(connection, ERASE_JOB, key, {"project": str(project_id)}, run_at=now)


def erase_again(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """In the caller's transaction, after a restore: erase what the copy does not know to be erased; how many."""
    keys = {tuple(row) for row in connection.execute(select(erased_object.c.project_id, erased_object.c.oid))}
    missing = [row for row in rows if (row["project_id"], row["oid"]) not in keys]
    for row in missing:
        erase(connection, row["project_id"], [row["oid"]], now=row["at"])
    return len(missing)
