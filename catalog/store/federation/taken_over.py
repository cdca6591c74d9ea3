"""What was taken over of another catalogue's files, and what was erased because it withdrew it: so that a visit knows
what is new, what is gone, and what must not come back by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select

from catalog.exchange.names import USES
from catalog.store.core.engine import BATCH, batches, insert, is_among
from catalog.tables.federation import peer_files, peer_withdrawal, received_record

Key = tuple[str, UUID]  # kind and id of a record


@dataclass(frozen=True)
class Erased:
    """A record that we erased at its home's word: number of the withdrawal, and the key that signed it."""

    n: int
    online_key: str


def files(connection: Connection, peer_id: UUID) -> dict[str, str]:
    """In the caller's transaction: the files that were taken over, and the SHA-256 of each."""
    packed = connection.execute(select(peer_files.c.taken).where(peer_files.c.peer_id == peer_id)).scalar()
    return dict(packed or {})


def keep_files(connection: Connection, peer_id: UUID, files: Mapping[str, str]) -> None:
    """In the caller's transaction: note that these files are taken over, and no others."""
    statement = insert(connection, peer_files).values(peer_id=peer_id, taken=dict(files))
    connection.execute(
        statement.on_conflict_do_update(index_elements=["peer_id"], set_={"taken": statement.excluded.taken})
    )


def held_records(connection: Connection, peer_id: UUID) -> dict[Key, frozenset[UUID]]:
    """In the caller's transaction: the lines of a catalogue that are here, each with the uses inside of it."""
    columns = received_record.c.kind, received_record.c.record_id, received_record.c.body[USES].as_json()
    rows = connection.execute(select(*columns).where(received_record.c.peer_id == peer_id))
    return {(kind, key): frozenset(UUID(use["id"]) for use in uses or ()) for kind, key, uses in rows}


def places_of_uses(here: Mapping[Key, Iterable[UUID]]) -> dict[UUID, UUID]:
    """Of `held_records`: the project in whose line each use stands."""
    return {use: key for (_, key), uses in here.items() for use in uses}


def erased_of(connection: Connection, instance_id: UUID) -> dict[Key, Erased]:
    """In the caller's transaction: what we erased at the word of an instance."""
    mine = select(peer_withdrawal).where(peer_withdrawal.c.instance_id == instance_id)
    return {(row.kind, row.record_id): Erased(row.n, row.online_key) for row in connection.execute(mine)}


def remember_erased(
    connection: Connection, instance_id: UUID, numbers: Mapping[Key, int], online_key: str, *, now: datetime
) -> None:
    """In the caller's transaction: note that these were here and are erased, since an instance withdrew them."""
    rows = [
        {"instance_id": instance_id, "kind": kind, "record_id": key, "n": n, "online_key": online_key, "at": now}
        for (kind, key), n in sorted(numbers.items(), key=str)
    ]
    statement = insert(connection, peer_withdrawal)
    fresh = {name: statement.excluded[name] for name in ("n", "online_key", "at")}
    statement = statement.on_conflict_do_update(index_elements=["instance_id", "kind", "record_id"], set_=fresh)
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, rows[start : start + BATCH])


def forget_erased(connection: Connection, instance_id: UUID, keys: Iterable[Key]) -> None:
    """In the caller's transaction: note that these may come back: their home says so, or a person."""
    by_kind: dict[str, list[UUID]] = {}
    for kind, key in keys:
        by_kind.setdefault(kind, []).append(key)
    for kind, ids in by_kind.items():
        mine = (peer_withdrawal.c.instance_id == instance_id) & (peer_withdrawal.c.kind == kind)
        for batch in batches(ids):
            connection.execute(
                delete(peer_withdrawal).where(mine, is_among(connection, peer_withdrawal.c.record_id, batch))
            )
