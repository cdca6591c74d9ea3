"""Makes rows that readers see of the records of other catalogues.

Each record is kept and marked as due; then rows are made of what is due, a hundred at a time: where the process is
killed in between, the next visit goes on. In whatever order the records came, the rows are those of the
records that are here now. `take_over` keeps the records; `identity` says what is evidence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.exchange.names import USES
from catalog.federation import clusters, identity
from catalog.federation.clusters import ForeignRecord
from catalog.record_kind import PROJECT
from catalog.store.core.bulk import garbage_collected_later
from catalog.store.core.engine import BATCH, Connection, analyze, reading, writing
from catalog.store.core.public_changes import PublicChange, changing, lock_changes, publish_put_off
from catalog.store.federation.matching import matching_rows
from catalog.store.federation.matching import state as matching_state
from catalog.store.federation.matching.state import RecordPlacement
from catalog.store.federation.received import adoptions
from catalog.store.federation.received import records as received_records
from catalog.store.federation.received.record_lookup import TABLES, references, references_of_uses
from catalog.store.merges import merge_rows
from catalog.store.projects.merged_slugs import merged_into
from catalog.store.store import Store

# Records whose rows one transaction makes: others that write wait a fraction of a second. 5,000 records took 3 to 7 s
# of processor time in all (November 2026, tests/merges/test_merge_size.py).
AT_ONCE = 100
AT_ONCE_PUT_OFF = BATCH  # where public records are built later: a fifth of a second


def settle(store: Store, *, now: datetime) -> int:
    """Make the rows that are due, and those whose record belongs elsewhere since other records came or went; how many
    records that were. A kill leaves the rest due."""
    with reading(store.engine) as connection:
        number, begun = matching_state.count_due(connection), matching_state.is_begun(connection)
    # Of much, each organization would be built anew with each part of its uses: all are built once, at the end.
    later = number > AT_ONCE
    total = sum(_settle(store, kind, later=later, now=now) for kind in TABLES)
    if later:
        analyze(store.engine)
    publish_put_off(store.engine)
    if total or begun:
        with writing(store.engine) as connection:
            matching_state.note_begun(connection, False)
    return total


def is_due(store: Store) -> bool:
    """Whether rows are to be made, such as those of a visit that was ended before its end."""
    with reading(store.engine) as connection:
        return matching_state.count_due(connection) > 0 or matching_state.is_begun(connection)


def forget(connection: Connection, peer_id: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the transaction in which a peer is removed or not read any more: delete its records; what was joined with them
    by evidence stands for itself again. Nothing that people said here is lost."""
    matching_rows.renew_all(connection, received_records.leave(connection, peer_id), change=change, now=now)


def _settle(store: Store, kind: str, *, later: bool, now: datetime) -> int:
    """How many belong elsewhere now, or name what does."""
    # All records, not only the due ones: which row one belongs to depends on the others, and step by step the result
    # would depend on the order of arrival. A visit without change skips it.
    with reading(store.engine) as connection, garbage_collected_later():
        before: dict[int, RecordPlacement] = {}
        foreign_records: list[ForeignRecord] = []
        names = {}
        for row in matching_state.records(connection, kind):
            before[row.id] = RecordPlacement(row.id, row.row_id, row.local_id, row.owns_row, row.led_to)
            record = row.body["record"]
            names[row.id] = row.peer_id, [*references(record), *references_of_uses(row.body.get(USES, ()))]
            if record:
                apart_from = identity.related(record.get("relations"))
                subject = identity.subject(kind, row.record_id, row.peer_id, record, apart_from)
                foreign_records.append(ForeignRecord(row.id, subject, has_row=row.row_id == row.record_id))
        if not before:
            return 0
        ours = [
            identity.subject(kind, key, None, record, also_at=redirected)
            for key, record, redirected in matching_state.own_records(connection, kind)
        ]
        merged = merged_into(connection, kind)
        apart = merge_rows.pairs_decided_apart(connection, kind)
    rows_of_clusters = clusters.rows(ours, foreign_records, apart)
    leaving = {
        candidate.subject.key
        for candidate in foreign_records
        if candidate.has_row and rows_of_clusters[candidate.number] != candidate.subject.key
    }
    if leaving:
        with reading(store.engine) as connection:
            holding = matching_rows.holding(connection, kind, leaving)
        rows_of_clusters = clusters.rows(
            ours, [replace(candidate, holds=candidate.subject.key in holding) for candidate in foreign_records], apart
        )
    owners = _owners(foreign_records, rows_of_clusters, {subject.key for subject in ours})
    total = 0
    for _turn in range(2):
        with reading(store.engine) as connection:
            led_to = matching_state.rows_led_to(connection, names)
        due = []
        for number, digest in led_to.items():
            was = before[number]
            key = rows_of_clusters.get(number)
            local_id = merged.get(key, key) if key else None
            place = RecordPlacement(number, key, local_id, number in owners, digest)
            if place != was:
                due.append((was, place))
        for some in in_parts(due, AT_ONCE_PUT_OFF if later else AT_ONCE):
            with garbage_collected_later(), changing(store.engine, later=later) as (connection, change):
                lock_changes(connection)
                matching_state.note_begun(connection, True)
                matching_state.settled(connection, [place for _, place in some])
                _renew(connection, kind, some, change, now)
        total += len(due)
        # Projects that name each other, once more: some of their rows were made just now.
        before |= {place.id: place for _, place in due}
        names = {number: named for number, named in names.items() if any(of_kind == kind for of_kind, _ in named[1])}
    return total


def _renew(
    connection: Connection,
    kind: str,
    some: Iterable[tuple[RecordPlacement, RecordPlacement]],
    change: PublicChange,
    now: datetime,
) -> None:
    """Make the rows of records that belong elsewhere now, or say something else."""
    rows = {key for both in some for place in both if (key := place.row_id)}
    went = {was.row_id: place.row_id for was, place in some if was.row_id and place.row_id}
    # Rows of uses hold which organizations they are of, and nothing else of them: new words alone change none.
    ends = {
        key
        for was, place in some
        if kind == PROJECT or (was.row_id, was.local_id) != (place.row_id, place.local_id)
        for key in (was.row_id, was.local_id, place.row_id, place.local_id)
        if key
    }
    projects = adoptions.projects_of(connection, kind, ends)
    moved = {old: new for old, new in went.items() if old != new}
    matching_rows.renew(connection, kind, rows, moved, change=change, now=now)
    change.touch(kind, *(place.local_id for _, place in some))
    adoptions.renew(connection, projects, change=change)


def _owners(foreign_records: Iterable[ForeignRecord], rows: Mapping[int, UUID | None], ours: set[UUID]) -> set[int]:
    """The numbers of the records that rows are made of, which only other catalogues state. A record that claims an
    identity of ours, or one that a record before it has, is not what that row was made of."""
    owners: dict[UUID, int] = {}
    for record in foreign_records:
        row = rows.get(record.number)
        if row == record.subject.key and row not in ours:
            owners.setdefault(row, record.number)
    return set(owners.values())


def in_parts(every: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Batches, so that other transactions that write wait a fraction of a second."""
    listed = list(every)
    return (listed[start : start + size] for start in range(0, len(listed), size))
