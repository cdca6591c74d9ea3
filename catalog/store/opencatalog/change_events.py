"""Events of the Open Catalog API about our own entries: what it showed of each when it was last looked at, and an event
where that differs now. Nobody is called here and no record is changed.

Projects are changed in many modules, and all of them count one public change. So the number is followed here, as the
search index follows it, and no module reports to this one. An event is made only where the interface shows something
else.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select

from catalog.rules.open_catalog import CREATE, DELETE, PUBLISHERS, SOFTWARE, UPDATE
from catalog.store.core.engine import batches, get_meta, reading, set_meta, writing
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.events import enqueue_event
from catalog.store.search_index.rows import IndexRows
from catalog.tables.core import organization, removed_record
from catalog.tables.opencatalog import own_entry_digest

LOOKED = "v1_told"  # under this key of `meta`: the change number that was looked at last
Digests = dict[UUID, str]


class OwnEntryEvents:
    def __init__(self, engine: Engine):
        self._engine, self._following = engine, IndexRows(engine)

    def write_events(self, *, now: datetime) -> int:
        """Write events about what was made, changed or deleted since the last look; how many events.

        The first look remembers and tells nothing. One that is cut short goes on where it stopped: an entry is
        remembered in the transaction that tells of it.
        """
        with reading(self._engine) as connection:
            before = get_meta(connection, LOOKED)
        number, ids, dropped = self._following.changed(before or 0)
        if number == before:
            return 0
        told = self._compare(SOFTWARE, {*ids, *dropped}, before is None, now)
        with reading(self._engine) as connection:
            moved = before is None or bool(told) or _organizations_changed(connection, before)
            publishing = _publishing(connection) if moved else set()
        told += self._compare(PUBLISHERS, publishing, before is None, now)
        with writing(self._engine) as connection:
            set_meta(connection, LOOKED, number)
        return told

    def _compare(self, kind: str, ids: Collection[UUID], silent: bool, now: datetime) -> int:
        told = 0
        for batch in batches(ids):
            with reading(self._engine) as connection:
                were, are = _known_digests(connection, kind, batch), _DIGESTS[kind](connection, batch)
            differing = [id for id in batch if were.get(id) != are.get(id)]
            if not differing:
                continue
            with writing(self._engine) as connection:
                _keep(connection, kind, differing, are)
                for id in () if silent else differing:
                    type = DELETE if id not in are else UPDATE if id in were else CREATE
                    enqueue_event(connection, type, kind, id, actor=None, now=now)
                    told += 1
        return told


def _organizations_changed(connection: Connection, after: int) -> bool:
    gone = select(removed_record.c.record_id).where(
        removed_record.c.kind == "organization", removed_record.c.change > after
    )
    there = select(organization.c.id).where(organization.c.change > after)
    return any(connection.execute(statement.limit(1)).first() is not None for statement in (gone, there))


def _publishing(connection: Connection) -> set[UUID]:
    """The publishers that there are and those that were told of: which one leads what stands in rows of projects."""
    told = select(own_entry_digest.c.record_id).where(own_entry_digest.c.kind == PUBLISHERS)
    there = own.OWN_PUBLISHERS.with_only_columns(organization.c.id)
    return {*connection.execute(told).scalars(), *connection.execute(there).scalars()}


def _known_digests(connection: Connection, kind: str, ids: Sequence[UUID]) -> Digests:
    wanted = select(own_entry_digest.c.record_id, own_entry_digest.c.digest).where(own_entry_digest.c.kind == kind)
    return {id: digest for id, digest in connection.execute(wanted.where(own_entry_digest.c.record_id.in_(ids)))}


def _keep(connection: Connection, kind: str, ids: Sequence[UUID], are: Digests) -> None:
    connection.execute(
        delete(own_entry_digest).where(own_entry_digest.c.kind == kind, own_entry_digest.c.record_id.in_(ids))
    )
    rows = [{"kind": kind, "record_id": id, "digest": are[id]} for id in ids if id in are]
    if rows:
        connection.execute(own_entry_digest.insert(), rows)


def _software(connection: Connection, ids: Sequence[UUID]) -> Digests:
    uses = own.adoption_counts(connection, ids)
    return {
        id: _digest(software.url, software.aliases, software.publiccode, software.updated_at.isoformat(), uses[id])
        for id, software in own.software(connection, ids).items()
    }


def _publishers(connection: Connection, ids: Sequence[UUID]) -> Digests:
    return {
        id: _digest(
            publisher.description,
            publisher.alternative_id,
            [code.url for code in publisher.code],
            publisher.updated_at.isoformat(),
        )
        for id, publisher in own.publishers(connection, ids).items()
    }


def _digest(*shown: Any) -> str:
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


_DIGESTS: dict[str, Callable[[Connection, Sequence[UUID]], Digests]] = {
    SOFTWARE: _software,
    PUBLISHERS: _publishers,
}
