"""Store what a visit read of a repository: the record that pages show, its facts, and a memory for the next visit.

`forge.observe` makes the observation; it is stored in one transaction.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update

from catalog.rules.decision import serving_basis
from catalog.rules.fact import OBSERVED, Statement
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.public_changes import changing
from catalog.store.moderation import findings
from catalog.store.projects import fact_history
from catalog.tables.core import mirror
from catalog.tables.core import visit_state as memories


class Observations(DatabasePart):
    def observe(
        self,
        project_id: UUID,
        commit: str,
        record: Mapping[str, Any],
        *,
        facts: Sequence[Statement] = (),
        memory: Mapping[str, Any] | None = None,
        free: bool | None,
        free_commit: str | None = None,
        last_commit_at: datetime | None,
        finding: tuple[str, str, Mapping[str, Any]] | None = None,
        now: datetime,
    ) -> bool:
        """Store what was read at a commit, in one transaction. Returns whether anything public changed; then a change
        is counted.

        `record` is JSON-safe and replaces the one before; `facts` are all that the mirror states now. `memory`,
        JSON-safe too, replaces what was stored; None leaves it. Without
        `free_commit`, the last commit known to be free is this one when `free`, else the one known before, unless that
        is this commit, judged again, or was judged by a reader of another version.

        `finding` is one for moderators: kind, key, detail. Open ones of LICENSE_UNSURE that are not this one are
        closed: they do not apply any more.

        A decision about serving is valid while the license files stay the same; then a moderator is asked again
        where they leave it open.
        """
        with changing(self._engine) as (connection, change):
            query = select(
                mirror.c.observation, mirror.c.free, mirror.c.free_commit, mirror.c.last_commit_at, mirror.c.decided
            )
            # Locked, so that of two visits at the same time the second sees what the first stored.
            before = connection.execute(query.where(mirror.c.project_id == project_id).with_for_update()).first()
            old_observation = before.observation if before else None
            reread = old_observation is not None and old_observation.get("commit") == commit
            if free_commit is None:
                same_reader = old_observation is not None and old_observation.get("version") == record.get("version")
                commit_before = before.free_commit if before and same_reader else None
                free_commit = commit if free else commit_before if commit_before != commit else None
            changed = fact_history.replace_facts(connection, OBSERVED, {project_id: facts}, now=now, reread=reread)
            before_state = (
                old_observation,
                before and before.free,
                before and before.free_commit,
                before and before.last_commit_at,
            )
            decided = before.decided if before else None
            lapsed = decided is not None and serving_basis(old_observation) != serving_basis(record)
            public = bool(changed) or lapsed or before_state != (record, free, free_commit, last_commit_at)
            connection.execute(
                update(mirror)
                .where(mirror.c.project_id == project_id)
                .values(
                    observed_at=now,
                    observation=dict(record),
                    free=free,
                    free_commit=free_commit,
                    decided=None if lapsed else decided,
                    last_commit_at=last_commit_at,
                )
            )
            unsure = finding[1] if finding is not None and finding[0] == findings.LICENSE_UNSURE else None
            findings.withdraw(connection, project_id, findings.LICENSE_UNSURE, now=now, but=unsure)
            if finding is not None:
                findings.add(connection, project_id, *finding, now=now)
            if memory is not None:
                store_memory(connection, project_id, memory)
            if public:
                change.touch("project", project_id)
        return public

    def memory(self, project_id: UUID) -> Mapping[str, Any]:
        """The memory that the last observation left; empty before the first."""
        with reading(self._engine) as connection:
            return read_memory(connection, project_id)


def read_memory(connection: Connection, project_id: UUID) -> Mapping[str, Any]:
    """In the caller's transaction: as `Observations.memory`."""
    packed = connection.execute(select(memories.c.packed).where(memories.c.project_id == project_id)).scalar()
    memory: Mapping[str, Any] = json.loads(zlib.decompress(packed)) if packed else {}
    return memory


def store_memory(connection: Connection, project_id: UUID, memory: Mapping[str, Any]) -> None:
    """In the caller's transaction: store the memory for the next observation."""
    packed = zlib.compress(json.dumps(dict(memory), separators=(",", ":")).encode(), 1)
    statement = insert(connection, memories).values(project_id=project_id, packed=packed)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["project_id"], set_={"packed": statement.excluded.packed})
    )
