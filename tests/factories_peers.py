"""What tests of peers are made of: a source card, a peer's row, and what was decided about it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from factories import NOW

from catalog.peers import FOLLOW, FOLLOWING, Peer
from catalog.store import Store, peers
from catalog.store.database import writing

INSTANCE = UUID("5f0c6d0e-3f0a-4d52-9a55-6c1f6f6f0a01")
CARD = {
    "exchange": 1,
    "id": str(INSTANCE),
    "name": {"es": "Software para la economía social", "en": "Software for the social economy"},
    "address": "https://catalogo.example.org",
    "operator": "Red de Redes",
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
        "kept_at": None,
        "added_at": NOW,
        "visited_at": NOW,
        "last_good_at": NOW,
    } | changes
    with writing(store.engine) as connection:
        slug = peers.add(connection, values, "catalogo.example.org")
    return store.peers.named(slug)


def followed(store: Store, one: Peer, **kinds: str) -> Peer:
    """The same peer, followed for these kinds (`co_edit` for `co-edit`); for projects where none is named."""
    chosen = {kind: choice.replace("_", "-") for kind, choice in kinds.items()} or {"project": FOLLOW}
    with writing(store.engine) as connection:
        peers.decide(connection, one, {None: FOLLOWING, **chosen}, role="operator", person_id=None, now=NOW)
    return store.peers.one(one.id)
