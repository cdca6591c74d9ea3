"""Takes over what a visit of another catalogue brings: first what it withdrew, then its records, file by file, then
what disappeared. `forge.exchange.follow` fetches and verifies; `received_rows` decides which row a record belongs to.

Where the process is killed in between, nothing is lost: what was taken over is known by its digest, and a file counts
as taken over at the end only.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.exchange import names
from catalog.exchange.names import ADOPTION, PROJECT, USES
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.statements import Withdrawal
from catalog.federation import received_rows
from catalog.federation.accepted_fields import received
from catalog.rules.peer import FOLLOWING, RETURNED, Peer
from catalog.store.core.engine import BATCH, Connection, reading
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.federation import peers, taken_over
from catalog.store.federation.matching import matching_rows
from catalog.store.federation.received import records as received_records
from catalog.store.federation.received.records import ReceivedRecord
from catalog.store.store import Store

# Where the records of a kind stand: uses in the lines of their projects.
FOLDERS: Mapping[str, str] = {**names.FOLDER_OF, ADOPTION: names.PROJECTS}


@dataclass
class TakeOverResult:
    """What a visit changed here. `asks`: records that wait for a person, by kind that they disappeared of, and as
    RETURNED."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    withdrawn: int = 0
    asks: dict[str, int] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.withdrawn)


def withdraw(store: Store, peer: Peer, files: Iterable[Sequence[Withdrawal]], online_key: str, *, now: datetime) -> int:
    """Delete all that a catalogue withdrew, file by file, whatever was decided about it; how many records that were.
    Of records that were never here, nothing is kept."""
    with reading(store.engine) as connection:
        here = taken_over.held_records(connection, peer.id)
    places = taken_over.places_of_uses(here)
    erased: set[taken_over.Key] = set()
    for withdrawals in files:
        numbers = {(withdrawal.kind, withdrawal.id): withdrawal.n for withdrawal in withdrawals}
        numbers = {key: n for key, n in numbers.items() if key in here or (key[0] == ADOPTION and key[1] in places)}
        # A use is deleted with its project, also where its own withdrawal is not in the list.
        inside = {(ADOPTION, use) for key in numbers for use in here.get(key, ())}
        _erase(store, peer, numbers, places, online_key, now=now)
        erased |= inside | numbers.keys()
    # What others tell of the same project or organization stands for itself now; a use stands for nothing else.
    if any(kind != ADOPTION for kind, _ in erased) or received_rows.is_due(store):
        received_rows.settle(store, now=now)
    return len(erased)


def _erase(
    store: Store,
    peer: Peer,
    numbers: Mapping[taken_over.Key, int],
    places: Mapping[UUID, UUID],
    online_key: str,
    *,
    now: datetime,
) -> None:
    for kind in sorted({kind for kind, _ in numbers}):
        ids = sorted((key for of_kind, key in numbers if of_kind == kind), key=str)
        for some in received_rows.in_parts(ids, received_rows.AT_ONCE):
            with changing(store.engine) as (connection, change):
                lock_changes(connection)
                _let_go(connection, peer, kind, some, places, change=change, now=now)
                numbers_told = {(kind, key): numbers[kind, key] for key in some}
                taken_over.remember_erased(connection, peer.instance_id, numbers_told, online_key, now=now)


