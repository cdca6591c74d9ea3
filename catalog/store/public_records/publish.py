"""Builds public records anew and writes those that differ, in the transaction of what changed them.

Where what others show of a record differs, or whether it is there at all, those that name it and those that it names
are built anew with it: nothing public outlives a withdrawal. Only what differs counts a public change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select, tuple_, update

from catalog.publication.body import body_of, is_same, mentions_of, packed, shown_by_others, unpacked
from catalog.publication.cards import card_as_json
from catalog.publication.model import VERSION, BuiltRecord
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.bulk import garbage_collected_later
from catalog.store.core.engine import batches, reading_within
from catalog.store.public_records.building import BUILDERS, TABLES
from catalog.store.public_records.organization_categories import users_of, write_organization_categories
from catalog.tables.public_records import public_mention, public_record

NAME, RELATIVES = "name", "relatives"
Keys = set[tuple[str, UUID]]
# Made once, since a change of a single record takes no longer than its statements.
_OF_KIND = public_record.c.kind == bindparam("of")
_STORED = select(public_record).where(_OF_KIND, among_keys(public_record.c.id))
_REMOVED = delete(public_record).where(_OF_KIND, among_keys(public_record.c.id))
_RENAMED = delete(public_record).where(_OF_KIND, among_keys(public_record.c.slug))
_MENTIONING = select(public_mention.c.kind, public_mention.c.id).where(
    public_mention.c.of_kind == bindparam("of"), among_keys(public_mention.c.of_id)
)
_MENTIONED = (public_mention.c.id, public_mention.c.of_kind, public_mention.c.of_id)
_MENTIONS = select(*_MENTIONED).where(public_mention.c.kind == bindparam("of"), among_keys(public_mention.c.id))
_NUMBERS = {kind: select(table.c.id, table.c.change).where(among_keys(table.c.id)) for kind, table in TABLES.items()}
# Records of a load have the number already: to write the same one would write the whole row again.
_COUNTED = {
    kind: update(table)
    .where(among_keys(table.c.id), table.c.change != bindparam("number"))
    .values(change=bindparam("number"))
    for kind, table in TABLES.items()
}


@dataclass
class _Batch:
    """Records of a kind as they were built."""

    kind: str
    built: Mapping[UUID, BuiltRecord]
    bodies: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _mentions: dict[UUID, Keys] = field(default_factory=dict)

    def mentions(self, key: UUID) -> Keys:
        """Kind and id of the records that this one names."""
        if key not in self._mentions:
            mentions_of_record = {*self.built[key].mentions, *mentions_of(self.bodies[key])}
            mentions_of_record.discard((self.kind, key))
            self._mentions[key] = mentions_of_record
        return self._mentions[key]


def publish(
    connection: Connection,
    touched: Mapping[str, Iterable[UUID]],
    number: Callable[[], int] | None,
    others: Collection[tuple[str, UUID]] = (),
) -> int:
    """Write the public records of what was touched in this transaction, and of those that follow; how many differed.
    `number` counts a change at its first call; None: nothing is counted. `others` do not follow: they are built by
    themselves.

    The caller holds the change counter: of two that confirm a use at once, the later one builds with both.
    """
    pending: dict[str, set[UUID]] = {kind: set(touched.get(kind, ())) for kind in BUILDERS}
    done: Keys = set()
    differing = 0
    with reading_within(connection):
        while any(pending.values()):
            followers: Keys = set()
            for kind, keys in pending.items():
                for batch in batches(keys):
                    with garbage_collected_later():
                        changed, following = _publish_batch(connection, kind, batch, number)
                    differing, followers = differing + changed, followers | following
                done |= {(kind, key) for key in keys}
            following = {key for key in followers - done if key not in others}
            pending = {kind: {key for of, key in following if of == kind} for kind in BUILDERS}
    return differing


def _publish_batch(
    connection: Connection, kind: str, keys: Sequence[UUID], number: Callable[[], int] | None
) -> tuple[int, Keys]:
    """Publish some records of a kind: how many differed, and kind and id of those that follow."""
    batch = _Batch(kind, BUILDERS[kind](connection, keys))
    stored = {row.id: row for row in connection.execute(_STORED, {"of": kind, KEYS: keys})}
    before = {key: unpacked(row.body) for key, row in stored.items() if row.version == VERSION}
    changed: list[UUID] = [key for key in keys if key in stored and key not in batch.built]
    followed: dict[str, list[UUID]] = {NAME: [], RELATIVES: [], "": []}
    for key in keys:
        if key in batch.built:
            batch.bodies[key] = body_of(batch.built[key].record, batch.built[key].projects)
            if key not in before or not is_same(before[key], batch.bodies[key]):
                changed.append(key)
            elif before[key]["seen"] != batch.bodies[key]["seen"]:
                _write_body(connection, kind, key, batch.bodies[key])
        followed[_difference(stored.get(key), before.get(key), batch.bodies.get(key))].append(key)
    followers = _naming(connection, kind, followed[NAME])
    followers |= {follower for follower in _naming(connection, kind, followed[RELATIVES]) if follower[0] == PROJECT}
    if changed:
        followers |= _write(connection, batch, changed, number)
    users = keys if kind == ORGANIZATION else users_of(connection, _in_other_categories(before, batch.bodies))
    write_organization_categories(connection, users)
    for key in followed[NAME]:
        if key in batch.built:
            followers |= batch.mentions(key)
    return len(changed), followers


def _difference(row: Any, before: Mapping[str, Any] | None, body: Mapping[str, Any] | None) -> str:
    """Who shows something else of a record by this: NAME, all that name it; RELATIVES, projects related with it; ""."""
    if row is None or body is None:
        return NAME if (row is None) != (body is None) else ""
    if before is None:  # of an older shape: records that name it are built anew by a job
        names = shown_by_others(body)[0] or [None, None]
        return "" if [row.card.get("slug"), row.card.get("name")] == names[:2] else NAME
    (names, more), (names_now, more_now) = shown_by_others(before), shown_by_others(body)
    if names != names_now:
        return NAME
    return RELATIVES if more != more_now else ""


def _in_other_categories(before: Mapping[UUID, Any], bodies: Mapping[UUID, Any]) -> list[UUID]:
    """The projects that were in other categories before."""

    def categories(body: Mapping[str, Any]) -> Any:
        return body["shown"].get("record", {}).get("domains")

    return [key for key in before if key in bodies and categories(before[key]) != categories(bodies[key])]


def _write_body(connection: Connection, kind: str, key: UUID, body: Mapping[str, Any]) -> None:
    this = (public_record.c.kind == kind, public_record.c.id == key)
    connection.execute(update(public_record).where(*this).values(body=packed(body)))


def _naming(connection: Connection, kind: str, keys: Iterable[UUID]) -> Keys:
    """The records that name these as they are stored."""
    naming_keys: Keys = set()
    for batch in batches(keys):
        naming_keys |= {(row.kind, row.id) for row in connection.execute(_MENTIONING, {"of": kind, KEYS: batch})}
    return naming_keys


def _write(connection: Connection, batch: _Batch, changed: Sequence[UUID], number: Callable[[], int] | None) -> Keys:
    """Write the rows of what changed; kind and id of what it names no more, or names now: lines show at both ends."""
    kind = batch.kind
    if number is not None:
        connection.execute(_COUNTED[kind], {KEYS: changed, "number": number()})
    numbers = {row.id: row.change for row in connection.execute(_NUMBERS[kind], {KEYS: changed})}
    rows = [
        {
            "kind": kind,
            "id": key,
            "slug": batch.built[key].record.slug,
            "change": numbers[key],
            "version": VERSION,
            "card": card_as_json(batch.built[key].record),
            "body": packed(batch.bodies[key]),
        }
        for key in changed
        if key in batch.built
    ]
    connection.execute(_REMOVED, {"of": kind, KEYS: changed})
    if rows:
        # Another record may have had one of these slugs until now: it is built anew in this transaction too.
        connection.execute(_RENAMED, {"of": kind, KEYS: [row["slug"] for row in rows]})
        connection.execute(public_record.insert(), rows)
    return _write_mentions(connection, batch, changed)


def _write_mentions(connection: Connection, batch: _Batch, changed: Sequence[UUID]) -> Keys:
    kind = batch.kind
    mentions = {
        (key, of_kind, of_id) for key in changed if key in batch.built for of_kind, of_id in batch.mentions(key)
    }
    stored = {(row.id, row.of_kind, row.of_id) for row in connection.execute(_MENTIONS, {"of": kind, KEYS: changed})}
    for part in batches(stored - mentions):
        connection.execute(delete(public_mention).where(public_mention.c.kind == kind, tuple_(*_MENTIONED).in_(part)))
    new = [dict(zip(("id", "of_kind", "of_id"), key, strict=True), kind=kind) for key in mentions - stored]
    if new:
        connection.execute(public_mention.insert(), new)
    return {(of_kind, of_id) for _, of_kind, of_id in stored ^ mentions}
