"""The session's cookie: read, set and deleted. Readers have none. Signing in is in `forge.web.account`.

The cookie is `__Host-` bound where the site is https, not for scripts, and not sent with requests that other sites
start.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotAllowed
from catalog.rules.person import Person
from catalog.store.people.accounts import SESSION_LIFETIME
from forge.web.core.render import address, now_of, page

NAME, SECURE_NAME = "forge", "__Host-forge"
MAX_COOKIE = 100
# What buttons, choices and hidden fields of forms say by themselves: of these alone nothing is lost with the session.
PRESSED = frozenset(
    {"step", "go", "next", "seen", "draft", "back", "choice", "reason", "way", "language", "visibility", "looked"}
    | {"field", "session", "unfollow", "who", "invited", "line"}
)
PRIVATE = {"Cache-Control": "private, no-store"}


def person_of(request: Request) -> Person | None:
    """Return who is signed in, read once a request; None for readers."""
    if not hasattr(request.state, "person"):
        token = request.cookies.get(_cookie_name(request), "")
        request.state.person = request.state.session = None  # also where the store fails: its page says so to readers
        if token and len(token) <= MAX_COOKIE:
            person_and_session = request.app.state.store.people.of_session(token, now=now_of(request))
            request.state.person, request.state.session = person_and_session or (None, None)
    someone: Person | None = request.state.person
    return someone


def signed_in_person(request: Request) -> Person:
    """Return who is signed in. Raises NotAllowed("sign-in") for readers: the error leads to the page that signs in."""
    someone = person_of(request)
    if someone is None:
        raise NotAllowed("sign-in")
    return someone


def make_private(answer: Response) -> Response:
    """Let no cache on the way keep the answer: it depends on the reader."""
    answer.headers.update(PRIVATE)
    return answer


def typed_and_pressed(request: Request) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return what somebody typed into the form that they sent, and the rest of it; both empty where none was read."""
    form = getattr(request.state, "form", None)
    fields = [(name, value) for name, values in form.values.items() for value in values] if form is not None else []
    typed = [(name, value) for name, value in fields if value and name not in PRESSED]
    return typed, [pair for pair in fields if pair not in typed]


def asked_to_sign_in(request: Request) -> Response:
    """Redirect to the page that signs in; what was typed before the session was over is given back first."""
    typed, pressed = typed_and_pressed(request)
    if not typed:
        return RedirectResponse(sign_in_address(request), 303)
    answer = page(
        request,
        "account/signed-out.html",
        403,
        typed=typed,
        pressed=pressed,
        sign_in=address(f"/{request.state.page_language.tag}/sign-in"),
        action=request.url.path,
        noindex=True,
    )
    return make_private(answer)


def sign_in_address(request: Request) -> str:
    """Return the page that signs in and comes back to where the reader is; a form's page comes back to its start."""
    page_language = request.state.page_language.tag
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return address(f"/{page_language}/sign-in", [("next", back if request.method == "GET" else request.url.path)])


def safe_next(text: str) -> str:
    """Return a path of ours to go on to; empty for any other address. "//host" and "/\\host" would be other sites."""
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= 500
    return text if fine and text.isprintable() and "\\" not in text else ""


def start_session(request: Request, token: str, to: str) -> Response:
    """Redirect to a page of ours, with the cookie. The session that this browser had is over, also for somebody who
    kept its cookie.
    """
    if (before := person_of(request)) is not None:
        request.app.state.store.people.end_session(before.id, request.state.session.id)
    answer = RedirectResponse(to, 303)
    answer.set_cookie(
        _cookie_name(request),
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )
    return answer


def end_session(request: Request, to: str) -> Response:
    answer = RedirectResponse(to, 303)
    answer.delete_cookie(_cookie_name(request), path="/", secure=is_https(request), httponly=True, samesite="lax")
    return answer


def is_https(request: Request) -> bool:
    """Return whether the site is https, so that cookies are bound to it."""
    return bool((request.app.state.site.base_url or "").startswith("https://"))


def _cookie_name(request: Request) -> str:
    return SECURE_NAME if is_https(request) else NAME
