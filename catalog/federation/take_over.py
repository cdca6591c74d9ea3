"""Takes over what a visit of another catalogue brings: first what it withdrew, then its records, file by file, then
what disappeared. `forge.exchange.follow` fetches and verifies; `received_rows` decides which row a record belongs to.

Where the process is killed in between, nothing is lost: what was taken over is known by its digest, and a file counts
as taken over at the end only.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from catalog.exchange import names
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.statements import Withdrawal
from catalog.federation import received_rows
from catalog.federation.accepted_records import arrivals
from catalog.rules.peer import FOLLOWING, RETURNED, Peer
from catalog.store.core.engine import BATCH, reading
from catalog.store.core.public_changes import changing, lock_changes
from catalog.store.federation import peers, taken_over
from catalog.store.federation.received import records as received_records
from catalog.store.federation.received.records import ReceivedRecord
from catalog.store.store import Store

KINDS_IN: Mapping[str, tuple[str, ...]] = {  # of a folder of the exchange
    names.ORGANIZATIONS: (names.ORGANIZATION,),
    names.PROJECTS: (names.PROJECT, names.ADOPTION),
}
FOLDERS: Mapping[str, str] = {kind: folder for folder, kinds in KINDS_IN.items() for kind in kinds}


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
    uses: dict[str, list[taken_over.Key]] = {}  # of each record that they name
    for key, refs in here.items():
        for named in refs if key[0] == names.ADOPTION else ():
            uses.setdefault(named, []).append(key)
    erased: set[taken_over.Key] = set()
    for withdrawals in files:
        numbers = {(said.kind, said.id): said.n for said in withdrawals if (said.kind, said.id) in here}
        # A use is deleted with its project, also where its own withdrawal is not in the list.
        gone = {*numbers, *(use for kind, key in numbers for use in uses.get(f"{kind}:{key}", ()))}
        _erase(store, peer, gone - erased, numbers, online_key, now=now)
        erased |= gone
    # What others tell of the same project or organization stands for itself now; a use stands for nothing else.
    if any(kind != names.ADOPTION for kind, _ in erased) or received_rows.is_due(store):
        received_rows.settle(store, now=now)
    return len(erased)


def _erase(
    store: Store,
    peer: Peer,
    gone: Collection[taken_over.Key],
    numbers: Mapping[taken_over.Key, int],
    online_key: str,
    *,
    now: datetime,
) -> None:
    for kind in sorted({kind for kind, _ in gone}):
        ids = sorted((key for of_kind, key in gone if of_kind == kind), key=str)
        for some in received_rows.in_parts(ids, received_rows.AT_ONCE):
            with changing(store.engine) as (connection, change):
                lock_changes(connection)
                received_rows.let_go(connection, peer.id, kind, some, change=change, now=now)
                told = {(kind, key): numbers[kind, key] for key in some if (kind, key) in numbers}
                taken_over.remember_erased(connection, peer.instance_id, told, online_key, now=now)


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

    def shard(self, folder: str, shard: str, records: Iterable[ExchangeRecord]) -> None:
        """Take over all records of a file."""
        self.lost(folder, shard)
        for record in records:
            for arrival in arrivals(record, self.license):
                self.arrived(arrival)

    def left_out(self, folder: str, ids: Iterable[str]) -> None:
        """Note records of a file that broke a rule: what is here of them stays, with the records inside of them."""
        named = {f"{KINDS_IN[folder][0]}:{key}" for key in ids}
        if not named:  # of nearly every file: all that is here is not looked at for each of hundreds
            return
        for kind, key in self._here:
            inside = kind == names.ADOPTION and not named.isdisjoint(self._here[kind, key])
            if inside or f"{kind}:{key}" in named:
                self._present.add((kind, key))

    def lost(self, folder: str, shard: str) -> None:
        """Note that a file was deleted, and with it its records. `shard` "" means all that were not given."""
        self._read.setdefault(folder, set()).add(shard)

    def finish(self) -> TakeOverResult:
        """Keep the rest, delete what disappeared, and make the rows that readers see."""
        for kind in KINDS_IN[names.ORGANIZATIONS] + KINDS_IN[names.PROJECTS]:
            self.flush(kind)
        self._let_go()
        if self.taken.anything or received_rows.is_due(self.store):  # due: what a visit left that was ended
            received_rows.settle(self.store, now=self.now)
        return self.taken

    def arrived(self, arrival: ReceivedRecord) -> None:
        """A record of a file."""
        key = (arrival.kind, arrival.record_id)
        if self._is_withdrawn(arrival.record_id):
            return
        if self._is_forgotten(arrival, key):
            self.taken.asks[RETURNED] = self.taken.asks.get(RETURNED, 0) + 1
            return
        self._present.add(key)
        waiting = self._waiting.setdefault(key[0], [])
        waiting.append(arrival)
        if len(waiting) >= BATCH:
            self.flush(key[0])

    def _is_forgotten(self, arrival: ReceivedRecord, key: taken_over.Key) -> bool:
        """Whether its home withdrew a record and seems to have forgotten that: it does not say that it returns. What
        another key withdrew, such as a stolen one that was replaced since, binds nobody."""
        before = self._erased.get(key)
        if before is None or before.online_key != self.online_key or RETURNED in self.peer.allowed:
            return False
        return arrival.returns < before.n

    def flush(self, kind: str) -> None:
        """Store the waiting records of a kind, without those that another visit saw withdrawn since this one began;
        none, where a person decided meanwhile that it is not followed."""
        some = self._waiting.pop(kind, [])
        if not some:
            return
        with changing(self.store.engine) as (connection, change):
            lock_changes(connection)
            home = peers.held(connection, self.peer.id, hold=True)
            if home.state != FOLLOWING:
                return
            self._erased = taken_over.erased_of(connection, self.peer.instance_id)
            came = {
                arrival.record_id: arrival
                for arrival in some
                if not self._is_forgotten(arrival, (kind, arrival.record_id))
            }
            here = taken_over.digests(connection, self.peer.id, kind, came)
            news = [record for key, record in came.items() if here.get(key) != record.digest]
            received_records.keep_records(connection, self.peer.id, news)
            other = [record.record_id for record in news if record.record_id in here]
            for of_kind, keys in received_records.rows_showing(connection, self.peer.id, kind, other).items():
                change.touch(of_kind, *keys)
            back = [(kind, key) for key in came if (kind, key) in self._erased]
            taken_over.forget_erased(connection, self.peer.instance_id, back)
        self.taken.added += len(news) - len(other)
        self.taken.changed += len(other)

    def _let_go(self) -> None:
        """The records that are in none of the files any more. Of a kind that loses more than a fifth so, without a
        withdrawal, nothing goes before a person said so: a thief of a server's key can sign empty files."""
        gone: dict[str, list[UUID]] = {}
        held: dict[str, int] = {}
        for (kind, key), refs in self._here.items():
            held[kind] = held.get(kind, 0) + 1
            if (kind, key) not in self._present and self._was_read(kind, key, refs):
                gone.setdefault(kind, []).append(key)
        for kind, ids in sorted(gone.items()):
            if len(ids) * 5 > held[kind] and kind not in self.peer.allowed:
                self.taken.asks[kind] = len(ids)
                continue
            for some in received_rows.in_parts(sorted(ids, key=str), received_rows.AT_ONCE):
                with changing(self.store.engine) as (connection, change):
                    lock_changes(connection)
                    received_rows.let_go(connection, self.peer.id, kind, some, change=change, now=self.now)
            self.taken.removed += len(ids)

    def _was_read(self, kind: str, key: UUID, refs: tuple[str, ...]) -> bool:
        """Whether the file in which a record of ours stood was read now, or is no more."""
        shards = self._read.get(FOLDERS.get(kind, ""), set())
        place = refs[0].partition(":")[2].replace("-", "") if kind == names.ADOPTION and refs else key.hex
        return any(place.endswith(shard) for shard in shards)


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
    named: list[tuple[str, str]] = []
    for record in records:
        kinds = [arrival.kind for arrival in arrivals(record, "")]
        counts.update(kinds)
        named.append((kinds[0], record.name[:NAME_CHARACTERS]))
    return ComingRecords(counts, tuple(named[:: max(1, len(named) // EXAMPLES)][:EXAMPLES]))
