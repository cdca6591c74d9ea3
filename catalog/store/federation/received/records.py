"""The records of other catalogues as they came: kept, found again, deleted.

Readers see rows of projects, organizations and adoptions, which `matching.rows` and `received.adoptions` make of them.
Why: docs/decisions/032-received-records-as-rows.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, select, update

from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.peer import Peer
from catalog.store.core.engine import batches, insert, is_among, reading
from catalog.store.federation.peers import held
from catalog.tables.federation import peer, received_record

WAITING, SHOWN, JOINED, HIDDEN = "waiting", "shown", "joined", "hidden"
NOWHERE = "-"  # what a reference leads to that is not here
ORIGIN_CHARACTERS = 80  # of the columns that hold an origin
_KEYS = ("kind", "record_id")
_KEPT = ("page", "license", "updated_at", "stated", "digest", "refs")


@dataclass(frozen=True)
class ReceivedRecord:
    """A record as it came. `stated`: what of it fits our rules, None: nothing; `refs`: whom that names, by identity;
    `returns`: the number of the withdrawal that its home takes back by it, 0 for none."""

    kind: str
    record_id: UUID
    page: str
    license: str
    updated_at: datetime
    stated: Mapping[str, Any] | None
    digest: str
    refs: str
    returns: int = 0


@dataclass(frozen=True)
class AffectedRows:
    """What records that left were shown by: rows by kind, and pairs of rows."""

    keys: Mapping[str, set[UUID]]
    pairs: set[tuple[UUID, UUID]]


@dataclass(frozen=True)
class OtherCatalogue:
    """Which other catalogue tells of a record that is shown here: as `home` told it at `updated_at`, under `license`.

    `home_of`: the record is that catalogue's, and no other row here is it. `address`: its page there, None where the
    catalogue states no address. An imported list has neither `peer_id` nor `record_id`, and its name as `host`.
    """

    peer_id: UUID | None
    names: Mapping[str, str]
    host: str
    address: str | None
    updated_at: datetime
    license: str
    texts_license: str | None
    record_id: UUID | None
    home_of: bool
    origin: str  # of the facts and rows that it made

    def name_in(self, language: str) -> str:
        return next(
            (self.names[tag] for tag in (language, "en", *sorted(self.names)) if self.names.get(tag)), self.host
        )


@dataclass(frozen=True)
class JoinedRecord:
    """A record that evidence joined with the row `row_id`; `stated`: what of it fits our rules."""

    row_id: UUID
    stated: Mapping[str, Any]
    catalogue: OtherCatalogue


class ReceivedRecords:
    def __init__(self, engine: Engine):
        self._engine = engine

    def catalogues_stating(self, kind: str, key: UUID) -> tuple[OtherCatalogue, ...]:
        """The catalogues that tell of a project or an organization, by the order in which they were added."""
        with reading(self._engine) as connection:
            wanted = (
                select(received_record, peer.c.added_at)
                .join(peer, peer.c.id == received_record.c.peer_id)
                .where(
                    received_record.c.local_id == key,
                    received_record.c.kind == kind,
                    received_record.c.state.in_((SHOWN, JOINED)),
                )
                .order_by(peer.c.added_at, peer.c.slug, received_record.c.record_id)
            )
            rows = connection.execute(wanted).all()
            peers = {row.peer_id: held(connection, row.peer_id) for row in rows}
        return tuple(catalogue_of(row, peers[row.peer_id]) for row in rows)

    def joined(self, kind: str, record_id: UUID) -> JoinedRecord:
        """A record that evidence joined with a row. Raises NotFound."""
        with reading(self._engine) as connection:
            row_id = joined_with(connection, kind, record_id)
            mine = (
                (received_record.c.kind == kind)
                & (received_record.c.record_id == record_id)
                & (received_record.c.state == JOINED)
            )
            row = connection.execute(select(received_record).where(mine).order_by(received_record.c.id).limit(1)).one()
            return JoinedRecord(row_id, row.stated, catalogue_of(row, held(connection, row.peer_id)))

    def held(self, peer_id: UUID) -> Mapping[str, int]:
        """How many records of each kind came from a catalogue and are here."""
        with reading(self._engine) as connection:
            mine = select(received_record.c.kind, func.count()).where(received_record.c.peer_id == peer_id)
            return {kind: number for kind, number in connection.execute(mine.group_by(received_record.c.kind)).all()}


def origin_of(peer: Peer) -> str:
    """The origin that rows carry which another catalogue's records made."""
    return peer.origin[:ORIGIN_CHARACTERS]


