"""The job `peer-visit`: one visit of one catalogue, from its metadata to what is taken over, and when to visit again.

The order is that of docs/exchange.md: withdrawals first, and in every case in which the signatures hold; then the card,
then the files that changed. What a catalogue does wrong is a row, a refusal or a note with its date, and what was read
before stays.
"""

import logging
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

from catalog import moderation
from catalog.errors import NotFound
from catalog.exchange import names
from catalog.exchange.limits import ROOT_ROTATIONS
from catalog.federation import take_over
from catalog.rules import peer as rules
from catalog.rules.peer import VISITED_STATES, Peer
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.exchange.follow.addresses import base_of, bases_of
from forge.exchange.follow.fetching import REQUEST_SECONDS, Feed, FolderFeed, RemoteFeed
from forge.exchange.follow.repository import Pin, Repository, RootInfo, VerifiedMetadata, VisitRefused, held, root_of
from forge.exchange.follow.visit import PeerVisitOutcome, RepositoryVisit
from forge.mirroring.politeness import HostTurns
from forge.mirroring.visit_results import Interrupted
from forge.security.safe_http import AddressRules

EVERY = timedelta(minutes=15)  # a visit without news is one request and less than 1 kB
SLOWEST = timedelta(days=1)  # after failures: each time twice as long, up to this
JITTER = 0.1
ROUNDS = 8  # of ROOT_ROTATIONS each, in one visit

log = logging.getLogger("forge.exchange.follow")


