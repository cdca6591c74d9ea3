"""Builds public records anew and writes those that differ, in the transaction of what changed them.

Where what others show of a record differs, or whether it is there at all, those that name it and those that it names
are built anew with it: nothing public outlives a withdrawal. Only what differs counts a public change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, or_, select, tuple_, update

from catalog.publication.body import body_of, is_same, mentions_of, packed, shown_by_others, unpacked
from catalog.publication.cards import card_as_json
from catalog.publication.model import VERSION, BuiltRecord
from catalog.store.core.engine import batches, is_among, reading_within
from catalog.store.core.mentions import PROJECT
from catalog.store.merges.successors import AllTies, read_ties
from catalog.store.public_records.building import BUILDERS, TABLES
from catalog.tables.public_records import public_mention, public_record

NAME, RELATIVES = "name", "relatives"
Keys = set[tuple[str, UUID]]


@dataclass
class _Batch:
    """Records of a kind as they were built."""

    kind: str
    built: Mapping[UUID, BuiltRecord]
    bodies: dict[UUID, dict[str, Any]] = field(default_factory=dict)


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
        ties = read_ties(connection)
        while any(pending.values()):
            followers: Keys = set()
            for kind, keys in pending.items():
                for batch in batches(keys):
                    changed, following = _publish_batch(connection, kind, batch, ties, number)
                    differing, followers = differing + changed, followers | following
                done |= {(kind, key) for key in keys}
            following = {key for key in followers - done if key not in others}
            pending = {kind: {key for of, key in following if of == kind} for kind in BUILDERS}
    return differing


def _publish_batch(
    connection: Connection, kind: str, keys: Sequence[UUID], ties: AllTies, number: Callable[[], int] | None
) -> tuple[int, Keys]:
    """Publish some records of a kind: how many differed, and kind and id of those that follow."""
    batch = _Batch(kind, BUILDERS[kind](connection, keys, ties))
    here = (public_record.c.kind == kind, is_among(connection, public_record.c.id, keys))
    stored = {row.id: row for row in connection.execute(select(public_record).where(*here))}
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
    for key in followed[NAME]:
        if key in batch.built:
            followers |= _mentions(batch, key)
    return len(changed), followers


def _difference(row: Any, before: Mapping[str, Any] | None, body: Mapping[str, Any] | None) -> str:
    """Who shows something else of a record by this: NAME, all that name it; RELATIVES, projects related with it; ""."""
    if row is None or body is None:
        return NAME if (row is None) != (body is None) else ""
    if before is None:  # of an older shape: whoever names it is built anew by a job
        names = shown_by_others(body)[0] or [None, None]
        return "" if [row.card.get("slug"), row.card.get("name")] == names[:2] else NAME
    (names, more), (names_now, more_now) = shown_by_others(before), shown_by_others(body)
    if names != names_now:
        return NAME
    return RELATIVES if more != more_now else ""


def _write_body(connection: Connection, kind: str, key: UUID, body: Mapping[str, Any]) -> None:
    this = (public_record.c.kind == kind, public_record.c.id == key)
    connection.execute(update(public_record).where(*this).values(body=packed(body)))


def _mentions(batch: _Batch, key: UUID) -> Keys:
    return (set(batch.built[key].mentions) | mentions_of(batch.bodies[key])) - {(batch.kind, key)}


def _naming(connection: Connection, kind: str, keys: Iterable[UUID]) -> Keys:
    """The records that name these as they are stored."""
    found: Keys = set()
    for batch in batches(keys):
        wanted = select(public_mention.c.kind, public_mention.c.id).where(
            public_mention.c.of_kind == kind, is_among(connection, public_mention.c.of_id, batch)
        )
        found |= {(row.kind, row.id) for row in connection.execute(wanted)}
    return found


def _write(connection: Connection, batch: _Batch, changed: Sequence[UUID], number: Callable[[], int] | None) -> Keys:
    """Write the rows of what changed; kind and id of what it names no more, or names now: lines show at both ends."""
    kind, table = batch.kind, TABLES[batch.kind]
    here = is_among(connection, table.c.id, changed)
    if number is not None:
        connection.execute(update(table).where(here).values(change=number()))
    numbers = {row.id: row.change for row in connection.execute(select(table.c.id, table.c.change).where(here))}
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
    # Another record may have had one of these slugs until now: it is built anew in this transaction too.
    slugs = [row["slug"] for row in rows]
    connection.execute(
        delete(public_record).where(
            public_record.c.kind == kind,
            or_(is_among(connection, public_record.c.id, changed), is_among(connection, public_record.c.slug, slugs)),
        )
    )
    if rows:
        connection.execute(public_record.insert(), rows)
    return _write_mentions(connection, batch, changed)


def _write_mentions(connection: Connection, batch: _Batch, changed: Sequence[UUID]) -> Keys:
    kind = batch.kind
    wanted = {
        (key, of_kind, of_id) for key in changed if key in batch.built for of_kind, of_id in _mentions(batch, key)
    }
    columns = (public_mention.c.id, public_mention.c.of_kind, public_mention.c.of_id)
    mine = (public_mention.c.kind == kind, is_among(connection, public_mention.c.id, changed))
    stored = {(row.id, row.of_kind, row.of_id) for row in connection.execute(select(*columns).where(*mine))}
    for part in batches(stored - wanted):
        connection.execute(delete(public_mention).where(public_mention.c.kind == kind, tuple_(*columns).in_(part)))
    new = [dict(zip(("id", "of_kind", "of_id"), key, strict=True), kind=kind) for key in wanted - stored]
    if new:
        connection.execute(public_mention.insert(), new)
    return {(of_kind, of_id) for _, of_kind, of_id in stored ^ wanted}
