"""The errand `pull`: one visit of one peer, from its entry to what is handed over, and when to come back.

Whatever a peer does is a row: a refusal with its date, and the last good copy stays. What was decided about the peer
says what is handed over; a withdrawal always is. Of a follower that owes us its word for a month nothing else is.
"""

import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from catalog import moderation
from catalog.errors import NotFound
from catalog.federation import bounds, merge, parsing, signing
from catalog.federation import shapes as s
from catalog.federation.delta import Delta
from catalog.rules.peer import (
    BLOCKED,
    EXPIRED,
    INCOMPLETE_CARD,
    KINDS,
    UNREACHABLE,
    VISITED_STATES,
    WRONG_INSTANCE,
    Peer,
    Refusal,
)
from catalog.store import Store
from catalog.store.core.jobs import Job
from forge.config.settings import Settings
from forge.federation.pull import keeping, reading
from forge.federation.pull.previewing import preview
from forge.federation.pull.source import Folder, NotRead, Remote, Source
from forge.mirroring.politeness import HostTurns
from forge.mirroring.visit_results import Interrupted
from forge.security.safe_http import Addresses

EVERY = timedelta(days=1)
FIRST_AGAIN = timedelta(hours=1)  # after a failure, then twice as long each time, up to EVERY
JITTER = 0.1
KEPT_ANEW_AFTER = timedelta(days=7)  # also the time within which nothing that was withdrawn is kept any more
ENTRIES = 3  # read in one visit, where files of the one before are gone
RESCUE = "/exchange/rescue/"  # in the address of a dead home's files at a follower

log = logging.getLogger("forge.federation.pull")

Take = Callable[..., Any]  # catalog.federation.merge.take


@dataclass(frozen=True)
class Outcome:
    """How a visit ended: `refusal` None where it was good; `records` and `tombstones` that were handed over."""

    slug: str
    refusal: Refusal | None
    records: int = 0
    tombstones: int = 0
    whole: bool = False

    @property
    def good(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True)
