"""The page of a record as readers would see it if something that waits were published: for whoever may decide on it.

It is drawn by the record's own page, from a transaction that is never kept.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.moderate import previewing
from forge.web.render import now_of
from forge.web.session import private, somebody


def show(request: Request) -> Response:
    store, someone, now = request.app.state.store, somebody(request), now_of(request)
    one = store.declarations.by_reference(request.path_params["reference"])
    desk = f"/{request.state.tongue.tag}/desk/declarations/{one.reference}"
    if one.sent_at is None:
        raise NotFound("preview", "")
    try:
        with previewing.published(store, someone, one.id, now=now) as (kind, slug):
            answer: Response = request.app.state.drawn[kind](_as_reader(request, kind, slug, desk))
    except Invalid:
        return RedirectResponse(desk, 303)  # its page says what keeps it from being published
    answer.headers["X-Robots-Tag"] = "noindex"
    return private(answer)


def _as_reader(request: Request, kind: str, slug: str, desk: str) -> Request:
    """The request of somebody who reads the record's page and is nobody here; `preview` marks its page."""
    tag = request.state.tongue.tag
    path = f"/{tag}/{kind}s/{slug}"
    headers = [(name, value) for name, value in request.scope["headers"] if name in (b"host", b"accept-language")]
    scope = {
        **request.scope,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "path_params": {"language": tag, "slug": slug},
        "state": {"tongue": request.state.tongue, "now": now_of(request), "person": None, "session": None}
        | {"manifest": request.app.state.store.manifest(), "preview": desk},
    }
    return Request(scope)


PAGES = [("/desk/declarations/{reference}/preview", show, "desk-declaration-preview")]  # below /{language}
