"""Word of what was erased: what we erased for other homes, and what followers say that they erased of ours. It erases
nothing, and knows of no follower that we do not read ourselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, delete, func, select

from catalog.rules.peer import VISITED_STATES, Peer
from catalog.store.core.engine import BATCH, batches, get_meta, insert, is_among, reading
from catalog.store.federation.peers import held
from catalog.tables.federation import acknowledgement, peer, published, receipt, taken_back
from catalog.tables.submissions import tombstone

PROMISED = timedelta(days=7)  # as the card of each catalogue says
LATE_AFTER = timedelta(days=30)  # then nothing new of a follower is read
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Late:
    """A follower that did not say within 30 days that it erased what we took back; `since`: when we took back the
    eldest of `records`."""

    peer_id: UUID
    name: str
    records: int
    since: datetime


@dataclass(frozen=True)
class Word:
    """A follower and the record: erased there `at`, None: it did not say so yet; `late`: it should have."""

    host: str
    at: datetime | None
    late: bool


@dataclass(frozen=True)
class Erasure:
    """What becomes of a record elsewhere. `told_at`: when followers were told to erase it; None: they soon are."""

    told_at: datetime | None
    words: tuple[Word, ...] = ()


class DeletionReceipts:
    def __init__(self, engine: Engine):
        self._engine = engine

    def given(self) -> tuple[tuple[str, UUID, UUID, datetime], ...]:
        """What other homes took back and is erased here: kind, identity, the home's manifest id, when; sorted."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(acknowledgement).order_by(
                    acknowledgement.c.kind, acknowledgement.c.record_id, acknowledgement.c.home_id
                )
            )
            return tuple((row.kind, row.record_id, row.home_id, row.at) for row in rows)

    def receipt_of(self, kind: str, record_id: UUID, *, now: datetime) -> Erasure | None:
        """What followers say of a record that we took back; None for one that no follower was ever told of."""
        with reading(self._engine) as connection:
            mine = (taken_back.c.kind == kind) & (taken_back.c.record_id == record_id)
            told_at: datetime | None = connection.execute(select(taken_back.c.at).where(mine)).scalar()
            if told_at is None:
                there = (published.c.kind == kind) & (published.c.record_id == record_id)
                told = connection.execute(select(published.c.record_id).where(there)).first() is not None
                return Erasure(None) if told else None
            words = []
            for peer, first, at in _followers(connection, kind, record_id):
                # A word from before is about an earlier time that it was taken back; and what was taken back before a
                # follower first sent word may never have been there.
                erased = at if at is not None and at >= told_at else None
                if erased is not None or (first <= told_at and peer.state in VISITED_STATES):
                    words.append(Word(peer.host, erased, erased is None and now - told_at > PROMISED))
        return Erasure(told_at, tuple(sorted(words, key=lambda word: (word.at is None, word.host))))

    def late(self, *, now: datetime, peer_id: UUID | None = None) -> tuple[Late, ...]:
        """The followers that owe us word for more than 30 days: of all who say that they follow us, or ever sent word,
        or only this one."""
        with reading(self._engine) as connection:
            taken = select(tombstone.c.kind, tombstone.c.record_id, tombstone.c.at).where(
                tombstone.c.change > 0, tombstone.c.at < now - LATE_AFTER
            )
            owed = {(row.kind, row.record_id): row.at.replace(microsecond=0) for row in connection.execute(taken)}
            if not owed:
                return ()
            first = {key: at for key, at in _first(connection).items() if peer_id in (None, key)}
            said: dict[UUID, dict[tuple[str, UUID], datetime]] = {}
            every = select(receipt)
            for row in connection.execute(every.where(receipt.c.peer_id == peer_id) if peer_id else every):
                said.setdefault(row.peer_id, {})[(row.kind, row.record_id)] = row.at
            names = {key: held(connection, key).name for key in first}
        found = []
        for key, since in first.items():
            receipts = said.get(key, {})
            open_ = [at for peer_id, at in owed.items() if at >= since and receipts.get(peer_id, _NEVER) < at]
            if open_:
                found.append(Late(key, names[key], len(open_), min(open_)))
        return tuple(sorted(found, key=lambda receipt: (receipt.since, receipt.name)))


def _followers(connection: Connection, kind: str, record_id: UUID) -> list[tuple[Peer, datetime, datetime | None]]:
    """Each follower: since when it is one, and when it sent word of this record."""
    mine = (receipt.c.kind == kind) & (receipt.c.record_id == record_id)
    word = {key: at for key, at in connection.execute(select(receipt.c.peer_id, receipt.c.at).where(mine))}
    return [(held(connection, key), at, word.get(key)) for key, at in _first(connection).items()]


def _first(connection: Connection) -> dict[UUID, datetime]:
    """Since when each peer is known to follow us: as its card says, or since it first sent word."""
    ours = str((get_meta(connection, "manifest") or {}).get("id", ""))
    found: dict[UUID, datetime] = {}
    for key, card in connection.execute(select(peer.c.id, peer.c.card).where(peer.c.state.in_(VISITED_STATES))):
        for followed in card.get("follows", ()):
            if followed["id"] == ours:
                found[key] = datetime.fromisoformat(followed["since"])
    words = select(receipt.c.peer_id, func.min(receipt.c.at)).group_by(receipt.c.peer_id)
    for key, at in connection.execute(words):
        found[key] = min(at, found.get(key, at))
    return found


def acknowledge(
    connection: Connection, home_id: UUID, kind: str, stones: Mapping[UUID, datetime], *, now: datetime
) -> None:
    """In the caller's transaction: what a home took back is erased here, and its next feed is told so. `stones`: when
    it took back each. What it takes back once more is told once more, never as of before it did."""
    for some in batches(stones):
        mine = and_(
            acknowledgement.c.home_id == home_id,
            acknowledgement.c.kind == kind,
            is_among(connection, acknowledgement.c.record_id, some),
        )
        told = {row.record_id: row.at for row in connection.execute(select(acknowledgement).where(mine))}
        old = [key for key, at in told.items() if at < stones[key]]
        connection.execute(delete(acknowledgement).where(mine, is_among(connection, acknowledgement.c.record_id, old)))
        rows = [
            {"kind": kind, "record_id": key, "home_id": home_id, "at": max(now, stones[key])}
            for key in sorted(some, key=str)
            if key not in told or key in old
        ]
        if rows:
            connection.execute(insert(connection, acknowledgement).on_conflict_do_nothing(), rows)


def receive(connection: Connection, peer_id: UUID, said: Iterable[tuple[str, UUID, datetime]]) -> None:
    """In the caller's transaction: a follower says that it erased these records of ours; its last word holds."""
    rows = [{"peer_id": peer_id, "kind": kind, "record_id": key, "at": at} for kind, key, at in said]
    statement = insert(connection, receipt)
    statement = statement.on_conflict_do_update(
        index_elements=["peer_id", "kind", "record_id"],
        set_={"at": statement.excluded.at},
        where=receipt.c.at < statement.excluded.at,
    )
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, rows[start : start + BATCH])
