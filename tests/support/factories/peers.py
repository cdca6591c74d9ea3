"""What tests of peers are made of: a peer's row, what was decided about it, and what its visits hand over."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from support.factories.core import NOW
from support.factories.rewriting import rewriting
from support.factories.visits import LOOPBACK, Clock
from support.hosts.peer import Home

from catalog.federation import shapes
from catalog.federation.delta import Delta
from catalog.rules.peer import FOLLOW, FOLLOWING, Peer
from catalog.store import Store
from catalog.store.federation import peers
from forge.federation.pull.pulling import Pulling
from forge.mirroring.politeness import HostTurns
from forge.security.safe_http import Addresses

INSTANCE = UUID("5f0c6d0e-3f0a-4d52-9a55-6c1f6f6f0a01")
CARD = {
    "exchange": 1,
    "id": str(INSTANCE),
    "name": {"es": "Software para la economía social", "en": "Software for the social economy"},
    "address": "https://catalogo.example.org",
    "operator": {"name": "Red de Redes"},
    "contact": "https://catalogo.example.org/contact",
    "criteria": {"es": "Software libre que usan cooperativas."},
    "validation": {"es": "Dos personas leen cada ficha."},
    "refresh": {"es": "Cada semana."},
    "languages": ["es", "en"],
    "data_license": {"facts": "CC0-1.0", "texts": "CC-BY-4.0"},
}


def a_peer(store: Store, **changes: Any) -> Peer:
    """A peer that was just added, about which nothing is decided."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "address": "https://catalogo.example.org/exchange",
        "folder": None,
        "instance_id": INSTANCE,
        "card": CARD,
        "public_key": "A" * 43 + "=",
        "fingerprint": "0123456789abcdef0123",
        "sequence": 7,
        "entry_at": NOW,
        "expires_at": NOW + timedelta(days=30),
        "etag": None,
        "preview": None,
        "kept_at": None,
        "added_at": NOW,
        "visited_at": NOW,
        "last_good_at": NOW,
    } | changes
    with rewriting(store.engine) as connection:
        slug = peers.add(connection, values, "catalogo.example.org")
    return store.peers.by_slug(slug)


def followed(store: Store, peer: Peer, **kinds: str) -> Peer:
    """The same peer, followed for these kinds (`co_edit` for `co-edit`); for projects where none is named."""
    chosen = {kind: choice.replace("_", "-") for kind, choice in kinds.items()} or {"project": FOLLOW}
    with rewriting(store.engine) as connection:
        peers.decide(connection, peer, {None: FOLLOWING, **chosen}, role="operator", person_id=None, now=NOW)
    return store.peers.get(peer.id)


def a_peer_of(store: Store, home: Home, address: str | None, **kinds: str) -> Peer:
    """A peer that is this home, at its last published entry; followed as `followed` says."""
    peer = a_peer(
        store,
        address=address,
        folder=None if address else str(home.folder),
        instance_id=home.id,
        card=shapes.plain(home.card_now),
        public_key=home.key.key.public,
        fingerprint=home.key.key.fingerprint,
        sequence=home.sequence,
        entry_at=home.now,
        expires_at=home.now + timedelta(days=30),
        last_good_at=home.now,
    )
    return followed(store, peer, **kinds)


@dataclass
class Recorder:
    """Stands where merging does: keeps what was handed over, and what a catalogue would then hold, by name."""

    deltas: list[Delta] = field(default_factory=list)
    held: dict[UUID, str] = field(default_factory=dict)

    def __call__(self, store: Store, peer_id: UUID, delta: Delta, *, now: Any) -> None:
        self.deltas.append(delta)
        if delta.whole:
            self.held.clear()
        for found in delta.records.values():
            self.held.update({record.id: record.body["name"] for record in found})
        for gone in delta.tombstones:
            self.held.pop(gone.id, None)

    @property
    def names(self) -> list[str]:
        return sorted(self.held.values())


def pulling(store: Store, folder: Path, taken: Recorder, clock: Clock) -> Pulling:
    """The errand, for hosts on loopback."""
    return Pulling(store, folder, Addresses(LOOPBACK, None), HostTurns(lambda host: True), taken, clock)
