"""The desk's pages of other catalogues: what each is, what following it would bring, what is decided of each kind of
record. They contact nobody; `forge.exchange.follow` does.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid
from catalog.moderation import PeerDecisionRequest
from catalog.rules.peer import BLOCKED, FOLLOW, FOLLOWING, KINDS, NEW, Peer
from catalog.rules.permissions import may
from forge.web.core.form import Form
from forge.web.core.list_query import line_number
from forge.web.core.render import now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import peers

BACK, LOOK, ALL, ALLOW = "back", "look", "all", "allow"


def overview(request: Request) -> Response:
    now, store = now_of(request), request.app.state.store
    every = [peers.shown_peer(peer, now) for peer in store.peers.all()]
    return case_pages.drawn(
        request,
        "desk/peers.html",
        peers=every,
        peer_words=peers,
    )


def peer_page(request: Request) -> Response:
    peer = _peer(request)
    return _page(request, peer, _as_it_is(peer))


def decide(request: Request) -> Response:
    """What is typed is decided at once; each line of it is taken back by a press."""
    peer, form, store, now = _peer(request), request.state.form, request.app.state.store, now_of(request)
    try:
        if form.line("step") == LOOK and peer.state != BLOCKED:
            store.peers.look_again(peer.id, now=now)
        elif form.line("step") == BACK:
            moderation.take_back_peer(store, signed_in_person(request), line_number(form.line("line")) or 0, now=now)
        elif form.line("step") == ALLOW:
            moderation.allow_peer(store, signed_in_person(request), peer.id, form.text("words"), now=now)
        elif form.line("step") == ALL:
            wish = PeerDecisionRequest(FOLLOWING, dict.fromkeys(KINDS, FOLLOW), form.text("words"))
            moderation.decide_peer(store, signed_in_person(request), peer.id, wish, now=now)
        else:
            kinds = {kind: form.line(f"kind-{kind}") for kind in KINDS if form.line(f"kind-{kind}")}
            wish = PeerDecisionRequest(form.line("state"), kinds, form.text("words"))
            moderation.decide_peer(store, signed_in_person(request), peer.id, wish, now=now)
    except Invalid as error:
        case_pages.note(form, error)
        return _page(request, peer, form if form.line("step") != BACK else _as_it_is(peer, form), 422)
    return RedirectResponse(request.url.path, 303)


def _page(request: Request, peer: Peer, form: Form, status: int = 200) -> Response:
    return case_pages.drawn(
        request,
        "desk/peer.html",
        status,
        peer=peers.shown_peer(peer, now_of(request)),
        coming=peers.peer_preview(peer),
        held=request.app.state.store.received_records.held(peer.id),
        looking=request.app.state.store.peers.is_looked_at(peer.id),
        lines=request.app.state.store.peers.lines(peer.id),
        kinds=KINDS,
        form=form,
        peer_words=peers,
        decides=may(signed_in_person(request), "desk-peer-decide"),
        here=request.url.path,
    )


def _as_it_is(peer: Peer, wrong: Form | None = None) -> Form:
    """The form as it would be sent if nothing were changed; of a new peer, with the wish to read it."""
    state = FOLLOWING if peer.state == NEW else peer.state
    form = Form({"state": [state], **{f"kind-{kind}": [peer.decision(kind)] for kind in KINDS}})
    for field, sentence in wrong.problems.items() if wrong is not None else ():
        form.wrong(field, sentence)
    return form


def _peer(request: Request) -> Peer:
    found: Peer = request.app.state.store.peers.by_slug(request.path_params["slug"])
    return found
