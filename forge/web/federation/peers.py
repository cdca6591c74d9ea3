"""What readers are told of other catalogues whose records are shown here; and the last signed files of one whose home
is dead, as they came, or the card by which it handed over to another home. What is decided about one is in
`forge.web.desk.peers`.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.federation import bounds, signing
from catalog.federation.shapes import canonical
from catalog.rules.peer import VISITED_STATES
from catalog.store.federation.publish.deletion_receipts import PROMISED
from forge.web.core.qr import Code, qr_code
from forge.web.core.render import PUBLIC, now_of, page
from forge.web.wording import peers as wording_peers

RESCUED_AFTER = timedelta(days=14)  # without a good visit: its home is taken for dead
CARD = "instance.json"
TOP = (CARD, "entry.json", "entry.sig")


def about(request: Request) -> Response:
    """Each catalogue that is read, or was and is paused, with its card."""
    now = now_of(request)
    every = [peer for peer in request.app.state.store.peers.all() if peer.state in VISITED_STATES]
    return page(
        request,
        "federation/peers.html",
        peers=[wording_peers.shown_peer(peer, now) for peer in every],
        held={peer.id: request.app.state.store.received_records.held(peer.id) for peer in every},
        told=wording_peers,
        promised=PROMISED,
        key=_key(request),
    )


@dataclass(frozen=True)
class Key:
    """What people compare of the key of this catalogue: its digits, its words, and both with the address as a code."""

    digits: str
    words: str
    address: str
    code: Code | None


def _key(request: Request) -> Key | None:
    """None before the worker signed anything."""
    raw = signing.public_bytes(request.app.state.store.exchange_state.key() or "")
    if raw is None:
        return None
    fingerprint = signing.fingerprint(raw)
    base = request.app.state.site.base_url or str(request.base_url).rstrip("/")
    address = f"{base}/exchange?fingerprint={fingerprint}"
    return Key(signing.grouped(fingerprint), " ".join(signing.spoken(fingerprint)), address, qr_code(address))


def rescued(request: Request) -> Response:
    """A file of a dead home, unchanged and under its own signature. Raises NotFound, also while its home answers. Of
    one that handed over there is its last card alone, at any time: it says under its key who keeps its records now."""
    path, peers = request.path_params["path"], request.app.state.store.peers
    try:
        instance = UUID(request.path_params["instance"])
    except ValueError:
        raise NotFound("file", path) from None
    if path == CARD and (card := peers.handed_over(instance)) is not None:
        return Response(canonical(card), headers=PUBLIC, media_type="application/json")
    peer = peers.by_instance(instance)
    dead = peer is not None and peer.state in VISITED_STATES and now_of(request) - peer.last_good_at >= RESCUED_AFTER
    if peer is None or not dead or not (path in TOP or bounds.PATH.fullmatch(path)):
        raise NotFound("file", path)
    file = request.app.state.peers / str(peer.id) / path
    if not file.is_file():
        raise NotFound("file", path)
    media_type = "application/gzip" if path.endswith(".gz") else "application/json"
    return Response(file.read_bytes(), headers=PUBLIC, media_type=media_type)
