"""What a verified delta of another catalogue becomes here: its records as they came, and the rows that readers see.

First each record is kept and marked as due, then rows are made of what is due, a hundred at a time: a kill in
between leaves what is due, and the next take or `settle` goes on. Whatever order deltas came in, the rows are those of
the records that are here now. Fetching and verifying are `forge.federation.pull`' matter, evidence `identity`'s.

It is longer than 350 lines because it is one walk, told in its order.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.federation import clusters, identity, offering, suggesting
from catalog.federation.accepted_fields import references, stated
from catalog.federation.clusters import Theirs
from catalog.federation.delta import Delta
from catalog.federation.shapes import (
    ADOPTION,
    CALL,
    JOIN,
    ORGANIZATION,
    PROJECT,
    Join,
    Record,
    Texts,
    plain,
)
from catalog.federation.suggesting import subject_of
from catalog.rules.peer import BLOCK, FOLLOW, FOLLOWING, NONE, TAKEN_DECISIONS, TRUST
from catalog.store import Store
from catalog.store.core.engine import BATCH, Connection, reading, writing
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.federation import peers, translation_offers
from catalog.store.federation.matching import rows as matching_rows
from catalog.store.federation.matching import state as matching_state
from catalog.store.federation.publish import deletion_receipts
from catalog.store.federation.received import (
    adoptions,
)
from catalog.store.federation.received import (
    records as received_records,
)
from catalog.store.federation.received import (
    texts as received_texts,
)
from catalog.store.federation.received.records import Came
from catalog.store.merges import same_as_claims, successors

# Records whose rows one transaction makes: others who write wait a fraction of a second. 5,000 records took 3 to 7 s of
# processor time in all (November 2026, tests/merges/test_merge_size.py).
AT_ONCE = 100
_DIGESTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
MOST_PAGE, MOST_LICENSE = 2000, 200  # characters that are kept of what a page shows as it came
MOST_ORIGIN = 16  # of what is "curated" or "declared"


@dataclass(frozen=True)
class Taken:
    """How many records a take brought: `added` and `changed` as they came, `removed` that their home told no more."""

    added: int = 0
    changed: int = 0
    removed: int = 0


def apply_delta(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> Taken:
    """Take over what a visit verified; the same delta again changes nothing. Raises NotFound for an unknown peer."""
    removed = _withdraw(store, peer_id, delta, now=now)
    added = changed = 0
    for kind in sorted(delta.kinds & delta.records.keys()):
        layers = _layers(delta, kind)
        for records in in_parts(delta.records[kind], BATCH):
            came = [_came(record, kind, layers.get(record.id, {})) for record in records]
            new, other = _keep(store, peer_id, came, delta, whole=delta.whole, now=now)
            added, changed = added + new, changed + other
    _keep(store, peer_id, _joins(store, peer_id, delta), delta, whole=True, now=now)
    if delta.whole:
        if JOIN in delta.kinds:
            _drop_absent(store, peer_id, JOIN, {join.id for join in delta.joins}, now=now)
        for kind in sorted(delta.kinds - {JOIN}):
            removed += _drop_absent(
                store, peer_id, kind, {record.id for record in delta.records.get(kind, ())}, now=now
            )
    settle(store, now=now)
    offering.apply_offers(store, peer_id, delta, now=now)
    return Taken(added, changed, removed)


def settle(store: Store, *, now: datetime) -> int:
    """Make the rows that are due, and those whose record belongs elsewhere since other records came or went; how many
    records were due. What may be the same, by likeness or by another catalogue's word, and is not joined is noted for a
    person."""
    total = 0
    for kind in (ORGANIZATION, PROJECT):
        number, rows = _settle_records(store, kind, now=now)
        total += number
        suggesting.note(store, kind, rows, now=now)
        store.peer_statements.note(kind, now=now)
    return total + _settle_uses(store) + sum(_settle_words(store, kind) for kind in received_texts.KINDS)


def decided(connection: Connection, peer_id: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the transaction in which a decision was written: records of a kind that is taken no more leave; what is paused
    stays as it is. What else changes follows with the next `settle`."""
    peer = peers.held(connection, peer_id)
    gone = [
        kind for kind in sorted(received_records.kinds(connection, peer_id)) if peer.decision(kind) in (NONE, BLOCK)
    ]
    _leave(connection, peer_id, gone, change=change, now=now)
    if peer.decision(PROJECT) in (NONE, BLOCK):
        offering.forget(connection, peer.instance_id, now=now)
    elif peer.decision(PROJECT) in (FOLLOW, TRUST):
        translation_offers.set_aside(connection, peer.instance_id, now=now)
    matching_state.again(connection, peer_id, ADOPTION)


