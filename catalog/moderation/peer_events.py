"""What a good visit of another catalogue changes that everybody is told: it has another key, or another catalogue keeps
its records now. A person decides none of it: the key that people compared says so.
"""

from datetime import datetime
from typing import Any

from catalog.federation import signing
from catalog.federation.shapes import CatalogueCard, Transfer, plain
from catalog.rules.decision import BY_RULE, PEER, PEER_KEY, PEER_MOVED, GivenDecision
from catalog.rules.peer import VISITED_STATES, Peer
from catalog.store import Store
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, Subject

SIGNED = "signed"


def visited(store: Store, peer: Peer, *, taken: int | None, now: datetime, **values: Any) -> None:
    """A visit of this peer ended well, as `peers.good` writes it; another key than before is a line of the public
    log."""
    other_key = values.get("public_key", peer.public_key) != peer.public_key and peer.state in VISITED_STATES
    with changing(store.engine) as (connection, change):
        if other_key:
            change()
        known = peers.good(connection, peer, taken=taken, change=change, now=now, **values)
        if known and "sequence" in values and peers.home_again(connection, peer.instance_id):
            peers.touch_told(connection, peer.id, change)
        if known and other_key:
            shown = (signing.grouped(digits) for digits in (peer.fingerprint, values["fingerprint"]))
            _tell(connection, peer, PEER_KEY, " → ".join(shown), now)


def moved(
    store: Store,
    peer: Peer,
    last: CatalogueCard,
    to: Transfer,
    *,
    taken: int | None,
    now: datetime,
    **values: Any,
) -> None:
    """A visit of `one` ended well at the catalogue that keeps its records now, as `last`, its last card, says. That
    is kept under its old identity, for whoever reads its files here; the first time is a line of the public log."""
    told = plain(last)
    with changing(store.engine) as (connection, change):
        before = peers.last_card(connection, peer.instance_id)
        news = before.get("moved_to") != told["moved_to"]
        if news:
            change()
        if not peers.good(connection, peer, taken=taken, change=change, now=now, **values):
            return
        if before != told:
            peers.hand_over(connection, peer.id, peer.instance_id, told, now=now)
            peers.touch_told(connection, peer.id, change)
        if news:
            _tell(connection, peer, PEER_MOVED, to.address, now)


def _tell(connection: Connection, peer: Peer, kind: str, words: str, now: datetime) -> None:
    moderation_log.append(
        connection,
        kind,
        Subject(peer.id, peer.slug, peer.name, NOTHING, kind=PEER),
        GivenDecision(SIGNED, words, BY_RULE),
        now=now,
    )
