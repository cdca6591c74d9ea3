"""The lines of other catalogues as they came: kept, found again, deleted.

Readers see rows of projects, organizations and adoptions, which `matching.matching_rows` and `received.adoptions` make
of them. Why: docs/decisions/032-received-records-as-rows.md.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update

from catalog.errors import NotFound
from catalog.exchange.names import USES
from catalog.record_kind import ADOPTION, PROJECT
from catalog.rules.peer import Peer
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.engine import DatabasePart, batches, insert, is_among, reading
from catalog.store.core.read_models import OtherCatalogue
from catalog.store.federation.peers import held
from catalog.tables.federation import peer, received_record

ORIGIN_CHARACTERS = 80  # of the columns that hold an origin


@dataclass(frozen=True)
class ReceivedRecord:
    """A line as it came: of a project with its uses, or of an organization.

    `body`: "record", what our document could hold of it, in the document's shape, references as identities; without a
    name it is shown nowhere. "page": of the record there, a path; "license": of its facts; "updated_at": as its home
    states; USES, each as a record, with its "id". `returns`: of the line or a use, by id, the number of the withdrawal
    that its home takes back by it.
    """

    kind: str
    record_id: UUID
    body: Mapping[str, Any]
    returns: Mapping[UUID, int]


@dataclass(frozen=True)
class PeerStatement:
    """What the catalogue `home` states of a row here; `body` as in `ReceivedRecord`."""

    home: Peer
    record_id: UUID
    row_id: UUID
    local_id: UUID
    owns_row: bool
    body: Mapping[str, Any]

    @property
    def record(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["record"]
        return found

    @property
    def uses(self) -> Collection[Mapping[str, Any]]:
        found: Collection[Mapping[str, Any]] = self.body.get(USES, ())
        return found

    @property
    def updated_at(self) -> datetime:
        return datetime.fromisoformat(self.body["updated_at"])

    @property
    def origin(self) -> str:
        """The origin of rows that are made of it."""
        return origin_of(self.home)

    @property
    def texts_license(self) -> str | None:
        licenses = self.home.card.get("data_license")
        texts = licenses.get("texts") if isinstance(licenses, Mapping) else None
        return texts if isinstance(texts, str) else None

    @property
    def source(self) -> dict[str, Any]:
        """Where its facts are from: their license, its page there and what it names itself."""
        page = self.home.at(self.body["page"])
        urls = [*([page] if page else ()), *self.record.get("sources", ())]
        return {"license": self.body["license"]} | ({"urls": urls} if urls else {})

    def catalogue(self, page: str = "") -> OtherCatalogue:
        """Who states it; `page`: below the record's page there."""
        return OtherCatalogue(
            peer_id=self.home.id,
            names=self.home.names,
            host=self.home.host,
            address=self.home.at(f"{self.body['page']}{page}"),
            updated_at=self.updated_at,
            license=self.body["license"],
            texts_license=self.texts_license,
            record_id=self.record_id,
            home_of=self.owns_row,
            origin=self.origin,
        )


class ReceivedRecords(DatabasePart):
    def catalogues_stating(self, kind: str, key: UUID) -> tuple[OtherCatalogue, ...]:
        """The catalogues that tell of a project or an organization, by the order in which they were added."""
        with reading(self._engine) as connection:
            return tuple(statement.catalogue() for statement in statements(connection, kind, [key]))

    def joined(self, kind: str, record_id: UUID) -> PeerStatement:
        """As `joined_with`."""
        with reading(self._engine) as connection:
            return joined_with(connection, kind, record_id)

    def held(self, peer_id: UUID) -> Mapping[str, int]:
        """How many records of each kind came from a catalogue and are here."""
        uses = func.sum(func.json_array_length(received_record.c.body[USES]))
        mine = select(received_record.c.kind, func.count(), uses).where(received_record.c.peer_id == peer_id)
        with reading(self._engine) as connection:
            rows = connection.execute(mine.group_by(received_record.c.kind)).all()
        counts = {kind: number for kind, number, _ in rows} | {ADOPTION: sum(inside or 0 for _, _, inside in rows)}
        return {kind: int(number) for kind, number in counts.items() if number}


def origin_of(peer: Peer) -> str:
    """The origin that rows carry which another catalogue's records made."""
    return peer.origin[:ORIGIN_CHARACTERS]


def _stated(column: str) -> Select[Any]:
    return (
        select(
            *(received_record.c[name] for name in ("peer_id", "record_id", "row_id", "local_id", "owns_row", "body"))
        )
        .join(peer, peer.c.id == received_record.c.peer_id)
        .where(among_keys(received_record.c[column]), received_record.c.kind == bindparam("of"))
        .order_by(peer.c.added_at, peer.c.slug, received_record.c.record_id)
    )


# Made once: to make a statement takes longer than a database needs for it.
_STATED = {column: _stated(column) for column in ("local_id", "row_id")}