def _let_go(
    connection: Connection,
    peer: Peer,
    kind: str,
    ids: Sequence[UUID],
    places: Mapping[UUID, UUID],
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: delete these records, with all that was shown of them."""
    if kind == ADOPTION:
        rows = received_records.leave_uses(connection, peer.id, {use: places[use] for use in ids})
    else:
        rows = received_records.leave(connection, peer.id, kind, ids)
    matching_rows.renew_all(connection, rows, change=change, now=now)


class TakeOver:
    """The records of one visit: give it each file that changed (`shard`), those that are no more (`lost`), then
    `finish`."""

    def __init__(
        self,
        store: Store,
        peer: Peer,
        is_withdrawn: Callable[[UUID], bool],
        online_key: str,
        license: str,
        *,
        now: datetime,
    ):
        self.store, self.peer, self.now, self.license, self.online_key = store, peer, now, license, online_key
        self.taken = TakeOverResult()
        self._is_withdrawn = is_withdrawn
        with reading(store.engine) as connection:
            self._here = taken_over.held_records(connection, peer.id)
            self._erased = taken_over.erased_of(connection, peer.instance_id)
        self._waiting: dict[str, list[ReceivedRecord]] = {}
        self._present: set[taken_over.Key] = set()
        self._read: dict[str, set[str]] = {}  # folder -> shards of which all records are known now
        self._vanished: dict[UUID, UUID] = {}  # uses that are in their project's line no more, with that project

    def shard(self, folder: str, shard: str, records: Iterable[ExchangeRecord]) -> None:
        """Take over all records of a file."""
        self.lost(folder, shard)
        for record in records:
            self.arrived(received(record, self.license))

    def left_out(self, folder: str, ids: Collection[str]) -> None:
        """Note records of a file that broke a rule: what is here of them stays, with the uses inside of them."""
        if ids:  # of nearly every file none: all that is here is not looked at for each of hundreds
            kind = names.KIND_OF[folder]
            self._present |= {(kind, key) for of_kind, key in self._here if of_kind == kind and str(key) in ids}

    def lost(self, folder: str, shard: str) -> None:
        """Note that a file was deleted, and with it its records. `shard` "" means all that were not given."""
        self._read.setdefault(folder, set()).add(shard)

    def finish(self) -> TakeOverResult:
        """Keep the rest, delete what disappeared, and make the rows that readers see."""
        for kind in names.FOLDER_OF:
            self.flush(kind)
        gone = {kind: [key for key in self._here if key[0] == kind and self._is_gone(*key)] for kind in names.FOLDER_OF}
        for kind, keys in sorted(gone.items()):
            self._let_go(kind, [key for _, key in keys], sum(of_kind == kind for of_kind, _ in self._here))
        self._let_go(ADOPTION, self._vanished, sum(len(uses) for uses in self._here.values()))
        if self.taken.anything or received_rows.is_due(self.store):  # due: what a visit left that was ended
            received_rows.settle(self.store, now=self.now)
        return self.taken

    def arrived(self, record: ReceivedRecord) -> None:
        """A line of a file."""
        if self._is_withdrawn(record.record_id):
            return
        waiting = self._waiting.setdefault(record.kind, [])
        waiting.append(record)
        if len(waiting) >= BATCH:
            self.flush(record.kind)

    def flush(self, kind: str) -> None:
        """Store the waiting lines of a kind, without what its home withdrew and seems to have forgotten; none, where a
        person decided meanwhile that it is not followed."""
        some = self._waiting.pop(kind, [])
        if not some:
            return
        with changing(self.store.engine) as (connection, change):
            lock_changes(connection)
            home = peers.held(connection, self.peer.id, hold=True)
            if home.state != FOLLOWING:
                return
            erased = taken_over.erased_of(connection, self.peer.instance_id)
            before = received_records.known(connection, self.peer.id, kind, [record.record_id for record in some])
            came: dict[UUID, Mapping[str, Any]] = {}
            back: list[taken_over.Key] = []
            for record in some:
                if self._is_forgotten(erased, (kind, record.record_id), record):
                    continue
                was = before[record.record_id].body if record.record_id in before else {}
                self._present.add((kind, record.record_id))
                body = self._with_uses(record, was, erased) if kind == PROJECT else record.body
                back += [key for key in _keys(kind, record.record_id, body) if key in erased]
                if body != was:
                    came[record.record_id] = body
                    self._count(was, body)
            received_records.keep_records(connection, self.peer.id, kind, came, now=self.now)
            change.touch(kind, *(row.local_id for key, row in before.items() if key in came))
            taken_over.forget_erased(connection, self.peer.instance_id, back)

    def _with_uses(
        self, record: ReceivedRecord, was: Mapping[str, Any], erased: Mapping[taken_over.Key, taken_over.Erased]
    ) -> Mapping[str, Any]:
        """The line with the uses that may be shown; those that disappeared without a withdrawal stay until `finish`."""
        uses = [
            use
            for use in record.body[USES]
            if not self._is_withdrawn(UUID(use["id"]))
            and not self._is_forgotten(erased, (ADOPTION, UUID(use["id"])), record)
        ]
        present = {use["id"] for use in uses}
        vanished = [use for use in was.get(USES, ()) if use["id"] not in present]
        self._vanished |= {UUID(use["id"]): record.record_id for use in vanished}
        return {**record.body, USES: uses + vanished}

    def _count(self, was: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        before, after = _parts(was), _parts(body)
        self.taken.added += len(after.keys() - before.keys())
        self.taken.changed += sum(before[key] != after[key] for key in after.keys() & before.keys())

    def _is_forgotten(
        self, erased: Mapping[taken_over.Key, taken_over.Erased], key: taken_over.Key, record: ReceivedRecord
    ) -> bool:
        """Whether its home withdrew a record and seems to have forgotten that, which is counted: it does not say that
        it returns. What another key withdrew, such as a stolen one that was replaced since, binds nobody."""
        before = erased.get(key)
        if before is None or before.online_key != self.online_key or RETURNED in self.peer.allowed:
            return False
        if record.returns.get(key[1], 0) >= before.n:
            return False
        if key in self._erased:  # else another visit saw it withdrawn since this one began
            self.taken.asks[RETURNED] = self.taken.asks.get(RETURNED, 0) + 1
        return True

    def _let_go(self, kind: str, ids: Collection[UUID], number: int) -> None:
        """Delete records that are in none of the files any more. Of a kind that loses more than a fifth so, without a
        withdrawal, nothing goes before a person said so: a thief of a server's key can sign empty files."""
        if len(ids) * 5 > number and kind not in self.peer.allowed:
            self.taken.asks[kind] = len(ids)
            return
        for some in received_rows.in_parts(sorted(ids, key=str), received_rows.AT_ONCE):
            with changing(self.store.engine) as (connection, change):
                lock_changes(connection)
                if peers.held(connection, self.peer.id, hold=True).state != FOLLOWING:
                    return  # decided meanwhile: what is here stays
                _let_go(connection, self.peer, kind, some, self._vanished, change=change, now=self.now)
        inside = [use for key in ids for use in self._here.get((kind, key), ())]
        self.taken.removed += len(ids) + len(inside)

    def _is_gone(self, kind: str, key: UUID) -> bool:
        """Whether a record of ours stands in no file any more: the one in which it stood was read now, or is no
        more."""
        shards = self._read.get(FOLDERS[kind], set())
        return (kind, key) not in self._present and any(key.hex.endswith(shard) for shard in shards)


def _keys(kind: str, key: UUID, body: Mapping[str, Any]) -> list[taken_over.Key]:
    """Of a line and the uses inside of it."""
    return [(kind, key), *((ADOPTION, UUID(use["id"])) for use in body.get(USES, ()))]


def _parts(body: Mapping[str, Any]) -> dict[str, Any]:
    """A line and the uses inside of it, each by itself; of a line that is not here nothing."""
    uses = {use["id"]: use for use in body.get(USES, ())}
    return uses | ({"": {name: part for name, part in body.items() if name != USES}} if body else {})


EXAMPLES, NAME_CHARACTERS = 10, 200


@dataclass(frozen=True)
class ComingRecords:
    """What following all of a catalogue would bring: how many records by kind, and some of them, each its kind and
    name."""

    counts: Mapping[str, int]
    examples: tuple[tuple[str, str], ...]


def preview(records: Iterable[ExchangeRecord]) -> ComingRecords:
    """Count these records."""
    counts: Counter[str] = Counter()
    names: list[tuple[str, str]] = []
    for record in records:
        counts.update({record.record_kind: 1, ADOPTION: len(record.adoptions)})
        names.append((record.record_kind, record.name[:NAME_CHARACTERS]))
    return ComingRecords(+counts, tuple(names[:: max(1, len(names) // EXAMPLES)][:EXAMPLES]))
