"""What tests of following are made of: the job that visits other catalogues, and one that is added and followed."""

from pathlib import Path

from support.factories.core import NOW
from support.factories.visits import LOOPBACK, Clock

from catalog import moderation
from catalog.rules.peer import FOLLOWING, Peer
from catalog.store.store import Store
from forge.exchange.follow import adding
from forge.exchange.follow.visit import PeerVisitOutcome
from forge.exchange.follow.visit_job import PeerVisitor
from forge.mirroring.politeness import HostTurns
from forge.security.safe_http import AddressRules


def a_following(store: Store, folder: Path, clock: Clock) -> PeerVisitor:
    """The job, for hosts on loopback."""
    hosts = HostTurns(lambda host: True, store.remote_hosts)
    return PeerVisitor(store, folder, AddressRules(LOOPBACK, None), hosts, clock)


def added(following: PeerVisitor, where: str) -> Peer:
    """A catalogue that was added: a person compared its fingerprint. Raises NotAdded and VisitRefused."""
    sight = adding.meet(following, adding.find(following, where))
    return adding.add(following, sight, now=following.clock())


def decided(following: PeerVisitor, peer: Peer, state: str = FOLLOWING, words: str = "") -> Peer:
    """The same catalogue, followed or in another state."""
    moderation.decide_peer(following.store, None, peer.id, state, words, now=following.clock())
    return following.store.peers.get(peer.id)


def followed(following: PeerVisitor, where: str) -> Peer:
    """A catalogue that was added and is followed; nothing of it is read yet."""
    return decided(following, added(following, where))


def visit(following: PeerVisitor, peer: Peer) -> tuple[PeerVisitOutcome, Peer]:
    """Visit it now; its row after."""
    outcome = following.visit(following.store.peers.get(peer.id))
    return outcome, following.store.peers.get(peer.id)


def names_of(store: Store, kind: str = "project") -> list[str]:
    """What a reader finds here, by name."""
    table = {"project": "project", "organization": "organization"}[kind]
    with store.engine.connect() as connection:
        slugs = connection.exec_driver_sql(f"SELECT slug FROM {table} ORDER BY name").scalars().all()
    records = store.public_records
    shown = [records.project(slug) if kind == "project" else records.organization(slug) for slug in slugs]
    return [record.record.name for record in shown]


__all__ = ["NOW", "a_following", "added", "decided", "followed", "names_of", "visit"]