def statements(connection: Connection, kind: str, keys: Collection[UUID], by: str = "local_id") -> list[PeerStatement]:
    """In the caller's transaction: what other catalogues state of these rows (at most BATCH), by the order in which
    they were added; `by` row_id: also of rows that people merged into others, and not of those others."""
    rows = connection.execute(_STATED[by], {KEYS: keys, "of": kind}).all()
    homes = {key: held(connection, key) for key in {row.peer_id for row in rows}}
    return [PeerStatement(homes[row.peer_id], *row[1:]) for row in rows]


def joined_with(connection: Connection, kind: str, record_id: UUID) -> PeerStatement:
    """In the caller's transaction: what evidence joined with a row of another. Raises NotFound."""
    this = received_record.c.record_id == record_id, received_record.c.kind == kind, ~received_record.c.owns_row
    query = select(received_record.c.row_id).where(*this, received_record.c.row_id.is_not(None))
    row_id = connection.execute(query.order_by(received_record.c.id).limit(1)).scalar()
    for statement in statements(connection, kind, [row_id] if row_id else [], by="row_id"):
        if statement.record_id == record_id and not statement.owns_row:
            return statement
    raise NotFound("join", str(record_id))


def known(connection: Connection, peer_id: UUID, kind: str, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """In the caller's transaction: `body` and `local_id` of those of these records (at most BATCH) that are here."""
    query = select(received_record.c.record_id, received_record.c.body, received_record.c.local_id).where(
        received_record.c.peer_id == peer_id,
        received_record.c.kind == kind,
        is_among(connection, received_record.c.record_id, ids),
    )
    return {row.record_id: row for row in connection.execute(query)}


def keep_records(
    connection: Connection, peer_id: UUID, kind: str, bodies: Mapping[UUID, Mapping[str, Any]], *, now: datetime
) -> None:
    """In the caller's transaction: keep these lines as they came, with their rows due; at most BATCH."""
    if not bodies:
        return
    start = {"peer_id": peer_id, "kind": kind, "owns_row": False, "arrived_at": now, "led_to": None}
    statement = insert(connection, received_record)
    fresh = {name: statement.excluded[name] for name in ("body", "arrived_at", "led_to")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["peer_id", "kind", "record_id"], set_=fresh),
        [{**start, "record_id": key, "body": body} for key, body in bodies.items()],
    )


def leave(
    connection: Connection, peer_id: UUID, kind: str | None = None, ids: Collection[UUID] | None = None
) -> dict[str, set[UUID]]:
    """In the caller's transaction: delete lines, all of them, or those of a kind and `ids`, and return the rows by
    kind that must be made anew. What other catalogues tell of the same is due: it may belong
    elsewhere now."""
    mine = received_record.c.peer_id == peer_id
    if kind is not None:
        mine &= received_record.c.kind == kind
    some = [mine] if ids is None else [mine & is_among(connection, _ID, batch) for batch in batches(ids)]
    rows = defaultdict[str, set[UUID]](set)
    columns = (received_record.c[name] for name in ("kind", "row_id", "local_id"))
    query = select(*columns).where(received_record.c.row_id.is_not(None))
    for which in some:
        for row in connection.execute(query.where(which)):
            rows[row.kind].update((row.row_id, row.local_id))
        connection.execute(delete(received_record).where(which))
    for of_kind, keys in rows.items():
        for batch in batches(keys):
            same = (received_record.c.kind == of_kind) & is_among(connection, received_record.c.row_id, batch)
            connection.execute(update(received_record).where(same).values(led_to=None))
    return rows


_ID = received_record.c.record_id


def leave_uses(connection: Connection, peer_id: UUID, uses: Mapping[UUID, UUID]) -> dict[str, set[UUID]]:
    """In the caller's transaction: delete uses, each inside the line of its project; else as `leave`."""
    gone, rows = {str(key) for key in uses}, set[UUID]()
    for batch in batches(set(uses.values())):
        for key, row in known(connection, peer_id, PROJECT, batch).items():
            body = row.body | {USES: [use for use in row.body[USES] if use["id"] not in gone]}
            this = received_record.c.peer_id == peer_id, received_record.c.kind == PROJECT, _ID.in_([key])
            connection.execute(update(received_record).where(*this).values(body=body))
            rows.update({row.local_id} - {None})
    return {PROJECT: rows}


def follow_merges(connection: Connection, kind: str, merged: Mapping[UUID, UUID]) -> None:
    """In the caller's transaction: records are shown by the rows that stand for theirs now; `merged`: which were joined
    away by people, and into which."""
    moved = received_record.c.local_id != received_record.c.row_id
    query = select(received_record.c.row_id).where(
        received_record.c.kind == kind, received_record.c.row_id.is_not(None)
    )
    keys = set(connection.execute(query.where(moved).distinct()).scalars())
    for batch in batches(merged):
        keys |= set(connection.execute(query.where(received_record.c.row_id.in_(batch)).distinct()).scalars())
    for key in keys:
        mine = (received_record.c.kind == kind) & (received_record.c.row_id == key)
        connection.execute(update(received_record).where(mine).values(local_id=merged.get(key, key)))
