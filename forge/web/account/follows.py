"""Following by mail: the form that pages hold, the message's link, and the page that stops it at one press.

An address that nobody proved gets the same answer as any other. Nobody needs to sign in, neither to begin nor to end.
"""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.follow import DOMAIN, KINDS, MAX_QUERY, ORGANIZATION, PROJECT, SEARCH
from catalog.rules.person import address as email_address
from catalog.store.follows.rows import FOLLOW, described
from catalog.vocabulary import vocabulary
from forge.i18n.languages import mark
from forge.security import unsubscribe_tokens
from forge.web.core.form import Form
from forge.web.core.list_query import wish_of
from forge.web.core.render import now_of, page
from forge.web.core.session import person_of, private
from forge.web.search.facets import label

NO_ADDRESS = mark("Enter an e-mail address like name@example.org")
TOO_MANY = mark("You follow 100 things already. Stop one of them first, on your page")


def show(request: Request) -> Response:
    """The form on a page of its own, for whoever has its address."""
    return _page(request, Form({name: [request.query_params.get(name, "")] for name in ("kind", "of", "query")}))


def send(request: Request) -> Response:
    """Who signed in follows at once; everybody else gets a message with a link."""
    form: Form = request.state.form
    argument, _ = _wanted(request, form)
    someone, typed = person_of(request), form.line("email")
    email = email_address(typed)
    tag, store = request.state.tongue.tag, request.app.state.store
    if someone is not None and typed.lower() in ("", someone.email):
        try:
            store.follows.begin(someone.id, argument, now=now_of(request))
        except AlreadyExists:
            form.wrong("email", TOO_MANY)
            return _page(request, form, 422)
        return RedirectResponse(f"/{tag}/me#follows", 303)
    if email is None:
        form.wrong("email", NO_ADDRESS)
        return _page(request, form, 422)
    store.follows.ask(email, tag, argument, now=now_of(request))
    return RedirectResponse(f"/{tag}/follow/sent", 303)


def sent(request: Request) -> Response:
    return page(request, "account/follow-sent.html", noindex=True)


def link(request: Request) -> Response:
    """The page that a message's link opens: mail scanners open links too, so that only its button turns it on."""
    token = request.path_params["token"]
    try:
        found = request.app.state.store.people.link(token, now=now_of(request))
    except NotFound:
        found = None
    if found is None or found.purpose != FOLLOW:
        return _ended(request)
    name = _named(request, found.argument["kind"], found.argument["key"], found.argument.get("query", ""))
    return private(
        page(request, "account/follow-confirm.html", token=token, email=found.email, called=name, noindex=True)
    )


def turn_on(request: Request) -> Response:
    tag, state = request.state.tongue.tag, request.app.state
    try:
        _, one = state.store.follows.open_link(request.path_params["token"], tag, now=now_of(request))
    except NotFound:
        return _ended(request)
    except AlreadyExists:
        return page(request, "account/follow-expired-link.html", 422, used=False, noindex=True)
    return RedirectResponse(
        f"/{tag}/off/{unsubscribe_tokens.token(state.secret, unsubscribe_tokens.FOLLOW, one.id)}", 303
    )


def _ended(request: Request) -> Response:
    """A link that turns nothing on any more: whether it did so before."""
    found = request.app.state.store.people.ended_link(request.path_params["token"])
    used = found is not None and found.purpose == FOLLOW and found.used_at is not None
    return page(request, "account/follow-expired-link.html", 410, used=used, noindex=True)


def off_show(request: Request) -> Response:
    """What one press stops: the page behind each message's link. It tells only what that link stands for."""
    kind, name, here = _stopped(request)
    return private(
        page(
            request,
            "account/unsubscribed.html",
            kind=kind,
            called=name,
            here=here,
            action=request.url.path,
            noindex=True,
        )
    )


def off_press(request: Request) -> Response:
    """It is off, and with `what=all` all that the person follows."""
    _stop(request, every=request.state.form.line("what") == "all")
    return RedirectResponse(request.url.path, 303)


