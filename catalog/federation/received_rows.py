"""Makes rows that readers see of the records of other catalogues.

Each record is kept and marked as due; then rows are made of what is due, a hundred at a time: where the process is
killed in between, the next visit or `settle` goes on. In whatever order the records came, the rows are those of the
records that are here now. `take_over` keeps the records; `identity` says what is evidence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.federation import clusters, identity
from catalog.federation.clusters import ForeignRecord
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.store.core.engine import BATCH, Connection, reading
from catalog.store.core.public_changes import PublicChange, changing, lock_changes, publish_put_off
from catalog.store.federation.matching import rows as matching_rows
from catalog.store.federation.matching import state as matching_state
from catalog.store.federation.received import adoptions
from catalog.store.federation.received import records as received_records
from catalog.store.merges import rows as merge_rows
from catalog.store.store import Store

# Records whose rows one transaction makes: others that write wait a fraction of a second. 5,000 records took 3 to 7 s
# of processor time in all (November 2026, tests/merges/test_merge_size.py).
AT_ONCE = 100
AT_ONCE_PUT_OFF = BATCH  # where public records are built later: a fifth of a second


def settle(store: Store, *, now: datetime) -> int:
    """Make the rows that are due, and those whose record belongs elsewhere since other records came or went; how many
    records were due."""
    # Of much, each organization would be built anew with each part of its uses: all are built once, at the end.
    with reading(store.engine) as connection:
        later = matching_state.count_due(connection) > AT_ONCE
    total = 0
    for kind in (ORGANIZATION, PROJECT):
        total += _settle_records(store, kind, later=later, now=now)
    total += _settle_uses(store, later=later)
    publish_put_off(store.engine)
    return total


def is_due(store: Store) -> bool:
    """Whether rows are to be made, such as those of a visit that was ended before its end."""
    with reading(store.engine) as connection:
        return matching_state.count_due(connection) > 0


def forget(connection: Connection, peer_id: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the transaction in which a peer is removed or not read any more: delete its records; what was joined with them
    by evidence stands for itself again. Nothing that people said here is lost."""
    _renew(connection, received_records.leave(connection, peer_id), change=change, now=now)


def let_go(
    connection: Connection, peer_id: UUID, kind: str, ids: Sequence[UUID], *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: delete these records of a catalogue, with all that was shown of them."""
    if ids:
        _renew(connection, received_records.leave(connection, peer_id, kind, ids), change=change, now=now)


def _renew(connection: Connection, rows: received_records.AffectedRows, *, change: PublicChange, now: datetime) -> None:
    adoptions.renew(connection, rows.pairs, change=change)
    for kind, keys in rows.keys.items():
        matching_rows.renew(connection, kind, keys, change=change, now=now)
        adoptions.renew_of(connection, kind, keys, change=change)


def _settle_records(store: Store, kind: str, *, later: bool, now: datetime) -> int:
    """How many were due."""
    # All records, not only the due ones: which row one belongs to depends on the others, and step by step the result
    # would depend on the order of arrival. 1.2 s at 13,000 records (November 2026); a visit without change skips it.
    with reading(store.engine) as connection:
        every = matching_state.records(connection, kind)
        if not every:
            return 0
        ours = [_subject_of(kind, known) for known in matching_state.rows(connection, kind)]
        merged = matching_state.merged_rows(connection, kind)
        apart = merge_rows.pairs_decided_apart(connection, kind)
        resolved = matching_state.leads(connection, every)
    told = [
        ForeignRecord(
            record.id,
            identity.subject(
                kind, record.record_id, record.peer_id, record.stated, identity.related(record.stated.get("relations"))
            ),
            has_row=record.row_id == record.record_id,
        )
        for record in every
        if record.stated
    ]
    wanted = clusters.rows(ours, told, apart)
    leaving = {
        candidate.subject.key
        for candidate in told
        if candidate.has_row and wanted[candidate.number] != candidate.subject.key
    }
    if leaving:
        with reading(store.engine) as connection:
            holding = matching_rows.holding(connection, kind, leaving)
        wanted = clusters.rows(
            ours, [replace(candidate, holds=candidate.subject.key in holding) for candidate in told], apart
        )
    due, homes = [], _homes(every, wanted, {subject.key for subject in ours})
    for record in every:
        row = wanted.get(record.id)
        local = merged.get(row, row) if row else None
        state = _state(record, row, homes)
        if record.due or (row, local, state, resolved[record.id]) != (
            record.row_id,
            record.local_id,
            record.state,
            record.resolved_refs,
        ):
            due.append((record, matching_state.RecordPlacement(record.id, row, local, state, resolved[record.id])))
    for some in in_parts(due, AT_ONCE_PUT_OFF if later else AT_ONCE):
        with changing(store.engine, later=later) as (connection, change):
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
    return len(due)


def _subject_of(kind: str, known: matching_state.KnownRecord) -> identity.ComparedRecord:
    """The compared values of one of our rows."""
    return identity.ComparedRecord(
        kind=kind,
        key=known.id,
        home=None,
        name=known.name,
        repositories=known.repositories,
        others=known.others,
        homepage=known.homepage or "",
        country=known.country or "",
        identifiers=known.identifiers,
        sources=known.sources,
    )


def _where(record: Any) -> tuple[UUID | None, UUID | None, str]:
    return record.row_id, record.local_id, record.state


def _homes(every: Sequence[Any], wanted: Mapping[int, UUID | None], ours: Collection[UUID]) -> Mapping[UUID, int]:
    """The number of the record that each row was made of, for rows that only other catalogues state. A record that
    claims an identity of ours, or one that a record before it has, is not what that row was made of."""
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


def _settle_uses(store: Store, *, later: bool) -> int:
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
            due.append(
                (record, matching_state.RecordPlacement(record.id, None, None, state, resolved[record.id], *pair))
            )
    due.sort(key=lambda both: str(both[1].project_id))  # else the page of a project is built once for each part
    for some in in_parts(due, AT_ONCE_PUT_OFF if later else AT_ONCE):
        with changing(store.engine, later=later) as (connection, change):
            lock_changes(connection)
            matching_state.settled(connection, [settled for _, settled in some])
            pairs = {(place.project_id, place.organization_id) for both in some for place in both}
            known_pairs = [(first, second) for first, second in pairs if first and second]
            adoptions.renew(connection, known_pairs, change=change)
    return len(due)


def in_parts(every: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Batches, so that other transactions that write wait a fraction of a second."""
    listed = list(every)
    return (listed[start : start + size] for start in range(0, len(listed), size))
