"""The pages for readers about other catalogues: those whose records are shown here, and how others recognize this one.
What is decided about one is in `forge.web.desk.peers`.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from catalog.exchange import fingerprint as fingerprints
from catalog.rules.peer import ERASED_WITHIN, VISITED_STATES
from forge.web.core.qr import QrCode, qr_code
from forge.web.core.render import base_url, now_of, page
from forge.web.wording import peers as wording_peers


def about(request: Request) -> Response:
    """Each catalogue that is read, or was and is paused, with its card."""
    now = now_of(request)
    every = [peer for peer in request.app.state.store.peers.all() if peer.state in VISITED_STATES]
    return page(
        request,
        "federation/peers.html",
        peers=[wording_peers.shown_peer(peer, now) for peer in every],
        held={peer.id: request.app.state.store.received_records.held(peer.id) for peer in every},
        promised=ERASED_WITHIN,
        key=_key(request),
    )


@dataclass(frozen=True)
class PublishedKey:
    """What people compare of the key of this catalogue: its digits, its words, and both with the address as a code."""

    digits: str
    words: str
    address: str
    code: QrCode | None


def _key(request: Request) -> PublishedKey | None:
    """The newest root key as pages show it; None before anything was signed."""
    roots = request.app.state.store.published_exchange.roots()
    if not roots:
        return None
    digits = fingerprints.fingerprint(roots[-1])
    base = base_url(request)
    address = f"{base}/exchange?fingerprint={digits}"
    return PublishedKey(fingerprints.grouped(digits), " ".join(fingerprints.spoken(digits)), address, qr_code(address))
