"""What other catalogues say of pairs of records: that they are the same, or are not. It joins nothing: what a statement
does with evidence is the matter of `catalog.federation`, what it does without is a person's.

A statement holds while its catalogue tells it and is heard. It names records by identity, whosever they are: what is
not here leads nowhere until it comes.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select, update

from catalog.rules.peer import CO_EDIT, TRUST, Peer
from catalog.store.core.engine import batches, reading, writing
from catalog.store.federation.peers import held
from catalog.store.federation.received.record_lookup import TABLES, led
from catalog.store.federation.received.records import JOIN
from catalog.store.merges import rows as merge_rows
from catalog.store.projects import merged_slugs
from catalog.tables.federation import foreign, peer
from catalog.tables.moderation import likeness

SAME, NOT_THE_SAME = "same", "not-the-same"
STATED = "stated"  # why two may be the same: another catalogue says so
ALIKE = ("name", "repository", "homepage", "domain")  # why else, as the desk found it
MOST_ASKED = 100  # pairs by the word of one catalogue that the desk has before it

Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class Saying:
    """What `peer` says of the records `a` and `b`. `reason`: words of a person there, or of ALIKE, after commas."""

    peer: Peer
    a: UUID
    b: UUID
    says: str
    at: datetime
    reason: str

    @property
    def trusted(self) -> bool:
        """Whether it was decided to believe this catalogue where evidence agrees."""
        return self.peer.decision(JOIN) in (TRUST, CO_EDIT)

    @property
    def alike(self) -> tuple[str, ...]:
        """The reasons of ALIKE; none where somebody gave words."""
        parts = tuple(self.reason.split(", "))
        return parts if set(parts) <= set(ALIKE) else ()


class Sayings:
    def __init__(self, engine: Engine):
        self._engine = engine

    def of(self, kind: str, one: UUID, other: UUID) -> tuple[Saying, ...]:
        """What is said of these two, rows or records of others."""
        with reading(self._engine) as connection:
            every = told(connection, kind)
            rows_of = ends(connection, kind, every)
        return tuple(
            said
            for said, rows in zip(every, rows_of, strict=True)
            if {one, other} in ({said.a, said.b}, set(rows or ()))
        )

    def note(self, kind: str, *, now: datetime) -> int:
        """Put before a person what catalogues hold to be the same and is two here, and no more what none says any
        longer; how many pairs are new."""
        with reading(self._engine) as connection:
            if not any(_due(connection, kind)):
                return 0
        with writing(self._engine) as connection:
            fresh, more, less = _due(connection, kind)
            shape = {"kind": kind, "at": now, "apart": False, "reasons": [STATED]}
            if fresh:
                rows = [{"one_id": one, "other_id": other} | shape for one, other in sorted(fresh, key=str)]
                connection.execute(likeness.insert(), rows)
            for number, reasons in more.items() | less.items():
                this = likeness.c.id == number
                if reasons:
                    connection.execute(update(likeness).where(this).values(reasons=list(reasons)))
                else:
                    connection.execute(delete(likeness).where(this))
        return len(fresh)


def told(connection: Connection, kind: str, which: Collection[str] = (SAME, NOT_THE_SAME)) -> list[Saying]:
    """In the caller's transaction: what is said of records of this kind, by the order in which catalogues were
    added."""
    wanted = (
        select(foreign.c.peer_id, foreign.c.stated)
        .join(peer, peer.c.id == foreign.c.peer_id)
        .where(foreign.c.kind == JOIN)
        .order_by(peer.c.added_at, peer.c.slug, foreign.c.record_id)
    )
    rows = [row for row in connection.execute(wanted).all() if row.stated and row.stated["kind"] == kind]
    rows = [row for row in rows if row.stated["says"] in which]
    catalogues = {key: held(connection, key) for key in {row.peer_id for row in rows}}
    return [
        Saying(
            catalogues[row.peer_id],
            UUID(row.stated["a"]),
            UUID(row.stated["b"]),
            row.stated["says"],
            datetime.fromisoformat(row.stated["at"]),
            row.stated["reason"],
        )
        for row in rows
    ]


def apart(connection: Connection, kind: str) -> frozenset[frozenset[UUID]]:
    """In the caller's transaction: pairs of records that somebody said are not the same: here, or in a catalogue whose
    word on that is heard."""
    here = select(likeness.c.one_id, likeness.c.other_id).where(likeness.c.kind == kind, likeness.c.apart)
    pairs = {frozenset((row.one_id, row.other_id)) for row in connection.execute(here)}
    return frozenset(pairs | {frozenset((one.a, one.b)) for one in told(connection, kind) if one.says == NOT_THE_SAME})


def same(connection: Connection, kind: str) -> frozenset[frozenset[UUID]]:
    """In the caller's transaction: pairs of records that a catalogue holds to be the same whose word on that is
    trusted."""
    every = [one for one in told(connection, kind) if one.says == SAME and one.trusted]
    return frozenset(frozenset((one.a, one.b)) for one in every)


def ends(connection: Connection, kind: str, every: Sequence[Saying]) -> list[Pair | None]:
    """In the caller's transaction: the two rows that each is about; None where one of its records is not here."""
    rows = led(connection, [(one.peer.id, kind, key) for one in every for key in (one.a, one.b)])
    stands = merged_slugs.into(connection, kind)
    found: list[Pair | None] = []
    for one in every:
        first, second = (rows.get((one.peer.id, kind, key)) for key in (one.a, one.b))
        both = (stands.get(first.id, first.id), stands.get(second.id, second.id)) if first and second else None
        found.append(both)
    return found


def _due(connection: Connection, kind: str) -> tuple[set[Pair], dict[int, tuple[str, ...]], dict[int, tuple[str, ...]]]:
    """Pairs that nobody was asked about, and those that were noted before whose reasons are others now: one more, or
    one less. What people answered stays."""
    every = [one for one in told(connection, kind) if one.says == SAME]
    rows = connection.execute(select(likeness).where(likeness.c.kind == kind)).all()
    known = {(row.one_id, row.other_id): row for row in rows}
    pairs = [
        (one.peer.id, merge_rows.ordered(*both))
        for one, both in zip(every, ends(connection, kind, every), strict=True)
        if both and both[0] != both[1]
    ]
    shown: set[UUID] = set()
    for batch in batches({key for _, pair in pairs for key in pair}):
        wanted = select(TABLES[kind].c.id).where(TABLES[kind].c.id.in_(batch), merge_rows.shown(kind))
        shown.update(connection.execute(wanted).scalars())
    asked: Counter[UUID] = Counter()
    stated: set[Pair] = set()
    for peer_id, pair in pairs:
        answered = pair in known and known[pair].done_at is not None
        if not answered and shown.issuperset(pair) and asked[peer_id] < MOST_ASKED:
            asked[peer_id] += 1
            stated.add(pair)
    open_ = {pair: row for pair, row in known.items() if row.done_at is None}
    more = {
        row.id: (*row.reasons, STATED) for pair, row in open_.items() if pair in stated and STATED not in row.reasons
    }
    less = {
        row.id: tuple(one for one in row.reasons if one != STATED)
        for pair, row in open_.items()
        if pair not in stated and STATED in row.reasons
    }
    return stated - known.keys(), more, less
