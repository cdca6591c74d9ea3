"""Following by mail: the form on pages, the message's link, and the page that stops it at one press.

An address that nobody proved gets the same answer as any other. Nobody needs to sign in, neither to begin nor to end.
It is no kind of submission: it says nothing to others, and its one field is an address.
"""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from catalog.errors import AlreadyExists, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.follow import DOMAIN, KINDS, MAX_QUERY, SEARCH
from catalog.rules.person import normalized_address as email_address
from catalog.sentences import mark
from catalog.store.follows.rows import CONFIRM_FOLLOW, link_argument
from catalog.vocabulary import vocabulary
from forge.security import unsubscribe_tokens
from forge.web.core.form import Form
from forge.web.core.list_query import read_query
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.search.facets import filter_value_label

NO_ADDRESS = mark("Enter an e-mail address like name@example.org")
TOO_MANY = mark("You follow 100 things already. Stop one of them first, on your page")


def follow_page(request: Request) -> Response:
    """Show the form on a page of its own."""
    return _page(request, Form({name: [request.query_params.get(name, "")] for name in ("kind", "of", "query")}))


def begin_follow(request: Request) -> Response:
    """Follow at once for signed-in people; everybody else gets a message with a link."""
    form: Form = request.state.form
    argument, _ = _wanted_follow(request, form)
    someone, typed = person_of(request), form.line("email")
    email = email_address(typed)
    tag, store = request.state.page_language.tag, request.app.state.store
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


def follow_sent_page(request: Request) -> Response:
    return page(request, "account/follow-sent.html", noindex=True)


def confirm_page(request: Request) -> Response:
    """Show the page that a message's link opens: mail scanners open links too, so that only its button turns it on."""
    token = request.path_params["token"]
    try:
        sign_in_link = request.app.state.store.people.link(token, now=now_of(request))
    except NotFound:
        sign_in_link = None
    if sign_in_link is None or sign_in_link.purpose != CONFIRM_FOLLOW:
        return _ended_link(request)
    name = _name_of_followed(
        request, sign_in_link.argument["kind"], sign_in_link.argument["key"], sign_in_link.argument.get("query", "")
    )
    return make_private(
        page(request, "account/follow-confirm.html", token=token, email=sign_in_link.email, called=name, noindex=True)
    )


def turn_on(request: Request) -> Response:
    tag, state = request.state.page_language.tag, request.app.state
    try:
        _, follow = state.store.follows.open_link(request.path_params["token"], tag, now=now_of(request))
    except NotFound:
        return _ended_link(request)
    except AlreadyExists:
        return page(request, "account/follow-expired-link.html", 422, used=False, noindex=True)
    return RedirectResponse(
        f"/{tag}/off/{unsubscribe_tokens.make_token(state.secret, unsubscribe_tokens.FOLLOW, follow.id)}", 303
    )


def _ended_link(request: Request) -> Response:
    """Show the page of a link that turns nothing on any more: whether it did so before."""
    ended = request.app.state.store.people.ended_link(request.path_params["token"])
    used = ended is not None and ended.purpose == CONFIRM_FOLLOW and ended.used_at is not None
    return page(request, "account/follow-expired-link.html", 410, used=used, noindex=True)


