"""The first page, and the way to a page in the reader's language. It draws no other: a start waits for it alone."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from catalog.errors import NotFound
from forge import languages
from forge.web import called
from forge.web.needs import FINANCE, ORGANIZATION
from forge.web.render import address, offered, page
from forge.web.stories import stories

SUITE = "suite"  # slug of the collection that home shows; another instance may have none
RECENT = 5
AWAITING = 3  # calls that home shows


def show(request: Request) -> Response:
    store = request.app.state.store.pages
    counts = store.domain_counts()
    lists = store.collections()
    suite = next((one for one in lists if one.slug == SUITE), None)
    return page(
        request,
        "home.html",
        finance=[(term, sentence) for term, sentence in FINANCE if counts.get(term)],
        organization=[(term, sentence) for term, sentence in ORGANIZATION if counts.get(term)],
        suite=suite,
        lists=[one for one in lists if one is not suite],
        recent=[card for card in store.recent(RECENT) if card.last_commit_at],
        totals=store.totals(),
        added=store.added(RECENT),
        stories=stories(store.told_last(), request.state.tongue.tag.partition("-")[0]),
        awaiting=request.app.state.store.calls.awaiting(AWAITING),
        called=called,
    )


def unprefixed(request: Request) -> Response:
    """To the page in the reader's language, once; what is no page in any language is not found."""
    path = request.url.path
    tags = offered(request)
    if path.lstrip("/") in tags:
        return RedirectResponse(f"/{path.lstrip('/')}/", 302)  # "//en/" would be another host
    tag = languages.choose(request.headers.get("accept-language", ""), tags)
    scope = dict(request.scope) | {"path": f"/{tag}{path}", "method": "GET"}
    if request.method not in ("GET", "HEAD") or not any(
        route.matches(scope)[0] is Match.FULL for route in request.app.state.pages
    ):
        raise NotFound("page", path)
    target = address(f"/{tag}{path}") + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(target, 302, headers={"Vary": "Accept-Language", "Cache-Control": "private, max-age=0"})
