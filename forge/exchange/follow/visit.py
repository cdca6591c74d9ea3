"""Takes over what one visit of a verified repository brings: the withdrawals, then the card, then the files of records
that changed. A file or a record that is refused is noted, and the others are taken over.
"""

import logging
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from tuf.api.metadata import TargetFile

from catalog import moderation
from catalog.exchange import names
from catalog.exchange.limits import LARGEST_NUMBER
from catalog.exchange.reading import (
    InvalidExchangeFile,
    Skipped,
    read_bits,
    read_card,
    read_shard,
    read_withdrawn,
)
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.statements import InstanceCard, Withdrawal
from catalog.exchange.writing import as_json
from catalog.federation import take_over
from catalog.rules import peer as rules
from catalog.rules.peer import Note, Peer
from catalog.store.core.bulk import garbage_collected_later
from catalog.store.core.engine import reading
from catalog.store.federation import taken_over
from catalog.store.store import Store
from forge.exchange.follow.addresses import base_of, bases_of, card_problem
from forge.exchange.follow.repository import Repository, VerifiedMetadata, VisitRefused

log = logging.getLogger("forge.exchange.follow")

Found = TypeVar("Found")


@dataclass(frozen=True)
class PeerVisitOutcome:
    """How a visit ended: `refusal` None where it was good; what it changed here."""

    slug: str
    refusal: rules.Refusal | None
    taken: take_over.TakeOverResult = field(default_factory=take_over.TakeOverResult)
    notes: tuple[Note, ...] = ()

    @property
    def good(self) -> bool:
        return self.refusal is None


