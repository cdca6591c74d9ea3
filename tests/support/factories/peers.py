"""What tests of peers are made of: a peer's row, and what was decided about it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from support.factories.core import NOW
from support.factories.rewriting import rewriting

from catalog.rules.peer import FOLLOWING, Peer
from catalog.store.federation import peers
from catalog.store.store import Store

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
        "fingerprint": "0123456789abcdef0123",
        "sequence": 7,
        "expires_at": NOW + timedelta(days=30),
        "etag": None,
        "added_at": NOW,
        "visited_at": NOW,
        "last_good_at": NOW,
    } | changes
    with rewriting(store.engine) as connection:
        slug = peers.add(connection, values, "catalogo.example.org")
    return store.peers.by_slug(slug)


def followed(store: Store, peer: Peer) -> Peer:
    """The same peer, followed."""
    with rewriting(store.engine) as connection:
        peers.decide(connection, peer, FOLLOWING, now=NOW)
    return store.peers.get(peer.id)