class Pulling:
    """`folder` is where the last signed files of all peers are kept; `take` is what becomes of records."""

    store: Store
    folder: Path
    addresses: Addresses
    hosts: HostTurns
    take_over: Take
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Event = field(default_factory=Event)

    def plan(self) -> None:
        """Let the visit of each peer wait in the queue, once for all workers."""
        self.store.peers.plan(now=self.clock())

    def take(self, job: Job) -> None:
        """Visit one peer; the job comes back when it is to be visited again. Of one that is not, no file is kept."""
        key = UUID(job.argument["peer"])
        try:
            one = self.store.peers.one(key)
        except NotFound:
            one = None
        if one is None or one.state not in VISITED_STATES:  # it was removed, blocked, or left
            keeping.drop(self.folder, key)
            self.store.jobs.done(job)
            return
        outcome = self.pull(one)
        failures = 0 if outcome.good else one.failures + 1
        self.store.jobs.again(job, at=self.clock() + pause(failures))

    def pull(self, one: Peer) -> Outcome:
        """Visit a peer now, in its host's turn. Raises Interrupted once `stopping` is set."""
        with self.hosts.turn(self._host(one), self.stopping) as turn:
            if not turn:
                raise Interrupted(one.slug)
            try:
                outcome = self._visited(one)
            except NotRead as no:
                refusal = Refusal(no.code, no.subject, self.clock())
                self.store.peers.refused(one.id, refusal)
                log.warning("peer %s: %s %s", one.slug, no.code, no.subject)
                return Outcome(one.slug, refusal)
        if outcome.records or outcome.tombstones:
            log.info("peer %s: %s records, %s withdrawn", one.slug, outcome.records, outcome.tombstones)
        return outcome

    def look(self, job: Job) -> None:
        """The errand `look-again`: once, whatever it ends with."""
        try:
            one = self.store.peers.one(UUID(job.argument["peer"]))
        except NotFound:  # it was removed meanwhile
            one = None
        if one is not None and one.state != BLOCKED:
            self.look_again(one)
        self.store.jobs.done(job)

    def look_again(self, one: Peer) -> Outcome:
        """Look at all that would come of a peer now, in its host's turn; nothing of it is handed over. Raises
        Interrupted once `stopping` is set."""
        with self.hosts.turn(self._host(one), self.stopping) as turn:
            if not turn:
                raise Interrupted(one.slug)
            now, source = self.clock(), source_of(self.addresses, one)
            try:
                seen = reading.visited(source, pinned_of(one), now=now)
                if seen is None:  # no stamp was given
                    raise NotRead(UNREACHABLE, reading.ENTRY_FILE)
                _complete(one, seen.card)
                delta = reading.whole(source, seen.entry, KINDS, self.languages(), kept=pinned_of(one).late)
            except NotRead as no:
                refusal = Refusal(no.code, no.subject, now)
                self.store.peers.refused(one.id, refusal)
                return Outcome(one.slug, refusal)
        seen_now = preview(delta, merge.known(self.store, delta), now)
        moderation.visited(self.store, one, taken=one.taken, now=now, preview=seen_now, **seen.remembered)
        return Outcome(one.slug, None)

    def languages(self) -> frozenset[str]:
        """The languages whose texts are read: those of this instance's pages, and English."""
        manifest = self.store.manifest()
        return frozenset({"en", *(manifest.languages if manifest else ())})

    def _visited(self, one: Peer) -> Outcome:
        """A visit, begun anew where a file is gone that the entry named: the folder was written meanwhile."""
        for _ in range(ENTRIES - 1):
            try:
                return self._visit(one)
            except NotRead as no:
                if no.code != UNREACHABLE or not bounds.PATH.fullmatch(no.subject):
                    raise
        return self._visit(one)

    def _visit(self, one: Peer) -> Outcome:
        now, pinned = self.clock(), pinned_of(one)
        source = source_of(self.addresses, one)
        steady = one.etag if one.taken == one.sequence else None
        try:
            seen = reading.visited(source, pinned, stamp=steady, now=now)
        except NotRead:
            last = reading.handed_over(source, pinned)
            if last is None:
                raise
            return self._moved(one, last, now)
        if seen is None:
            if one.expires_at <= now and not pinned.late:
                raise NotRead(EXPIRED, reading.ENTRY_FILE)
            self.store.peers.good(one, taken=one.sequence, now=now)
            return Outcome(one.slug, None)
        moved = reading.transfer_of(seen.card)
        if moved is not None and moved.key.public != one.public_key:
            return self._moved(one, seen.card, now)
        return self._hand_over(one, source, seen, now, partial(moderation.visited, self.store, one))

    def _moved(self, one: Peer, last: s.Card, now: datetime) -> Outcome:
        """Another instance keeps its records from now on: read there, under the key that the old one named. `last` is
        the card that says so."""
        to = reading.transfer_of(last)
        public = signing.public_bytes(to.key.public) if to else None
        if to is None or public is None:
            raise NotRead(WRONG_INSTANCE, reading.CARD_FILE)
        base, _ = introduced_at(self.addresses, to.address)
        source = Remote(self.addresses, base)
        seen = reading.visited(source, reading.Pinned(public, None), now=now)
        if seen is None:
            raise NotRead(UNREACHABLE, reading.ENTRY_FILE)
        other = self.store.peers.by_instance(seen.entry.id)
        if other is not None and other.id != one.id:
            return self._led_to(one, last, to, other, signing.key_of(seen.public).public, now)
        log.info("peer %s: handed over to %s", one.slug, base)
        afresh = replace(one, taken=None)
        good = partial(
            moderation.moved, self.store, afresh, last, to, address=base, folder=None, instance_id=seen.entry.id
        )
        return self._hand_over(afresh, source, seen, now, good)

    def _led_to(self, one: Peer, last: s.Card, to: s.Transfer, other: Peer, public: str, now: datetime) -> Outcome:
        """The new home is a peer itself: once it tells all that is wanted, what the old one told leaves with its files,
        since nobody takes anything back there any more. Raises NotRead where people must decide about the new one."""
        if other.public_key != public or other.taken is None or not one.wanted <= other.wanted:
            raise NotRead(WRONG_INSTANCE, reading.CARD_FILE)
        nothing = Delta(one.sequence, now, True, one.wanted, {}, {})
        self.take_over(self.store, one.id, nothing, now=now)
        moderation.moved(self.store, one, last, to, taken=one.sequence, now=now)
        keeping.drop(self.folder, one.id)
        self.store.peers.kept(one.id, None)
        log.info("peer %s: handed over to %s, which is read already", one.slug, other.slug)
        return Outcome(one.slug, None, whole=True)

    def _hand_over(
        self, one: Peer, source: Source, seen: reading.Seen, now: datetime, good: Callable[..., None]
    ) -> Outcome:
        """`good` keeps how the visit ended."""
        _complete(one, seen.card)
        reader = keeping.Remembering(source, keeping.folder_of(self.folder, one.id))
        late = bool(self.store.deletion_receipts.late(now=now, peer_id=one.id))
        delta = self._delta(one, reader, seen.entry, frozenset() if late else one.wanted)
        if delta is not None:
            self.take_over(self.store, one.id, delta, now=now)
        good(
            taken=None if late else seen.entry.sequence,
            now=now,
            **seen.remembered,
        )
        withdrawn = bool(delta and delta.tombstones)
        if withdrawn or one.kept_at is None or now - one.kept_at >= KEPT_ANEW_AFTER:
            self._keep(one, reader, seen, now, withdrawn)
        if delta is None:
            return Outcome(one.slug, None)
        count = sum(len(found) for found in delta.records.values())
        return Outcome(one.slug, None, count, len(delta.tombstones), delta.whole)

    def _delta(self, one: Peer, source: Source, entry: s.Entry, wanted: frozenset[str]) -> Delta | None:
        """What is handed over of the kinds in `wanted`; None where nothing happened since the last time."""
        if one.taken is not None and reading.reaches(entry, one.taken):
            if entry.sequence == one.taken:
                return None
            return reading.since(source, entry, one.taken, wanted, self.languages())
        return reading.whole(source, entry, wanted, self.languages(), kept=pinned_of(one).late)

    def _keep(self, one: Peer, source: Source, seen: reading.Seen, now: datetime, withdrawn: bool) -> None:
        """Its files are kept as a whole. Where that fails and something was withdrawn, those from before go."""
        try:
            keeping.keep(self.folder, one.id, source, seen, self.languages(), kept=pinned_of(one).late)
        except (NotRead, OSError) as no:
            log.warning("peer %s: its files are not kept: %s", one.slug, no)
            if withdrawn:
                keeping.drop(self.folder, one.id)
                self.store.peers.kept(one.id, None)
        else:
            self.store.peers.kept(one.id, now)

    def _host(self, one: Peer) -> str:
        return Remote(self.addresses, one.address).host if one.address else "127.0.0.1"


