"""A person's own page: whom they stand for, where they are signed in, their language, their data, the way out."""

import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from forge.web.form import Form
from forge.web.render import now_of, offered, page
from forge.web.session import PRIVATE, private, signed_out, somebody
from forge.web.speaks import speaks_of


def show(request: Request) -> Response:
    someone = somebody(request)
    state = request.app.state
    return private(
        page(
            request,
            "me.html",
            person=someone,
            present=request.state.session,
            sessions=state.store.people.sessions(someone.id, now=now_of(request)),
            speaks=speaks_of(request),
            noindex=True,
        )
    )


def change(request: Request) -> Response:
    """One press: another language, or a session that ends."""
    someone = somebody(request)
    form: Form = request.state.form
    people, tag = request.app.state.store.people, request.state.tongue.tag
    if (wanted := form.line("language")) in offered(request):
        people.speak(someone.id, wanted)
        tag = wanted
    if ended := form.line("session"):
        people.end_session(someone.id, None if ended == "all" else ended)
        if ended in ("all", request.state.session.id):
            return signed_out(request, f"/{tag}/sign-in")
    return RedirectResponse(f"/{tag}/me", 303)


def data(request: Request) -> Response:
    """All that is kept about the person, as a file."""
    kept = request.app.state.store.people.everything(somebody(request).id)
    headers = PRIVATE | {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(json.dumps(kept, ensure_ascii=False, indent=1), headers=headers, media_type="application/json")


def ask(request: Request) -> Response:
    """The page that says what goes and what stays, with the button."""
    somebody(request)
    return private(page(request, "me-delete.html", problem="", noindex=True))


def delete(request: Request) -> Response:
    someone = somebody(request)
    try:
        request.app.state.store.people.delete(someone.id)
    except Invalid as error:
        return private(page(request, "me-delete.html", 422, problem=error.errors["account"], noindex=True))
    return signed_out(request, f"/{request.state.tongue.tag}/")