def forget(connection: Connection, peer_id: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the transaction in which a peer is removed or blocked: its records leave, and all that was joined with them by
    evidence stands for itself. Nothing that people said here is lost."""
    _leave(connection, peer_id, None, change=change, now=now)
    offering.forget(connection, peers.held(connection, peer_id).instance_id, now=now)


def count_known(store: Store, delta: Delta) -> Mapping[str, int]:
    """How many of a delta's records are here already, by kind and on strong evidence; nothing is written."""
    came = {}
    for kind in (PROJECT, ORGANIZATION):
        layers = _layers(delta, kind)
        came[kind] = [_came(record, kind, layers.get(record.id, {})) for record in delta.records.get(kind, ())]
    return count_here(store, came)


def count_here(store: Store, told: Mapping[str, Sequence[Came]]) -> Mapping[str, int]:
    """How many of these records are here already, by kind and on strong evidence; nothing is written."""
    found: dict[str, int] = {}
    for kind, came in told.items():
        with reading(store.engine) as connection:
            ours = [subject_of(kind, known) for known in matching_state.rows(connection, kind)]
        new = [
            Theirs(at, identity.subject(kind, received.record_id, _NOBODY, received.stated))
            for at, received in enumerate(came)
            if received.stated
        ]
        here = {subject.key for subject in ours}
        found[kind] = sum(row in here for row in clusters.rows(ours, new).values())
    return found


_NOBODY = UUID(int=0)


def _withdraw(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> int:
    """What its home took back goes at once, with all rows of it, and is acknowledged; before anything else is taken."""
    by_kind: dict[str, list[Any]] = {}
    for tombstone in delta.tombstones:
        by_kind.setdefault(tombstone.kind, []).append(tombstone)
    removed = 0
    for kind, every in sorted(by_kind.items()):
        for some in in_parts(every, AT_ONCE):
            with changing(store.engine) as (connection, change):
                lock_changes(connection)
                home = peers.held(connection, peer_id)
                here = received_records.kept_revisions(connection, peer_id, kind, [tombstone.id for tombstone in some])
                ids = [
                    tombstone.id
                    for tombstone in some
                    if tombstone.id in here and here[tombstone.id][0] <= tombstone.revision
                ]
                let_go(connection, peer_id, kind, ids, change=change, now=now)
                deletion_receipts.acknowledge(
                    connection, home.instance_id, kind, {tombstone.id: tombstone.at for tombstone in some}, now=now
                )
                removed += len(ids)
    if delta.acknowledgements:
        manifest = store.manifest()
        ours = [
            acknowledgement
            for acknowledgement in delta.acknowledgements
            if manifest is not None and acknowledgement.home == manifest.id
        ]
        with writing(store.engine) as connection:
            deletion_receipts.receive(
                connection,
                peer_id,
                [(acknowledgement.kind, acknowledgement.id, acknowledgement.at) for acknowledgement in ours],
            )
    return removed


def _drop_absent(store: Store, peer_id: UUID, kind: str, present: Collection[UUID], *, now: datetime) -> int:
    with reading(store.engine) as connection:
        gone = received_records.absent(connection, peer_id, kind, present)
    for some in in_parts(gone, AT_ONCE):
        with changing(store.engine) as (connection, change):
            lock_changes(connection)
            let_go(connection, peer_id, kind, some, change=change, now=now)
    return len(gone)


def let_go(
    connection: Connection, peer_id: UUID, kind: str, ids: Sequence[UUID], *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: these records of a catalogue leave, with all that was shown of them."""
    if ids:
        with successors.counting_ties(connection, change):
            _renew(connection, received_records.leave(connection, peer_id, [kind], ids), change=change, now=now)


def _leave(
    connection: Connection, peer_id: UUID, kinds: Collection[str] | None, *, change: PublicChange, now: datetime
) -> None:
    if kinds is None or kinds:
        with successors.counting_ties(connection, change):
            _renew(connection, received_records.leave(connection, peer_id, kinds), change=change, now=now)


def _renew(connection: Connection, rows: received_records.Rows, *, change: PublicChange, now: datetime) -> None:
    adoptions.renew(connection, rows.pairs, change=change)
    if rows.spoken:  # also of no record that is here
        change()
    for kind, keys in rows.told.items():
        change.touch(kind, *keys)
    for kind, keys in rows.keys.items():
        matching_rows.renew(connection, kind, keys, change=change, now=now)
        adoptions.renew_of(connection, kind, keys, change=change)


def _keep(
    store: Store, peer_id: UUID, came: Sequence[Came], delta: Delta, *, whole: bool, now: datetime
) -> tuple[int, int]:
    """How many of these are new, and how many came otherwise than before. `whole`: of a copy of all, which is believed
    also where it names a lower revision: its home went back to a backup.

    A visit takes minutes: what was blocked since it began is not kept, nor what a later visit overtook.
    """
    if not came:
        return 0, 0
    with changing(store.engine) as (connection, change):
        lock_changes(connection)
        home = peers.held(connection, peer_id, hold=True)
        overtaken = home.taken is not None and home.taken > delta.sequence
        if overtaken or home.state != FOLLOWING or home.decision(came[0].kind) not in TAKEN_DECISIONS:
            return 0, 0
        here = received_records.kept_revisions(
            connection, peer_id, came[0].kind, [received.record_id for received in came]
        )
        new = [received for received in came if received.record_id not in here]
        other = [
            received
            for received in came
            if received.record_id in here and _is_other(received, *here[received.record_id], whole)
        ]
        if came[0].kind == JOIN:
            with successors.counting_ties(connection, change):
                received_records.keep_records(connection, peer_id, [*new, *other], now=now)
        else:
            received_records.keep_records(connection, peer_id, [*new, *other], now=now)
            ids = [received.record_id for received in other]
            for kind, keys in received_records.rows_showing(connection, peer_id, came[0].kind, ids).items():
                change.touch(kind, *keys)
    return len(new), len(other)


def _is_other(received: Came, revision: int, digest: str, whole: bool) -> bool:
    return received.digest != digest and (whole or received.revision >= revision)


def _layers(delta: Delta, kind: str) -> dict[UUID, dict[str, Texts]]:
    found: dict[UUID, dict[str, Texts]] = {}
    for (of_kind, language), layer in sorted(delta.texts.items()):
        if of_kind == kind:
            for key, texts in layer.items():
                found.setdefault(key, {})[language] = texts
    return found


def _came(record: Record, kind: str, layers: Mapping[str, Texts]) -> Came:
    told = stated(record, layers, kind)
    texts = {language: plain(layer) for language, layer in layers.items()}
    whole = _DIGESTED.encode([record.revision, record.body, texts])
    return Came(
        kind=kind,
        record_id=record.id,
        revision=record.revision,
        page=record.page[:MOST_PAGE],
        origin=record.origin[:MOST_ORIGIN],
        license=record.license[:MOST_LICENSE],
        updated_at=record.updated_at,
        body=record.body,
        texts=texts,
        stated=told,
        digest=hashlib.blake2b(whole.encode(), digest_size=12).hexdigest(),
        refs="\n".join(f"{of_kind}:{key}" for of_kind, key in references(kind, told)),
    )


def _joins(store: Store, peer_id: UUID, delta: Delta) -> list[Came]:
    """What the catalogue says of pairs, where it was decided to hear that; also that it says so no more."""
    if store.peers.get(peer_id).decision(JOIN) not in TAKEN_DECISIONS:
        return []
    return [_came_join(join) for join in delta.joins]


def _came_join(join: Join) -> Came:
    body = plain(join)
    whole = json.dumps(body, sort_keys=True)
    digest = hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()
    standing = body if join.withdrawn_at is None else None
    return Came(JOIN, join.id, 0, "/", "declared", "CC0-1.0", join.at, body, {}, standing, digest, "")


def _settle_records(store: Store, kind: str, *, now: datetime) -> tuple[int, set[UUID]]:
    """How many were due, and the rows that they belong to."""
    # All records, not only the due ones: which row one belongs to depends on the others, and step by step the result
    # would depend on the order of arrival. 1.2 s at 13,000 records (November 2026); a visit without change skips it.
    with reading(store.engine) as connection:
        every = matching_state.records(connection, kind)
        if not every:
            return 0, set()
        ours = [subject_of(kind, known) for known in matching_state.rows(connection, kind)]
        stands = matching_state.standing(connection, kind)
        said, same = (
            same_as_claims.pairs_stated_different(connection, kind),
            same_as_claims.pairs_stated_same(connection, kind),
        )
        resolved = matching_state.leads(connection, every)
    told = [
        Theirs(
            record.id,
            identity.subject(
                kind, record.record_id, record.peer_id, record.stated, identity.related(record.stated.get("relations"))
            ),
            has_row=record.row_id == record.record_id,
        )
        for record in every
        if record.stated
    ]
    wanted = clusters.rows(ours, told, said, same)
    leaving = {
        candidate.subject.key
        for candidate in told
        if candidate.has_row and wanted[candidate.number] != candidate.subject.key
    }
    if leaving:
        with reading(store.engine) as connection:
            holding = matching_rows.holding(connection, kind, leaving)
        wanted = clusters.rows(
            ours, [replace(candidate, holds=candidate.subject.key in holding) for candidate in told], said, same
        )
    due, homes = [], _homes(every, wanted, {subject.key for subject in ours})
    for record in every:
        row = wanted.get(record.id)
        local = stands.get(row, row) if row else None
        state = _state(record, row, homes)
        if record.due or (row, local, state, resolved[record.id]) != (
            record.row_id,
            record.local_id,
            record.state,
            record.resolved_refs,
        ):
            due.append((record, matching_state.Settled(record.id, row, local, state, resolved[record.id])))
    for some in in_parts(due, AT_ONCE):
        with changing(store.engine) as (connection, change), successors.counting_ties(connection, change):
            lock_changes(connection)
            matching_state.settled(connection, [settled for _, settled in some])
            rows = {key for before, new in some for key in (before.row_id, new.row_id) if key}
            went = {before.row_id: new.row_id for before, new in some if before.row_id and new.row_id}
            moved = {old: new for old, new in went.items() if old != new}
            matching_rows.renew(connection, kind, rows, moved, change=change, now=now)
            # Lines of uses hold which rows they are of, and nothing else of them: new words alone change no line.
            led_on = [both for both in some if _where(both[0]) != _where(both[1])]
            pairs = {key for both in led_on for place in both for key in (place.row_id, place.local_id) if key}
            adoptions.renew_of(connection, kind, pairs, change=change)
    return len(due), {new.row_id for _, new in due if new.row_id}


def _where(record: Any) -> tuple[UUID | None, UUID | None, str]:
    return record.row_id, record.local_id, record.state


def _homes(every: Sequence[Any], wanted: Mapping[int, UUID | None], ours: Collection[UUID]) -> Mapping[UUID, int]:
    """Of each row that only others tell of, the number of the record that it is: one that says the identity of ours, or
    of an elder catalogue's, is nobody's home by that."""
    found: dict[UUID, int] = {}
    for record in every:
        row = wanted.get(record.id)
        if row == record.record_id and row not in ours:
            found.setdefault(row, record.id)
    return found


def _state(record: Any, row: UUID | None, homes: Mapping[UUID, int]) -> str:
    if record.stated is None or row is None:
        return received_records.HIDDEN
    return received_records.SHOWN if homes.get(row) == record.id else received_records.JOINED


def _settle_uses(store: Store) -> int:
    with reading(store.engine) as connection:
        every = matching_state.records(connection, ADOPTION)
        resolved = matching_state.leads(connection, every)
    due = []
    for record in every:
        ends = resolved[record.id].split("\n") if record.stated else []
        pair = (UUID(ends[0]), UUID(ends[1])) if len(ends) > 1 and ends[0] != "-" and ends[1] != "-" else (None, None)
        state = (
            received_records.HIDDEN
            if not record.stated
            else received_records.SHOWN
            if pair[0]
            else received_records.WAITING
        )
        before = (record.project_id, record.organization_id, record.state, record.resolved_refs)
        if record.due or (*pair, state, resolved[record.id]) != before:
            due.append((record, matching_state.Settled(record.id, None, None, state, resolved[record.id], *pair)))
    due.sort(key=lambda both: str(both[1].project_id))  # else the page of a project is built once for each part
    for some in in_parts(due, AT_ONCE):
        with changing(store.engine) as (connection, change):
            lock_changes(connection)
            matching_state.settled(connection, [settled for _, settled in some])
            pairs = {(place.project_id, place.organization_id) for both in some for place in both}
            known_pairs = [(first, second) for first, second in pairs if first and second]
            adoptions.renew(connection, known_pairs, change=change)
    return len(due)


def _settle_words(store: Store, kind: str) -> int:
    """Which rows experiences or calls are about; how many were due. An experience waits for both sides of its use, a
    call for the project that it names."""
    with reading(store.engine) as connection:
        every = matching_state.records(connection, kind)
        resolved = matching_state.leads(connection, every)
    due = []
    for record in every:
        ends = received_texts.ends(record.refs, resolved[record.id])
        known = ends.get(PROJECT, True) if kind == CALL else all(ends.values())
        state = (
            received_records.HIDDEN
            if not record.stated
            else received_records.SHOWN
            if known
            else received_records.WAITING
        )
        about = (ends.get(PROJECT), ends.get(ORGANIZATION))
        if record.due or (*about, state, resolved[record.id]) != (
            record.project_id,
            record.organization_id,
            record.state,
            record.resolved_refs,
        ):
            due.append((record, matching_state.Settled(record.id, None, None, state, resolved[record.id], *about)))
    for some in in_parts(due, AT_ONCE):
        with changing(store.engine) as (connection, change):
            lock_changes(connection)
            matching_state.settled(connection, [settled for _, settled in some])
            for before, settled in some:
                if received_records.SHOWN in (before.state, settled.state):
                    change()  # also of no record that is here
                    change.touch(PROJECT, before.project_id, settled.project_id)
                    change.touch(ORGANIZATION, before.organization_id, settled.organization_id)
    return len(due)


def in_parts(every: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Some at a time, so that others who write wait a fraction of a second."""
    listed = list(every)
    return (listed[start : start + size] for start in range(0, len(listed), size))
