"""Which of our withdrawals each follower has applied: it says up to which number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from catalog.rules.peer import VISITED_STATES
from catalog.store.core.engine import get_meta, reading
from catalog.store.federation.peers import held
from catalog.tables.federation import peer
from catalog.tables.publishing import published_record, withdrawal

PROMISED = timedelta(days=7)  # followers erase within; readers are told so
LATE_AFTER = timedelta(days=30)  # then moderators are told


@dataclass(frozen=True)
class LateFollower:
    """A follower that did not apply within 30 days what we withdrew; `since`: when we withdrew the eldest of
    `records`."""

    peer_id: UUID
    name: str
    records: int
    since: datetime


@dataclass(frozen=True)
class FollowerWord:
    """A follower and a record: whether it says that it erased it; `late`: it should have."""

    host: str
    erased: bool
    late: bool


@dataclass(frozen=True)
class Erasure:
    """What other catalogues did with a withdrawn record. `told_at`: when followers were told to erase it; None: they
    soon are."""

    told_at: datetime | None
    words: tuple[FollowerWord, ...] = ()


class WithdrawalReceipts:
    def __init__(self, engine: Engine):
        self._engine = engine

    def receipt_of(self, kind: str, record_id: UUID, *, now: datetime) -> Erasure | None:
        """What followers say of a record that we withdrew; None for one that was never published."""
        with reading(self._engine) as connection:
            mine = (withdrawal.c.kind == kind) & (withdrawal.c.record_id == record_id)
            row = connection.execute(select(withdrawal).where(mine, ~withdrawal.c.returned)).first()
            if row is None:
                there = (published_record.c.kind == kind) & (published_record.c.record_id == record_id)
                told = connection.execute(select(published_record.c.record_id).where(there)).first() is not None
                return Erasure(None) if told else None
            words = [
                FollowerWord(follower.host, through >= row.n, through < row.n and now - row.at > PROMISED)
                for follower, through in _followers(connection)
            ]
        return Erasure(row.at, tuple(sorted(words, key=lambda word: (not word.erased, word.host))))

    def late(self, *, now: datetime) -> tuple[LateFollower, ...]:
        """The followers that did not apply our withdrawals for more than 30 days."""
        with reading(self._engine) as connection:
            old = withdrawal.c.at < now - LATE_AFTER
            rows = connection.execute(select(withdrawal.c.n, withdrawal.c.at).where(~withdrawal.c.returned, old))
            owed = [(row.n, row.at) for row in rows]
            followers = _followers(connection) if owed else []
        found = []
        for follower, through in followers:
            if left := [at for number, at in owed if number > through]:
                found.append(LateFollower(follower.id, follower.name, len(left), min(left)))
        return tuple(sorted(found, key=lambda late: (late.since, late.name)))


def _followers(connection: Connection) -> list[tuple[Any, int]]:
    """Each catalogue that says it follows us, and the number up to which it applied our withdrawals."""
    ours = str((get_meta(connection, "manifest") or {}).get("id", ""))
    rows = connection.execute(select(peer.c.id, peer.c.follows).where(peer.c.state.in_(VISITED_STATES)))
    return [(held(connection, row.id), int(row.follows[ours])) for row in rows if ours in (row.follows or {})]
