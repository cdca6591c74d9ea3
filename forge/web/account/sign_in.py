"""Signing in without a password: an address is asked for, a message brings a link, its page has a button.

Every address gets the same answer, known or not. Opening the link changes nothing; only the button's POST does.
"""

from contextlib import suppress
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import NotFound
from catalog.ownership import representatives, verify
from catalog.rules.person import Link, Person
from catalog.rules.person import address as email_address
from catalog.rules.submission import SENT, Declaration
from catalog.store.ownership.verifications import KEEP, SPEAK
from forge.i18n.languages import mark
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import person_of, private, safe_next, signed_in, signed_out
from forge.web.wording import submissions as wording_submissions

NO_ADDRESS = mark("Enter an e-mail address like name@example.org")


def show(request: Request) -> Response:
    going = safe_next(request.query_params.get("next", ""))
    if person_of(request):
        return RedirectResponse(going or f"/{request.state.tongue.tag}/me", 303)
    return _page(request, Form({"next": [going]}))


def send(request: Request) -> Response:
    form: Form = request.state.form
    email = email_address(form.line("email"))
    if email is None:
        form.wrong("email", NO_ADDRESS)
        return _page(request, form, 422)
    tag = request.state.tongue.tag
    going = safe_next(form.line("next"))
    request.app.state.store.people.send_sign_in(email, tag, {"next": going}, now=now_of(request))
    return RedirectResponse(f"/{tag}/sign-in/sent", 303)


def sent(request: Request) -> Response:
    return page(request, "account/sign-in-sent.html", noindex=True)


def link(request: Request) -> Response:
    """The page that a message's link opens: who signs in, and a button. It holds an address and is nobody else's."""
    return _link(request)


def _link(request: Request, status: int = 200) -> Response:
    token = request.path_params["token"]
    try:
        found = request.app.state.store.people.link(token, now=now_of(request))
        one = _declared(request, found)
    except NotFound:
        return _ended(request)
    answer = page(
        request,
        "account/sign-in-link.html",
        status,
        token=token,
        email=found.email,
        declares=found.purpose == submissions.DECLARE,
        one=one,
        lines=wording_submissions.lines(submissions.rows(request.app.state.store, one)) if one else (),
        words=wording_submissions,
        anew=status != 200,
        keeps=found.purpose == KEEP,
        speaks=found.purpose == SPEAK,
        canonical=_plain(request),
        noindex=True,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def use(request: Request) -> Response:
    tag, token = request.state.tongue.tag, request.path_params["token"]
    store, now = request.app.state.store, now_of(request)
    try:
        found = store.people.link(token, now=now)
        if found.purpose == submissions.DECLARE:
            one, seen = _declared(request, found), request.state.form.line("seen")
            if one is not None and seen and seen != one.changed_at.isoformat():
                return _link(request, 409)  # somebody typed on since it was read: nobody sends what they did not see
            _, session, one = submissions.open_link(store, token, tag, now=now)
            return signed_in(request, session, f"/{tag}/declarations/{one.reference}")
        if found.purpose == KEEP:
            _, session, slug = verify.accept(store, token, tag, now=now)
            return signed_in(request, session, f"/{tag}/projects/{slug}/keep")
        if found.purpose == SPEAK:
            _, session, slug = representatives.accept(store, token, tag, now=now)
            return signed_in(request, session, f"/{tag}/organizations/{slug}/speakers")
        _, session, used = store.people.sign_in(token, tag, now=now)
    except NotFound:
        return _ended(request)
    return signed_in(request, session, safe_next(used.argument.get("next", "")) or f"/{tag}/me")


def _ended(request: Request) -> Response:
    """A link that opens nothing any more: on to what the first press led to for who is signed in by it, else why."""
    found: Link | None = request.app.state.store.people.ended_link(request.path_params["token"])
    someone = person_of(request)
    if found and found.used_at and someone and found.email in ("", someone.email):
        return RedirectResponse(_led_to(request, found, someone), 303)
    over = found is not None and found.expires_at <= now_of(request)
    answer = page(
        request,
        "account/sign-in-expired-link.html",
        410,
        state="unknown" if found is None else "used" if found.used_at else "over" if over else "replaced",
        purpose=found.purpose if found else "",
        lasted=found.expires_at - found.created_at if found else None,
        kept=found is not None and _sent_by(request, found) is not None,
        person=someone,
        canonical=_plain(request),
        noindex=True,
    )
    return private(answer)


def _led_to(request: Request, used: Link, someone: Person) -> str:
    tag, one = request.state.tongue.tag, _sent_by(request, used)
    if one is not None and one.person_id == someone.id:
        return f"/{tag}/declarations/{one.reference}"
    return safe_next(used.argument.get("next", "")) or f"/{tag}/me"


def _sent_by(request: Request, ended: Link) -> Declaration | None:
    """What a link was for that sent something, or told of it; None where that is not here any more."""
    if ended.purpose != submissions.DECLARE:
        return None
    with suppress(NotFound):
        found: Declaration = request.app.state.store.declarations.one(UUID(ended.argument["declaration"]))
        return found
    return None


def out(request: Request) -> Response:
    someone = person_of(request)
    if someone is not None:
        request.app.state.store.people.end_session(someone.id, request.state.session.id)
    return signed_out(request, f"/{request.state.tongue.tag}/")


def _declared(request: Request, found: Link) -> Declaration | None:
    """What the press on this link's page sends; None where it sends nothing. Raises NotFound where it is gone, or waits
    for another address by now."""
    if found.purpose != submissions.DECLARE:
        return None
    one: Declaration = request.app.state.store.declarations.one(UUID(found.argument["declaration"]))
    if one.state == SENT and one.email != found.email:
        raise NotFound("link", found.id[:8])
    return one if one.state == SENT else None


def _page(request: Request, form: Form, status: int = 200) -> Response:
    own, plain = request.app.state.oidc, _plain(request)
    return page(
        request,
        "account/sign-in.html",
        status,
        form=form,
        network=address(f"{plain}/network", [("next", form.line("next"))]) if own else "",
        host=own.host if own else "",
        noindex=True,
        canonical=plain,
    )


def _plain(request: Request) -> str:
    return address(f"/{request.state.tongue.tag}/sign-in")