@dataclass(frozen=True)
class PeerVisitor:
    """`folder` is where what was fetched of all catalogues is kept, a folder an instance."""

    store: Store
    folder: Path
    addresses: AddressRules
    hosts: HostTurns
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Event = field(default_factory=Event)
    request_seconds: float = REQUEST_SECONDS

    def plan(self) -> None:
        """Let the visit of each catalogue wait in the queue, once for all workers."""
        self.store.peers.plan(now=self.clock())

    def run(self, job: Job) -> None:
        """Visit one catalogue; the job comes back when it is to be visited again. Of one that is not, no file stays."""
        try:
            peer = self.store.peers.get(UUID(job.argument["peer"]))
        except NotFound:
            peer = None
        if peer is None or peer.state not in VISITED_STATES:  # it was removed or left
            self.drop_unknown()
            self.store.jobs.done(job)
            return
        outcome = self.visit(peer)
        self.store.jobs.requeue(job, at=self.clock() + pause(0 if outcome.good else peer.failures + 1))

    def visit(self, peer: Peer, folder: str | None = None, *, moved: bool = False) -> PeerVisitOutcome:
        """Visit a catalogue now, in its host's turn, or read it from a folder this once; `moved`: where the visit is
        good, it is read at this address from now on. Raises Interrupted once `stopping` is set."""
        feed = self.feed_of(peer, folder)
        with self.hosts.turn(getattr(feed, "host", "127.0.0.1"), self.stopping) as turn:
            if not turn:
                raise Interrupted(peer.slug)
            with held(self.folder / str(peer.instance_id)):
                outcome = self._visited(peer, feed)
            if moved and outcome.good:
                self.store.peers.moved(peer.id, peer.address)
            return outcome

    def feed_of(self, peer: Peer, folder: str | None = None) -> Feed:
        """The feed that a catalogue is read from."""
        if folder or not peer.address:
            return FolderFeed(Path(folder or peer.folder or ""))
        return self._remote(peer, peer.address)

    def repository(self, peer: Peer, feed: Feed) -> Repository:
        pin = Pin((peer.root or "").encode(), peer.instance_id)
        return Repository(self.folder / str(peer.instance_id), feed, pin, self.clock())

    def drop_unknown(self) -> None:
        """Delete what was fetched of catalogues that are not visited."""
        visited = [peer for peer in self.store.peers.all() if peer.state in VISITED_STATES]
        names = {str(key) for peer in visited for key in (peer.instance_id, peer.id)}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.is_dir() and path.name not in names:
                shutil.rmtree(path, ignore_errors=True)

    def _visited(self, peer: Peer, feed: Feed) -> PeerVisitOutcome:
        try:
            return self._visit(peer, feed)
        except VisitRefused as no:
            if no.code in rules.PASSING and isinstance(feed, RemoteFeed):
                for other in self._elsewhere(peer):
                    try:
                        return self._visit(self.store.peers.get(peer.id), other)
                    except VisitRefused as again:
                        log.info("peer %s: %s: %s %s", peer.slug, other.base, again.code, again.subject)
            return self._refused(peer, no)

    def _refused(self, peer: Peer, no: VisitRefused) -> PeerVisitOutcome:
        refusal = rules.Refusal(no.code, no.subject, self.clock())
        self.store.peers.refused(peer.id, refusal)
        log.warning("peer %s: %s %s", peer.slug, no.code, no.subject)
        return PeerVisitOutcome(peer.slug, refusal, take_over.TakeOverResult(withdrawn=no.withdrawn))

    def _elsewhere(self, peer: Peer) -> Iterator[RemoteFeed]:
        """Other feeds of a catalogue, for while its address does not answer: those that its root names."""
        for place in dict.fromkeys(bases_of(peer.addresses)):
            if place != base_of(peer.address or ""):
                yield self._remote(peer, place)

    def _remote(self, peer: Peer, address: str) -> RemoteFeed:
        path = self.folder / str(peer.instance_id) / names.METADATA / names.TIMESTAMP
        raw = path.read_bytes() if peer.etag and path.is_file() else None
        return RemoteFeed(self.addresses, base_of(address), peer.etag, raw, self.request_seconds)

    def _visit(self, peer: Peer, feed: Feed) -> PeerVisitOutcome:
        now = self.clock()
        try:
            repository = self.repository(peer, feed)
            metadata = self._verified(peer, repository)
            return RepositoryVisit(self.store, self.store.peers.get(peer.id), repository, metadata, now).run()
        except OSError as no:
            raise VisitRefused(rules.DISK, str(no)[:200]) from no

    def _verified(self, peer: Peer, repository: Repository) -> VerifiedMetadata:
        """The metadata of a repository, through as many roots as there are: a visit of the updater reads only some, so
        that the next one begins with the newest of those. Raises VisitRefused."""
        for _ in range(ROUNDS):
            began = root_of(repository.pin.root).version
            try:
                return repository.visit()
            except VisitRefused:
                newest = repository.newest
                if newest is None or newest[1].version - began < ROOT_ROTATIONS:
                    raise
                repository.pin = Pin(newest[0], peer.instance_id)
            finally:
                if repository.newest is not None:
                    self._pin(peer, *repository.newest)
        return repository.visit()

    def _pin(self, peer: Peer, raw: bytes, root: RootInfo) -> None:
        """The newest root that follows the pinned one is the next to be followed, also where the visit is refused: of
        many rotations, one visit reads only some."""
        before = self.store.peers.get(peer.id)
        if raw.decode() != before.root:
            others = before.root is not None and root_of(before.root.encode()).roles != root.roles
            moderation.rooted(self.store, before, raw, root.said, root.online_key, others=others, now=self.clock())


def peer_visitor(store: Store, settings: Settings, stopping: Event | None = None) -> PeerVisitor:
    """The job as worker and command line do it."""
    addresses = AddressRules(settings.allow_networks, settings.ca_file)
    hosts = HostTurns(addresses.near, store.remote_hosts)
    return PeerVisitor(store, settings.peers, addresses, hosts, stopping=stopping or Event())


def pause(failures: int, chance: float | None = None) -> timedelta:
    """How long until the next visit, after so many failures in a row; `chance` from -1 to 1, else by chance."""
    wished: timedelta = min(EVERY * 2 ** min(failures, 10), SLOWEST)
    return wished * (1 + JITTER * (random.uniform(-1, 1) if chance is None else chance))
