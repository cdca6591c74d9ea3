"""Other catalogues in the API: those that are read here, and by which rules each says that it works. The words of a
card are those of its catalogue, cleaned and cut.
"""

from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.publication.dataclass_json import utc_text
from catalog.rules.peer import VISITED_STATES
from catalog.validation import OneOf
from forge.web.api.response import json_answer
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import TextByLanguage, Time, Uri, whole_list
from forge.web.core.render import now_of
from forge.web.wording import peers as wording_peers

TAG = "Other catalogues"


class Refusal(TypedDict):
    reason: str
    subject: str | None
    at: Time


class PeerRecord(TypedDict):
    slug: str
    name: TextByLanguage
    host: str
    url: Uri | None
    state: Annotated[str, OneOf(tuple(wording_peers.STATES))]
    last_read_at: Time
    refused: Refusal | None
    operator: str | None
    criteria: TextByLanguage
    validation: TextByLanguage
    refresh: TextByLanguage
    languages: list[str]
    data_license: dict[str, str]


def peers(request: Request) -> Response:
    """List the catalogues that the page /about/peers shows."""
    now = now_of(request)
    visited = [peer for peer in request.app.state.store.peers.all() if peer.state in VISITED_STATES]
    records = [_peer(wording_peers.shown_peer(peer, now)) for peer in visited]
    return json_answer(request, {"peers": records}, human="/about/peers")


def _peer(peer: wording_peers.ShownPeer) -> PeerRecord:
    refusal = peer.peer.refusal
    return {
        "slug": peer.peer.slug,
        "name": dict(peer.name),
        "host": peer.peer.host,
        "url": peer.address or None,
        "state": peer.state,
        "last_read_at": utc_text(peer.peer.last_good_at),
        "refused": {"reason": peer.refusal, "subject": peer.subject or None, "at": utc_text(refusal.at)}
        if refusal
        else None,
        "operator": peer.operator or None,
        "criteria": dict(peer.criteria),
        "validation": dict(peer.validation),
        "refresh": dict(peer.refresh),
        "languages": list(peer.languages),
        "data_license": dict(peer.licenses),
    }


ROUTES = [
    DescribedRoute(
        "/api/v1/peers",
        "api-peers",
        TAG,
        {
            "GET": Operation(
                peers,
                "The catalogues whose records are read here, and by which rules each says that it works",
                whole_list("peers", PeerRecord),
            )
        },
    ),
]
