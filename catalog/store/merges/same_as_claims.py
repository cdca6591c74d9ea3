"""What other catalogues state of pairs of records: that they are the same, or are not. Nothing is merged here: with
evidence `catalog.federation` merges on such a statement, without evidence a person decides.

A statement holds while its catalogue makes it and is followed. It names records by id, whosever they are: where one is
not here, the statement has no effect until it comes.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select, update

from catalog.rules.peer import CO_EDIT, TRUST, Peer
from catalog.store.core.cases import CLOSED, DECIDED_APART, LIKENESS, OPEN
from catalog.store.core.engine import batches, reading, writing
from catalog.store.federation.peers import held
from catalog.store.federation.received.record_lookup import TABLES, resolve_references
from catalog.store.federation.received.records import JOIN
from catalog.store.merges import rows as merge_rows
from catalog.store.projects import merged_slugs
from catalog.tables.federation import foreign, peer
from catalog.tables.moderation import case

SAME, NOT_THE_SAME = "same", "not-the-same"
STATED_BY_PEER = "stated"  # why two may be the same: another catalogue says so
REASONS_ALIKE = ("name", "repository", "homepage", "domain")  # other reasons, as found for moderators
MOST_ASKED = 100  # pairs stated by one catalogue that moderators have before them at once

Pair = tuple[UUID, UUID]


@dataclass(frozen=True)
class PeerStatement:
    """A statement of `peer` on the records `a` and `b`. `reason`: words of a person there, or of ALIKE, after
    commas."""

    peer: Peer
    a: UUID
    b: UUID
    says: str
    at: datetime
    reason: str

    @property
    def trusted(self) -> bool:
        """Whether it was decided to trust this catalogue where evidence agrees."""
        return self.peer.decision(JOIN) in (TRUST, CO_EDIT)

    @property
    def alike(self) -> tuple[str, ...]:
        """The reasons of ALIKE; none where a person gave words."""
        parts = tuple(self.reason.split(", "))
        return parts if set(parts) <= set(REASONS_ALIKE) else ()


class PeerStatements:
    def __init__(self, engine: Engine):
        self._engine = engine

    def between(self, kind: str, first_id: UUID, second_id: UUID) -> tuple[PeerStatement, ...]:
        """The statements on these two, given as rows here or as ids of the peer."""
        with reading(self._engine) as connection:
            claims = peer_statements(connection, kind)
            rows_of = rows_of_statements(connection, kind, claims)
        return tuple(
            claim
            for claim, rows in zip(claims, rows_of, strict=True)
            if {first_id, second_id} in ({claim.a, claim.b}, set(rows or ()))
        )

    def note(self, kind: str, *, now: datetime) -> int:
        """Add findings for moderators of pairs that catalogues state to be the same and are two here, and remove those
        that none states any longer; how many pairs are new."""
        with reading(self._engine) as connection:
            if not any(_pairs_to_note(connection, kind)):
                return 0
        with writing(self._engine) as connection:
            fresh, more, less = _pairs_to_note(connection, kind)
            if fresh:
                rows = [
                    merge_rows.case_values(kind, pair, [STATED_BY_PEER], now=now) for pair in sorted(fresh, key=str)
                ]
                connection.execute(case.insert(), rows)
            for number, reasons in more.items() | less.items():
                this = case.c.id == number
                if reasons:
                    connection.execute(update(case).where(this).values(payload={"reasons": list(reasons)}))
                else:
                    connection.execute(delete(case).where(this))
        return len(fresh)


def peer_statements(
    connection: Connection, kind: str, which: Collection[str] = (SAME, NOT_THE_SAME)
) -> list[PeerStatement]:
    """In the caller's transaction: the statements on records of this kind, in the order in which catalogues were
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
        PeerStatement(
            catalogues[row.peer_id],
            UUID(row.stated["a"]),
            UUID(row.stated["b"]),
            row.stated["says"],
            datetime.fromisoformat(row.stated["at"]),
            row.stated["reason"],
        )
        for row in rows
    ]


def pairs_stated_different(connection: Connection, kind: str) -> frozenset[frozenset[UUID]]:
    """In the caller's transaction: pairs of records that are not the same, as decided here or stated by a catalogue
    that is followed on that."""
    here = select(case.c.subject_id, case.c.other_id).where(case.c.kind == kind, *DECIDED_APART)
    pairs = {frozenset((row.subject_id, row.other_id)) for row in connection.execute(here)}
    return frozenset(
        pairs
        | {frozenset((claim.a, claim.b)) for claim in peer_statements(connection, kind) if claim.says == NOT_THE_SAME}
    )


def pairs_stated_same(connection: Connection, kind: str) -> frozenset[frozenset[UUID]]:
    """In the caller's transaction: pairs of records that are the same, as stated by a catalogue that is trusted on
    that."""
    claims = [claim for claim in peer_statements(connection, kind) if claim.says == SAME and claim.trusted]
    return frozenset(frozenset((claim.a, claim.b)) for claim in claims)


def rows_of_statements(connection: Connection, kind: str, claims: Sequence[PeerStatement]) -> list[Pair | None]:
    """In the caller's transaction: the two rows that each is about; None where one of its records is not here."""
    rows = resolve_references(
        connection, [(claim.peer.id, kind, key) for claim in claims for key in (claim.a, claim.b)]
    )
    survivors = merged_slugs.merged_into(connection, kind)
    pairs: list[Pair | None] = []
    for claim in claims:
        first, second = (rows.get((claim.peer.id, kind, key)) for key in (claim.a, claim.b))
        both = (survivors.get(first.id, first.id), survivors.get(second.id, second.id)) if first and second else None
        pairs.append(both)
    return pairs


def _pairs_to_note(
    connection: Connection, kind: str
) -> tuple[set[Pair], dict[int, tuple[str, ...]], dict[int, tuple[str, ...]]]:
    """Pairs that nobody was asked about, and noted pairs whose reasons are others now: one more, or one less. What
    people answered stays."""
    claims = [claim for claim in peer_statements(connection, kind) if claim.says == SAME]
    rows = connection.execute(select(case).where(case.c.source == LIKENESS, case.c.kind == kind)).all()
    known = {(row.subject_id, row.other_id): row for row in rows}
    pairs = [
        (claim.peer.id, merge_rows.ordered_pair(*both))
        for claim, both in zip(claims, rows_of_statements(connection, kind, claims), strict=True)
        if both and both[0] != both[1]
    ]
    shown: set[UUID] = set()
    for batch in batches({key for _, pair in pairs for key in pair}):
        wanted = select(TABLES[kind].c.id).where(TABLES[kind].c.id.in_(batch), merge_rows.is_shown(kind))
        shown.update(connection.execute(wanted).scalars())
    asked: Counter[UUID] = Counter()
    stated: set[Pair] = set()
    for peer_id, pair in pairs:
        answered = pair in known and known[pair].state == CLOSED
        if not answered and shown.issuperset(pair) and asked[peer_id] < MOST_ASKED:
            asked[peer_id] += 1
            stated.add(pair)
    open_ = {pair: row for pair, row in known.items() if row.state == OPEN}
    more = {
        row.id: (*row.payload["reasons"], STATED_BY_PEER)
        for pair, row in open_.items()
        if pair in stated and STATED_BY_PEER not in row.payload["reasons"]
    }
    less = {
        row.id: tuple(reason for reason in row.payload["reasons"] if reason != STATED_BY_PEER)
        for pair, row in open_.items()
        if pair not in stated and STATED_BY_PEER in row.payload["reasons"]
    }
    return stated - known.keys(), more, less