def keep_records(connection: Connection, peer_id: UUID, came: Sequence[ReceivedRecord]) -> None:
    """In the caller's transaction: keep these records as they came, with their rows due; at most BATCH."""
    if not came:
        return
    rows = [
        {name: getattr(received, name) for name in (*_KEYS, *_KEPT)}
        | {"peer_id": peer_id, "state": WAITING, "due": True, "resolved_refs": ""}
        for received in came
    ]
    statement = insert(connection, received_record)
    fresh = {name: statement.excluded[name] for name in (*_KEPT, "due")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["peer_id", "kind", "record_id"], set_=fresh), rows
    )


def rows_showing(connection: Connection, peer_id: UUID, kind: str, ids: Collection[UUID]) -> dict[str, set[UUID]]:
    """In the caller's transaction: the projects and organizations whose pages show words of these records, by kind."""
    found: dict[str, set[UUID]] = {PROJECT: set(), ORGANIZATION: set()}
    columns = ("local_id", "project_id", "organization_id")
    mine = (
        received_record.c.peer_id == peer_id,
        received_record.c.kind == kind,
        received_record.c.state.in_((SHOWN, JOINED)),
    )
    for batch in batches(ids):
        these = is_among(connection, received_record.c.record_id, batch)
        for row in connection.execute(select(*(received_record.c[name] for name in columns)).where(*mine, these)):
            if kind in found:
                found[kind].update({row.local_id} - {None})
    return found


def joined_with(connection: Connection, kind: str, record_id: UUID) -> UUID:
    """In the caller's transaction: the row that evidence joined a foreign record with. Raises NotFound."""
    mine = (
        (received_record.c.kind == kind)
        & (received_record.c.record_id == record_id)
        & (received_record.c.state == JOINED)
    )
    found: UUID | None = connection.execute(
        select(received_record.c.row_id).where(mine).order_by(received_record.c.id).limit(1)
    ).scalar()
    if found is None:
        raise NotFound("join", str(record_id))
    return found


def leave(
    connection: Connection, peer_id: UUID, kind: str | None = None, ids: Collection[UUID] | None = None
) -> AffectedRows:
    """In the caller's transaction: delete records, all of them, or those of a kind and `ids`, and return which rows
    `matching.rows.renew` and `received.adoptions.renew` must make anew. What other catalogues tell of the same is due:
    it may belong elsewhere now."""
    mine = received_record.c.peer_id == peer_id
    if kind is not None:
        mine &= received_record.c.kind == kind
    columns = ("kind", "record_id", "state", "row_id", "local_id", "project_id", "organization_id")
    found = AffectedRows({ORGANIZATION: set(), PROJECT: set()}, set())
    for which in (
        [mine & is_among(connection, received_record.c.record_id, batch) for batch in batches(ids)]
        if ids is not None
        else [mine]
    ):
        for row in connection.execute(select(*(received_record.c[name] for name in columns)).where(which)):
            if row.kind in found.keys:
                found.keys[row.kind].update(key for key in (row.row_id, row.local_id) if key)
            elif row.project_id and row.organization_id:
                found.pairs.add((row.project_id, row.organization_id))
        connection.execute(delete(received_record).where(which))
    for of_kind, keys in found.keys.items():
        for batch in batches(keys):
            same = (received_record.c.kind == of_kind) & is_among(connection, received_record.c.row_id, batch)
            connection.execute(update(received_record).where(same).values(due=True))
    return found


def follow_merges(connection: Connection, kind: str, merged: Mapping[UUID, UUID]) -> None:
    """In the caller's transaction: records are shown by the rows that stand for theirs now; `merged`: which were joined
    away by people, and into which."""
    moved = received_record.c.local_id != received_record.c.row_id
    wanted = select(received_record.c.row_id).where(
        received_record.c.kind == kind, received_record.c.row_id.is_not(None)
    )
    keys = set(connection.execute(wanted.where(moved).distinct()).scalars())
    for batch in batches(merged):
        keys |= set(connection.execute(wanted.where(received_record.c.row_id.in_(batch)).distinct()).scalars())
    for key in keys:
        mine = (received_record.c.kind == kind) & (received_record.c.row_id == key)
        connection.execute(update(received_record).where(mine).values(local_id=merged.get(key, key)))


def catalogue_of(row: Any, home: Peer) -> OtherCatalogue:
    """How a catalogue tells of a record; the row has the columns that are named here."""
    card = home.card
    names = card.get("name") if isinstance(card.get("name"), Mapping) else {}
    licenses = card.get("data_license")
    texts = licenses.get("texts") if isinstance(licenses, Mapping) else None
    return OtherCatalogue(
        peer_id=row.peer_id,
        names={str(tag): str(text)[:200] for tag, text in (names or {}).items()},
        host=home.host,
        address=home.at(row.page),
        updated_at=row.updated_at,
        license=row.license,
        texts_license=texts if isinstance(texts, str) else None,
        record_id=row.record_id,
        home_of=row.state == SHOWN,
        origin=origin_of(home),
    )