def unsubscribe_page(request: Request) -> Response:
    """Show what one press stops: the page behind each message's link. It shows only what that link is for."""
    kind, name, here = _stopped_by_token(request)
    return make_private(
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


def unsubscribe(request: Request) -> Response:
    """Turn it off, and with `what=all` all that the person follows."""
    _stop(request, every=request.state.form.line("what") == "all")
    return RedirectResponse(request.url.path, 303)


def one_click(request: Request) -> Response:
    """Answer what a mail program sends by itself when its reader presses "unsubscribe" (RFC 8058)."""
    _stop(request, every=False)
    return PlainTextResponse("It is off.\n", headers={"Cache-Control": "no-store"})


def _stop(request: Request, *, every: bool) -> None:
    """Stop what the token names. Raises NotFound for a token that is none of ours. What is off already stays so."""
    state = request.app.state
    token = unsubscribe_tokens.read_token(state.secret, request.path_params["token"])
    if token is None:
        raise NotFound("off", "")
    kind, key = token
    follows, agreements = state.store.follows, state.store.alert_subscriptions
    if kind == unsubscribe_tokens.FOLLOW and every:
        try:
            follows.end_all(follows.get(key).follow.person_id)
        except NotFound:
            return
    elif kind == unsubscribe_tokens.FOLLOW:
        follows.delete(key)
    elif kind == unsubscribe_tokens.FOLLOWS:
        follows.end_all(key)
    else:
        agreements.delete(key)


def _stopped_by_token(request: Request) -> tuple[str, str, bool]:
    """Return the kind of the token, the name of what it stops, and whether that is still on. Raises NotFound."""
    state = request.app.state
    token = unsubscribe_tokens.read_token(state.secret, request.path_params["token"])
    if token is None:
        raise NotFound("off", "")
    kind, key = token
    try:
        if kind == unsubscribe_tokens.FOLLOW:
            followed = state.store.follows.get(key)
            return (
                kind,
                followed.name
                or _name_of_followed(request, followed.follow.kind, followed.follow.key, followed.follow.query or ""),
                True,
            )
        if kind == unsubscribe_tokens.AGREEMENT:
            return kind, state.store.alert_subscriptions.get(key)[2], True
    except NotFound:
        return kind, "", False
    return kind, "", bool(state.store.follows.rows(key))


def _wanted_follow(request: Request, form: Form) -> tuple[dict[str, str], str]:
    """Return what is to be followed, and its name. Raises NotFound for what is not here."""
    kind, of, store = form.line("kind"), form.line("of")[:100], request.app.state.store
    if kind not in KINDS:
        raise NotFound("page", kind[:16])
    if kind in (PROJECT, ORGANIZATION):
        key, name = store.follows.subject(kind, of)
        return link_argument(kind, record_id=key), name
    if kind == DOMAIN:
        if of not in vocabulary("domain").terms:
            raise NotFound(DOMAIN, of)
        return link_argument(kind, term=of), filter_value_label("domain", of, request.state.page_language)
    query = canonical_search(form.line("query"))
    return link_argument(kind, query=query), _name_of_followed(request, SEARCH, "", query)


def canonical_search(text: str) -> str:
    """Return a search as it is stored: its words and filters in one order, without page and sorting.

    Raises NotFound for one that is longer than the address of a page: a part of it would be another search.
    """
    canonical = (
        urlencode(read_query(parse_qsl(text)).sorted_by("best").parameters(page=1)) if len(text) <= MAX_QUERY else text
    )
    if len(canonical) > MAX_QUERY:
        raise NotFound(SEARCH, "")
    return canonical


def _name_of_followed(request: Request, kind: str, key: str, query: str) -> str:
    """Return the name of what is followed, in the reader's language; empty for what left the catalogue."""
    page_language = request.state.page_language
    if kind == DOMAIN:
        return filter_value_label("domain", key, page_language)
    if kind == SEARCH:
        saved = read_query(parse_qsl(query))
        shown = [saved.text, *(filter_value_label(name, value, page_language) for name, value in saved.chosen)]
        return str(page_language.comma.join(part for part in shown if part))
    name_here = request.app.state.store.follows.name(kind, key)
    return name_here or ""


def _page(request: Request, form: Form, status: int = 200) -> Response:
    _, name = _wanted_follow(request, form)
    someone = person_of(request)
    answer = page(
        request,
        "account/follow.html",
        status,
        form=form,
        called=name,
        mine=someone.email if someone else "",
        canonical=f"/{request.state.page_language.tag}/follow",
        noindex=True,
    )
    return make_private(answer) if someone or status != 200 else answer
