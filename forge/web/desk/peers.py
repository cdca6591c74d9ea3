"""The desk's pages of other catalogues: what each is, and whether it is followed. They contact nobody;
`forge.exchange.follow` does.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid
from catalog.rules.peer import FOLLOWING, NEW, Peer
from catalog.rules.permissions import may
from forge.web.core.form import Form
from forge.web.core.render import base_url, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import peers

ALLOW = "allow"


def overview(request: Request) -> Response:
    now, store = now_of(request), request.app.state.store
    every = store.peers.all()
    return case_pages.drawn(
        request,
        "desk/peers.html",
        peers=[peers.shown_peer(peer, now) for peer in every],
        hints=peers.hints(every, base_url(request)),
    )


def peer_page(request: Request) -> Response:
    peer = _peer(request)
    return _page(request, peer, Form({"state": [FOLLOWING if peer.state == NEW else peer.state]}))


def decide(request: Request) -> Response:
    """What is chosen is decided at once."""
    peer, form, store, now = _peer(request), request.state.form, request.app.state.store, now_of(request)
    person, words = signed_in_person(request), form.text("words")
    try:
        if form.line("step") == ALLOW:
            moderation.allow_peer(store, person, peer.id, words, now=now)
        else:
            moderation.decide_peer(store, person, peer.id, form.line("state"), words, now=now)
    except Invalid as error:
        case_pages.note(form, error)
        return _page(request, peer, form, 422)
    return RedirectResponse(request.url.path, 303)


def _page(request: Request, peer: Peer, form: Form, status: int = 200) -> Response:
    return case_pages.drawn(
        request,
        "desk/peer.html",
        status,
        peer=peers.shown_peer(peer, now_of(request)),
        held=request.app.state.store.received_records.held(peer.id),
        form=form,
        decides=may(signed_in_person(request), "desk-peer-decide"),
    )


def _peer(request: Request) -> Peer:
    peer: Peer = request.app.state.store.peers.by_slug(request.path_params["slug"])
    return peer
