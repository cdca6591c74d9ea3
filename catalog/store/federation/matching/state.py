"""Reads what must be known to decide which row each record of another catalogue belongs to, and writes what was
decided.

`catalog.federation` decides; `matching.matching_rows` and `received.adoptions` make the rows.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, select, update

from catalog.record_kind import PROJECT
from catalog.store.core.engine import BATCH, get_meta, set_meta
from catalog.store.federation.received.record_lookup import TABLES, Reference, resolve_references
from catalog.tables.core import mirror
from catalog.tables.federation import peer, received_record

_BEGUN = "received-rows-begun"  # of `meta`
_DECIDED = ("row_id", "local_id", "owns_row", "led_to")


@dataclass(frozen=True)
class RecordPlacement:
    """Where the record of number `id` belongs: see `received_record`. `led_to` None: its rows are due."""

    id: int
    row_id: UUID | None
    local_id: UUID | None
    owns_row: bool
    led_to: str | None


def count_due(connection: Connection) -> int:
    """In the caller's transaction: of how many records the rows are not made yet."""
    due = received_record.c.led_to.is_(None)
    return int(connection.execute(select(func.count()).select_from(received_record).where(due)).scalar_one())


def is_begun(connection: Connection) -> bool:
    """In the caller's transaction: whether rows are being made, or were when a process ended: what names the first of
    them may not lead there yet."""
    return bool(get_meta(connection, _BEGUN))


def note_begun(connection: Connection, begun: bool) -> None:
    """In the caller's transaction: see `is_begun`."""
    set_meta(connection, _BEGUN, begun)


def own_records(connection: Connection, kind: str) -> Iterator[tuple[UUID, Mapping[str, Any], str | None]]:
    """In the caller's transaction: all rows of ours, shown or not: what is hidden here must not come back by another
    way. Each its id, its record and where redirects led from its repository."""
    table = TABLES[kind]
    query: Any = select(table.c.id, table.c.record).where(table.c.peer_id.is_(None))
    if kind == PROJECT:
        query = query.add_columns(mirror.c.canonical_url).outerjoin(mirror, mirror.c.project_id == table.c.id)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        yield row[0], row[1], row[2] if len(row) > 2 else None


def records(connection: Connection, kind: str) -> Iterator[Row[Any]]:
    """In the caller's transaction: all foreign records of a kind, by the order in which their catalogues were added:
    `peer_id`, `record_id`, `body` and the columns of RecordPlacement."""
    columns = (received_record.c[name] for name in ("id", "peer_id", "record_id", "body", *_DECIDED))
    query = (
        select(*columns)
        .join(peer, peer.c.id == received_record.c.peer_id)
        .where(received_record.c.kind == kind)
        .order_by(peer.c.added_at, peer.c.slug, received_record.c.record_id)
    )
    yield from connection.execute(query, execution_options={"yield_per": BATCH})


def rows_led_to(connection: Connection, references: Mapping[int, tuple[UUID, Sequence[Reference]]]) -> dict[int, str]:
    """In the caller's transaction: a digest of the rows to which the references of each record lead here, by its
    number; `references`: its catalogue, and what it names."""
    every = {(peer_id, *ref) for peer_id, refs in references.values() for ref in refs}  # many name the same
    rows = {ref: record.id.bytes for ref, record in resolve_references(connection, every).items()}
    slugs = {}
    for number, (peer_id, refs) in references.items():
        ids = b"".join(rows.get((peer_id, *ref), b"-") for ref in refs)
        slugs[number] = hashlib.blake2b(ids, digest_size=12).hexdigest()
    return slugs


def settled(connection: Connection, every: Iterable[RecordPlacement]) -> None:
    """In the caller's transaction: note where these records belong, and that nothing of them is due."""
    values = {name: bindparam(f"new_{name}", type_=received_record.c[name].type) for name in _DECIDED}
    statement = update(received_record).where(received_record.c.id == bindparam("number")).values(values)
    rows = [{"number": place.id} | {f"new_{name}": getattr(place, name) for name in _DECIDED} for place in every]
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, rows[start : start + BATCH])
