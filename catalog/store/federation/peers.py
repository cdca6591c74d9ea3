"""Other catalogues as rows: how their visits ended, what was decided about them. It fetches and verifies nothing, and
takes over no record.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, select, update

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.peer import NEW, VISITED_STATES, Note, Peer, Refusal
from catalog.store.core.engine import DatabasePart, reading, writing
from catalog.store.core.jobs import enqueue, enqueue_all, run_sooner
from catalog.store.core.public_changes import PublicChange, lock_changes
from catalog.store.federation import taken_over
from catalog.tables.adoptions import adoption
from catalog.tables.core import job
from catalog.tables.federation import peer, received_record

PEER_VISIT = "peer-visit"  # the kind of job that visits one peer
MOST = 1_000  # peers that one catalogue reads
_OF_VOICE = ("name", "address", "data_license")  # of a card: what pages show of an origin
_UNSLUG = re.compile(r"[^a-z0-9]+")


class Peers(DatabasePart):
    def all(self) -> tuple[Peer, ...]:
        """All peers, by what the command line calls them."""
        with reading(self._engine) as connection:
            return tuple(_peer(row) for row in connection.execute(select(peer).order_by(peer.c.slug)))

    def get(self, peer_id: UUID) -> Peer:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return held(connection, peer_id)

    def by_slug(self, slug: str) -> Peer:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(peer).where(peer.c.slug == slug)).first()
        if row is None:
            raise NotFound("peer", slug)
        return _peer(row)

    def by_instance(self, instance_id: UUID) -> Peer | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(peer).where(peer.c.instance_id == instance_id)).first()
        return _peer(row) if row else None

    def add(self, values: Mapping[str, Any], wish: str) -> Peer:
        """A new peer, as `add`."""
        with writing(self._engine) as connection:
            slug = add(connection, values, wish)
        return self.by_slug(slug)

    def files_taken(self, peer_id: UUID, files: Mapping[str, str]) -> None:
        """A visit that was refused applied withdrawals all the same."""
        with writing(self._engine) as connection:
            taken_over.keep_files(connection, peer_id, files)

    def moved(self, peer_id: UUID, address: str | None) -> None:
        """Set another address at which it is read."""
        with writing(self._engine) as connection:
            values = {"address": address, "folder": None, "etag": None}
            connection.execute(update(peer).where(peer.c.id == peer_id).values(values))

    def refused(self, peer_id: UUID, refusal: Refusal) -> None:
        """A visit brought nothing: what was read before stays, with its date."""
        problem = {"code": refusal.code, "subject": refusal.subject[:200], "at": refusal.at.isoformat()}
        with writing(self._engine) as connection:
            connection.execute(
                update(peer)
                .where(peer.c.id == peer_id)
                .values(refusal=problem, visited_at=refusal.at, failures=peer.c.failures + 1)
            )

    def plan(self, *, now: datetime) -> int:
        """Queue the visit of each peer that is visited and has none in the queue; how many were queued."""
        with writing(self._engine) as connection:
            queued = set(connection.execute(select(job.c.key).where(job.c.kind == PEER_VISIT)).scalars())
            visited = connection.execute(select(peer.c.id).where(peer.c.state.in_(VISITED_STATES))).scalars().all()
            new = [visited_peer for visited_peer in visited if _key(visited_peer) not in queued]
            enqueue_all(
                connection,
                PEER_VISIT,
                [(_key(visited_peer), _argument(visited_peer), 0) for visited_peer in new],
                run_at=now,
            )
        return len(new)


def held(connection: Connection, peer_id: UUID, *, hold: bool = False) -> Peer:
    """In the caller's transaction. `hold`: nothing is decided about it before that ends. Raises NotFound."""
    query = select(peer).where(peer.c.id == peer_id)
    row = connection.execute(query.with_for_update() if hold else query).first()
    if row is None:
        raise NotFound("peer", str(peer_id))
    return _peer(row)


def good(
    connection: Connection,
    visited: Peer,
    *,
    records_taken: int | None,
    change: PublicChange,
    now: datetime,
    **values: Any,
) -> bool:
    """In the caller's transaction: a visit of `visited` ended well, and its records were handed over up to
    `records_taken`, unless something was decided about it meanwhile, or another visit came between: then the next visit
    hands over all.
    `values` are columns that changed. Whether it is a peer still."""
    lock_changes(connection)  # before the peer, in the same order as decisions about it
    try:
        same = held(connection, visited.id, hold=True)
    except NotFound:  # it was removed meanwhile
        return False
    undecided = same.state == visited.state and visited.taken in (None, same.taken)
    values_seen = {"visited_at": now, "last_good_at": now, "failures": 0, "refusal": None}
    handed = {"taken": records_taken} if undecided else {"taken": None}
    if same.allowed != visited.allowed:  # decided since, of what this visit did not know
        values.pop("allowed", None)
    connection.execute(update(peer).where(peer.c.id == visited.id).values(**values_seen, **values, **handed))
    card = values.get("card", same.card)
    if any(card.get(name) != same.card.get(name) for name in _OF_VOICE):
        touch_told(connection, visited.id, change)
    return True