def pulling(store: Store, settings: Settings, stopping: Event | None = None) -> Pulling:
    """The errand as worker and command line do it."""
    addresses = Addresses(settings.allow_networks, settings.ca_file)
    return Pulling(
        store, settings.peers, addresses, HostTurns(addresses.near), merge.take, stopping=stopping or Event()
    )


def pause(failures: int, chance: float | None = None) -> timedelta:
    """How long until the next visit, after so many failures in a row; `chance` from -1 to 1, else by chance."""
    wished = EVERY if failures == 0 else min(FIRST_AGAIN * 2 ** min(failures - 1, 10), EVERY)
    return wished * (1 + JITTER * (random.uniform(-1, 1) if chance is None else chance))


def source_of(addresses: Addresses, one: Peer) -> Source:
    """Where a peer's files are read."""
    return Remote(addresses, one.address) if one.address else Folder(Path(one.folder or ""))


def introduced_at(addresses: Addresses, address: str) -> tuple[str, s.Card]:
    """The folder that an address means, itself or `exchange` below it, and the card that stands there.

    Raises NotRead.
    """
    base = address.rstrip("/")
    try:
        return base, reading.introduced(Remote(addresses, base))
    except NotRead as no:
        if no.code != UNREACHABLE or base.endswith("/exchange"):
            raise
    return f"{base}/exchange", reading.introduced(Remote(addresses, f"{base}/exchange"))


def pinned_of(one: Peer) -> reading.Pinned:
    """What the next entry of a peer must fit."""
    public = signing.public_bytes(one.public_key) or b""
    late = RESCUE in f"{one.address or ''}/"
    return reading.Pinned(public, one.instance_id, one.sequence, one.entry_at, late)


def _complete(one: Peer, card: s.Card) -> None:
    """A card may not say less of what a follower must know than when the peer was added. Raises NotRead."""
    before = parsing.card(json.dumps(dict(one.card)).encode())
    for lacking in s.missing(card):
        if lacking not in s.missing(before):
            raise NotRead(INCOMPLETE_CARD, lacking)