def one_click(request: Request) -> Response:
    """What a mail program sends by itself when its reader presses "unsubscribe" (RFC 8058): it answers nobody."""
    _stop(request, every=False)
    return PlainTextResponse("It is off.\n", headers={"Cache-Control": "no-store"})


def _stop(request: Request, *, every: bool) -> None:
    """Raises NotFound for a token that is none of ours. What is off already stays so."""
    state = request.app.state
    found = unsubscribe_tokens.read(state.secret, request.path_params["token"])
    if found is None:
        raise NotFound("off", "")
    kind, key = found
    follows, agreements = state.store.follows, state.store.agreements
    if kind == unsubscribe_tokens.FOLLOW and every:
        try:
            follows.end_all(follows.one(key).follow.person_id)
        except NotFound:
            return
    elif kind == unsubscribe_tokens.FOLLOW:
        follows.end(key)
    elif kind == unsubscribe_tokens.FOLLOWS:
        follows.end_all(key)
    else:
        agreements.end(key)


def _stopped(request: Request) -> tuple[str, str, bool]:
    """Kind of the token, the name of what it stops, and whether that is still on. Raises NotFound."""
    state = request.app.state
    found = unsubscribe_tokens.read(state.secret, request.path_params["token"])
    if found is None:
        raise NotFound("off", "")
    kind, key = found
    try:
        if kind == unsubscribe_tokens.FOLLOW:
            one = state.store.follows.one(key)
            return kind, one.name or _named(request, one.follow.kind, one.follow.key, one.follow.query or ""), True
        if kind == unsubscribe_tokens.AGREEMENT:
            return kind, state.store.agreements.one(key)[2], True
    except NotFound:
        return kind, "", False
    return kind, "", bool(state.store.follows.rows(key))


def _wanted(request: Request, form: Form) -> tuple[dict[str, str], str]:
    """What is to be followed, and its name. Raises NotFound for what is not here."""
    kind, of, store = form.line("kind"), form.line("of")[:100], request.app.state.store
    if kind not in KINDS:
        raise NotFound("page", kind[:16])
    if kind in (PROJECT, ORGANIZATION):
        key, name = store.follows.subject(kind, of)
        return described(kind, record_id=key), name
    if kind == DOMAIN:
        if of not in vocabulary("domain").terms:
            raise NotFound(DOMAIN, of)
        return described(kind, term=of), label("domain", of, request.state.tongue)
    query = searched(form.line("query"))
    return described(kind, query=query), _named(request, SEARCH, "", query)


def searched(text: str) -> str:
    """A search as it is kept: its words and filters in one order, without page and sorting.

    Raises NotFound for one that is longer than the address of a page: a part of it would be another search.
    """
    kept = urlencode(wish_of(parse_qsl(text)).sorted_by("best").query(page=1)) if len(text) <= MAX_QUERY else text
    if len(kept) > MAX_QUERY:
        raise NotFound(SEARCH, "")
    return kept


def _named(request: Request, kind: str, key: str, query: str) -> str:
    """What is followed, in the reader's language; empty for what left the catalogue."""
    tongue = request.state.tongue
    if kind == DOMAIN:
        return label("domain", key, tongue)
    if kind == SEARCH:
        wish = wish_of(parse_qsl(query))
        shown = [wish.text, *(label(name, value, tongue) for name, value in wish.chosen)]
        return str(tongue.comma.join(one for one in shown if one))
    found = request.app.state.store.follows.name(kind, key)
    return found or ""


def _page(request: Request, form: Form, status: int = 200) -> Response:
    _, name = _wanted(request, form)
    someone = person_of(request)
    answer = page(
        request,
        "account/follow.html",
        status,
        form=form,
        called=name,
        mine=someone.email if someone else "",
        canonical=f"/{request.state.tongue.tag}/follow",
        noindex=True,
    )
    return private(answer) if someone or status != 200 else answer


ROUTES = [Route("/off/{token}", one_click, methods=["POST"], name="off-one-click")]