class RepositoryVisit:
    """`run` it once."""

    def __init__(self, store: Store, peer: Peer, repository: Repository, metadata: VerifiedMetadata, now: datetime):
        self.store, self.peer, self.repository, self.seen, self.now = store, peer, repository, metadata, now
        self.notes = [Note(code, subject) for code, subject in metadata.notes]
        self.failed: set[str] = set()
        with reading(self.store.engine) as connection:
            self.before = taken_over.files(connection, peer.id)
        # Where something was decided of it, all of it is taken over again.
        self.known = self.before if peer.taken is not None else {}
        self.withdrawn: dict[str, array[int]] = {}  # by file, the ends of the ids that stand in it
        self.card: InstanceCard | None = None

    def run(self) -> PeerVisitOutcome:
        removed = self._withdrawals()
        if self.seen.only_withdrawals:
            self._refuse(self.seen.only_withdrawals, f"{self.seen.expires_at:%Y-%m-%d}", removed)
        if until := self.peer.waits_until(self.now):
            self.notes.append(Note(rules.KEYS_CHANGED, f"{until:%Y-%m-%d %H:%M} UTC"))
            self.failed.add(names.INSTANCE)
        else:
            self._card(removed)
        took = self._records()
        took.withdrawn += removed
        self.notes += [
            Note(rules.RETURNED if kind == rules.RETURNED else rules.VANISHED, f"{kind} {count}")
            for kind, count in sorted(took.asks.items())
        ]
        self._end(took)
        self.repository.clean(self.seen.targets)
        if took.anything:
            log.info("peer %s: %s", self.peer.slug, took)
        return PeerVisitOutcome(self.peer.slug, None, took, tuple(self.notes))

    def _refuse(self, code: str, subject: str, withdrawn: int) -> NoReturn:
        """Nothing but what was withdrawn is taken."""
        digests = {path: sha for path, sha in self.before.items() if not path.startswith(f"{names.WITHDRAWN}/")}
        lists = set(self._shards(names.WITHDRAWN)) - self.failed
        self.store.peers.files_taken(self.peer.id, digests | self._digests(lists))
        raise VisitRefused(code, subject, withdrawn=withdrawn)

    def _withdrawals(self) -> int:
        """Apply the files of withdrawals that changed, one by one; how many records left."""
        changed = self._changed_shards(names.WITHDRAWN)
        if not changed:
            return 0
        files = (self._withdrawn_in(path) for path in changed)
        return take_over.withdraw(self.store, self.peer, files, self.seen.told.online_key, now=self.now)

    def _withdrawn_in(self, path: str) -> tuple[Withdrawal, ...]:
        """What a file says was withdrawn; nothing where it cannot be read, which is told."""
        raw = self._read(path)
        entries = None if raw is None else self._parsed(path, partial(read_withdrawn, path, raw))
        if entries is None:
            return ()
        self._skipped(entries.skipped)
        return entries.entries

    def _is_withdrawn(self, key: UUID) -> bool:
        """Whether a record stands in the list. Of its file, only the ends of ids are remembered: there may be
        millions."""
        for digits in (bits // 4 for bits in names.BITS):
            path = names.shard_target(names.WITHDRAWN, key.hex[-digits:])
            if path in self.seen.targets:
                if path not in self.withdrawn:
                    self.withdrawn[path] = array(
                        "Q", sorted(_end_of(withdrawal.id) for withdrawal in self._withdrawn_in(path))
                    )
                ends, end = self.withdrawn[path], _end_of(key)
                place = bisect_left(ends, end)
                if place < len(ends) and ends[place] == end:
                    return True
        return False

    def _card(self, withdrawn: int) -> None:
        """The card, where it changed; one that is refused leaves the one from before. At an address that shows another
        catalogue's, nothing but withdrawals is believed."""
        if not self._changed(names.INSTANCE):
            return
        raw = self._read(names.INSTANCE)
        card = None if raw is None else self._parsed(names.INSTANCE, partial(read_card, raw))
        if card is None:
            return
        if card.instance != self.seen.told.instance:
            self._refuse(rules.WRONG_INSTANCE, f"{names.INSTANCE} {card.instance}", withdrawn)
        others = [peer for peer in self.store.peers.all() if peer.id != self.peer.id]
        accepted = str(self.peer.card.get("address") or "")
        wrong = card_problem(card, self.seen.told, self.repository.feed.base, others, accepted)
        if wrong:  # looked at again with the next visit: it may be read at its own address by then
            self.failed.add(names.INSTANCE)
            self.notes.append(Note(rules.CARD_REFUSED, wrong))
            return
        self.card = card

    def _records(self) -> take_over.TakeOverResult:
        """The files of records that changed, of a catalogue that is followed."""
        folders = self._folders()
        if not folders:  # what was asked and answered is for when it is read again
            return take_over.TakeOverResult(asks=dict(self.peer.asks))
        license = self.card.data_license.facts if self.card else _license(self.peer.card)
        # A record under another licence is another one, although its file is as it was.
        differs = self._changed_shards if license == _license(self.peer.card) else self._shards
        fresh = {folder: differs(folder) for folder in folders}
        gone = {folder: self._gone_shards(folder) for folder in folders}
        if not any(fresh.values()) and not any(gone.values()) and not self.peer.allowed:
            return take_over.TakeOverResult(asks=dict(self.peer.asks))
        for kind in self.peer.asks:  # what a person is asked about is counted anew, of all its files
            for folder in folders if kind == rules.RETURNED else [take_over.FOLDERS[kind]]:
                if folder in fresh:
                    fresh[folder] = self._shards(folder)
        target_file = self.seen.targets.get(names.INSTANCE)
        try:
            bits = read_bits(target_file.custom if target_file else None)
        except InvalidExchangeFile as no:
            raise VisitRefused(rules.MALFORMED, str(no)) from no
        if self.failed.intersection(
            self._shards(names.WITHDRAWN)
        ):  # what is withdrawn must not come back by a record: none is taken over this time
            self.failed.update(path for paths in (*fresh.values(), *gone.values()) for path in paths)
            return take_over.TakeOverResult(asks=dict(self.peer.asks))
        taking = take_over.TakeOver(
            self.store, self.peer, self._is_withdrawn, self.seen.told.online_key, license, now=self.now
        )
        for folder in folders:
            with garbage_collected_later():
                for path in fresh[folder]:
                    self._shard(taking, path, bits.get(folder, 0))
            if self.failed.intersection(fresh[folder]):  # what moved from file to file would be taken for lost
                self.failed.update(gone[folder])
            elif fresh[folder] == self._shards(folder):
                taking.lost(folder, "")  # all of it was read: in no other file stands anything
            else:
                for path in gone[folder]:
                    taking.lost(folder, path.partition("/")[2].partition(".")[0])
        return taking.finish()

    def _shard(self, taking: take_over.TakeOver, path: str, bits: int) -> None:
        """The records of one file."""
        raw = self._read(path)
        entries = None if raw is None else self._parsed(path, partial(read_shard, path, raw, bits))
        if entries is not None:
            folder, _, name = path.partition("/")
            self._skipped(entries.skipped)
            taking.left_out(folder, [skipped.id for skipped in entries.skipped if skipped.id])
            taking.shard(folder, name.partition(".")[0], entries.entries)

    def _end(self, took: take_over.TakeOverResult) -> None:
        """Keep how the visit ended."""
        folders = (names.WITHDRAWN, *self._folders())
        files = {names.INSTANCE, *(path for folder in folders for path in self._shards(folder))}
        now_known = self._digests(files - self.failed)
        now_known |= {path: "" for path in self.failed if path in self.before}  # asked for again
        unread = tuple(f"{folder}/" for folder in names.KINDS if folder not in folders)
        now_known |= {path: sha for path, sha in self.before.items() if path.startswith(unread)}
        values: dict[str, Any] = {
            "sequence": min(self.seen.version, LARGEST_NUMBER),
            "expires_at": self.seen.expires_at,
            # Kept only after a visit that refused nothing: else the next one would not look again.
            "etag": None if self.failed else self.seen.etag,
            "asks": took.asks,
            "allowed": [] if self._folders() else list(self.peer.allowed),
            "notes": [[note.code, note.subject[:200]] for note in self.notes[: rules.NOTES_SHOWN]],
        }
        if self.card is not None:
            values["card"] = as_json(self.card)
        moved = self._moved()
        if moved:
            values["address"] = moved
        moderation.visited(
            self.store,
            self.peer,
            batch_number=min(self.seen.version, LARGEST_NUMBER),
            now=self.now,
            files=now_known,
            **values,
        )

    def _moved(self) -> str | None:
        """The address at which it is read from now on: its root names others than the one that we have."""
        addresses, here = self.seen.told.said.addresses, self.repository.feed.base
        if not self.peer.address or base_of(self.peer.address) in bases_of(addresses):
            return None
        return here if here in bases_of(addresses[:1]) else None

    def _changed(self, path: str) -> bool:
        target_file = self.seen.targets.get(path)
        return target_file is not None and self.known.get(path) != _digest(target_file)

    def _folders(self) -> tuple[str, ...]:
        """Those of whose records a visit takes over."""
        return names.KINDS if self.peer.state == rules.FOLLOWING and not self.peer.waits_until(self.now) else ()

    def _shards(self, folder: str) -> list[str]:
        return sorted(path for path in self.seen.targets if path.startswith(f"{folder}/"))

    def _changed_shards(self, folder: str) -> list[str]:
        return [path for path in self._shards(folder) if self._changed(path)]

    def _gone_shards(self, folder: str) -> list[str]:
        return sorted(path for path in self.before if path.startswith(f"{folder}/") and path not in self.seen.targets)

    def _digests(self, files: Collection[str]) -> dict[str, str]:
        return {path: _digest(self.seen.targets[path]) for path in files if path in self.seen.targets}

    def _read(self, path: str) -> bytes | None:
        """The bytes of a file; None where it is refused, which is told once: the others are read all the same."""
        if path in self.failed:
            return None
        try:
            return self.repository.read(self.seen.targets[path])
        except VisitRefused as no:
            self._refused(path, f"{path}: {no.code}")
            return None

    def _parsed(self, path: str, parse: Callable[[], Found]) -> Found | None:
        try:
            return parse()
        except InvalidExchangeFile as no:
            self._refused(path, str(no))
            return None

    def _refused(self, path: str, subject: str) -> None:
        self.failed.add(path)
        self.notes.append(Note(rules.CARD_REFUSED if path == names.INSTANCE else rules.FILE_REFUSED, subject))

    def _skipped(self, skipped: Collection[Skipped]) -> None:
        self.notes += [
            Note(rules.SKIPPED, f"{entry.target} {entry.id or entry.place}: {entry.detail}") for entry in skipped
        ]


def records_of(repository: Repository, metadata: VerifiedMetadata) -> Iterator[ExchangeRecord]:
    """All records of a repository, file by file; what breaks a rule is left out. Raises VisitRefused."""
    target_file = metadata.targets.get(names.INSTANCE)
    try:
        bits = read_bits(target_file.custom if target_file else None)
        for folder in names.KINDS:
            for path in sorted(path for path in metadata.targets if path.startswith(f"{folder}/")):
                yield from read_shard(path, repository.read(metadata.targets[path]), bits.get(folder, 0)).entries
    except InvalidExchangeFile as no:
        raise VisitRefused(rules.MALFORMED, str(no)) from no


def _end_of(key: UUID) -> int:
    return key.int & 0xFFFF_FFFF_FFFF_FFFF


def _digest(target_file: TargetFile) -> str:
    return target_file.hashes.get("sha256", "")


def _license(card: Mapping[str, object]) -> str:
    license_ = card.get("data_license")
    return str(license_.get("facts", "")) if isinstance(license_, Mapping) else ""