def rooted(connection: Connection, peer_id: UUID, values: Mapping[str, Any]) -> None:
    """In the caller's transaction: its newest root, and what that says."""
    connection.execute(update(peer).where(peer.c.id == peer_id).values(**values))


def touch_told(connection: Connection, peer_id: UUID, change: PublicChange) -> None:
    """In the caller's transaction: the pages that tell what this catalogue states show something else of it."""
    query = select(received_record.c.kind, received_record.c.local_id).where(received_record.c.peer_id == peer_id)
    for row in connection.execute(query).all():
        change.touch(row.kind, row.local_id)
    uses = select(adoption.c.organization_id).where(adoption.c.origin == held(connection, peer_id).origin)
    change.touch("organization", *connection.execute(uses).scalars())


def add(connection: Connection, values: Mapping[str, Any], wish: str) -> str:
    """In the caller's transaction: a new peer, about which nothing is decided yet; its slug, made of `wish`.

    Raises AlreadyExists for an instance that is a peer already, or beyond MOST.
    """
    present_slug = connection.execute(select(peer.c.slug).where(peer.c.instance_id == values["instance_id"])).scalar()
    if present_slug is not None:
        raise AlreadyExists("peer", present_slug)
    if connection.execute(select(func.count()).select_from(peer)).scalar_one() >= MOST:
        raise AlreadyExists("peer", "")
    base = _UNSLUG.sub("-", wish.lower()).strip("-")[:90] or "peer"
    slugs = set(connection.execute(select(peer.c.slug).where(peer.c.slug.startswith(base))).scalars())
    slug = next(
        candidate
        for candidate in (base, *(f"{base}-{number}" for number in range(2, MOST + 2)))
        if candidate not in slugs
    )
    start: dict[str, Any] = {"slug": slug, "state": NEW, "taken": None, "failures": 0, "refusal": None}
    start |= {"addresses": [], "asks": {}, "allowed": [], "notes": []}
    connection.execute(peer.insert().values(start | dict(values)))
    return slug


def decide(connection: Connection, visited: Peer, state: str, *, now: datetime) -> None:
    """In the caller's transaction: the peer gets another state. The job that visits it is due at once: it takes over
    all, or deletes the files of what is not visited."""
    values = {"state": state, "taken": None, "refusal": None}
    connection.execute(update(peer).where(peer.c.id == visited.id).values(values))
    _queue(connection, visited.id, now=now)


def allow(connection: Connection, peer_row: Peer, *, now: datetime) -> None:
    """In the caller's transaction: a person decided that what disappeared of a catalogue may go, and that what its home
    had withdrawn may come back; the next visit, which comes now, does it."""
    allowed = sorted({*peer_row.allowed, *peer_row.asks})
    connection.execute(update(peer).where(peer.c.id == peer_row.id).values(allowed=allowed))
    _queue(connection, peer_row.id, now=now)


def remove(connection: Connection, removed: Peer, *, now: datetime) -> None:
    """In the caller's transaction: delete the peer; its job deletes its files."""
    connection.execute(delete(peer).where(peer.c.id == removed.id))
    _queue(connection, removed.id, now=now)


def _queue(connection: Connection, peer_id: UUID, *, now: datetime) -> None:
    enqueue(connection, PEER_VISIT, _key(peer_id), _argument(peer_id), run_at=now)
    run_sooner(connection, _key(peer_id), run_at=now)


def _key(peer_id: UUID) -> str:
    return f"{PEER_VISIT}:{peer_id}"


def _argument(peer_id: UUID) -> dict[str, str]:
    return {"peer": str(peer_id)}


def _peer(row: Row[Any]) -> Peer:
    values = {name: getattr(row, name) for name in Peer.__dataclass_fields__}
    problem = values["refusal"]
    if problem is not None:
        values["refusal"] = Refusal(problem["code"], problem["subject"], datetime.fromisoformat(problem["at"]))
    values |= {name: tuple(values[name]) for name in ("addresses", "allowed")}
    values["notes"] = tuple(Note(code, subject) for code, subject in values["notes"])
    return Peer(**values)
