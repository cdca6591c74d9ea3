"""Following a project by mail: the form, the message's link, and the page that stops it at one press.

An address that nobody proved gets the same answer as any other. Nobody needs to sign in, neither to begin nor to end.
It is no kind of submission: it says nothing to others, and its one field is an address.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.person import normalized_address as email_address
from catalog.sentences import mark
from catalog.store.follows.follow_rows import CONFIRM_FOLLOW
from forge.security import unsubscribe_tokens
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.projects.project_identity import project_name_of

NO_ADDRESS = mark("Enter an e-mail address like name@example.org")
TOO_MANY = mark("You follow 100 things already. Stop one of them first, on your page")


def follow_page(request: Request) -> Response:
    return _page(request, Form())


def begin_follow(request: Request) -> Response:
    """Follow at once for signed-in people; everybody else gets a message with a link."""
    form: Form = request.state.form
    project, someone, typed = project_name_of(request), person_of(request), form.line("email")
    email = email_address(typed)
    tag, store = request.state.page_language.tag, request.app.state.store
    if someone is not None and typed.lower() in ("", someone.email):
        try:
            store.follows.begin(someone.id, project.id, now=now_of(request))
        except AlreadyExists:
            form.wrong("email", TOO_MANY)
            return _page(request, form, 422)
        return RedirectResponse(f"/{tag}/me#follows", 303)
    if email is None:
        form.wrong("email", NO_ADDRESS)
        return _page(request, form, 422)
    store.follows.ask(email, tag, project.id, now=now_of(request))
    return page(request, "account/link-sent.html", follow=True, noindex=True)


def confirm_page(request: Request) -> Response:
    """Show the page that a message's link opens: mail scanners open links too, so that only its button turns it on."""
    token, store = request.path_params["token"], request.app.state.store
    try:
        link = store.people.link(token, now=now_of(request))
    except NotFound:
        link = None
    if link is None or link.purpose != CONFIRM_FOLLOW:
        return _ended_link(request)
    names = store.follows.names_of([UUID(link.argument["project"])])
    return make_private(
        page(
            request,
            "account/follow-confirm.html",
            token=token,
            email=link.email,
            called=names[0][1] if names else "",
            noindex=True,
        )
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
    kind, key = _token(request)
    store, name = request.app.state.store, ""
    try:
        if kind == unsubscribe_tokens.FOLLOW:
            name, here = store.follows.get(key).name, True
        else:
            here = bool(store.follows.of_person(key))
    except NotFound:
        here = False
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


def _token(request: Request) -> tuple[str, UUID]:
    """What the token of the address stops. Raises NotFound for a token that is none of ours."""
    token = unsubscribe_tokens.read_token(request.app.state.secret, request.path_params["token"])
    if token is None:
        raise NotFound("off", "")
    return token


def _stop(request: Request, *, every: bool) -> None:
    """Stop what the token names. Raises NotFound as `_token`. What is off already stays so."""
    kind, key = _token(request)
    follows = request.app.state.store.follows
    if kind == unsubscribe_tokens.FOLLOW and every:
        try:
            follows.end_all(follows.get(key).follow.person_id)
        except NotFound:
            return
    elif kind == unsubscribe_tokens.FOLLOW:
        follows.delete(key)
    else:
        follows.end_all(key)


def _page(request: Request, form: Form, status: int = 200) -> Response:
    project, someone = project_name_of(request), person_of(request)
    answer = page(
        request,
        "account/follow.html",
        status,
        form=form,
        project=project,
        mine=someone.email if someone else "",
        noindex=True,
    )
    return make_private(answer) if someone or status != 200 else answer
