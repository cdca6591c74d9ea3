"""The home page, and the redirect to a page in the reader's language. Starting waits for these alone."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from catalog.errors import NotFound
from forge.i18n import languages
from forge.web.core.render import address, offered, page
from forge.web.search.category_questions import FINANCE, ORGANIZATION
from forge.web.site.home_quotes import stories
from forge.web.wording import calls

SUITE = "suite"  # slug of the collection that home shows; another instance may have none
RECENT = 5
AWAITING = 3  # calls that home shows


def show(request: Request) -> Response:
    store = request.app.state.store.front
    counts = store.domain_counts()
    lists = store.collections()
    suite = next((collection for collection in lists if collection.slug == SUITE), None)
    return page(
        request,
        "site/home.html",
        finance=[(term, sentence) for term, sentence in FINANCE if counts.get(term)],
        organization=[(term, sentence) for term, sentence in ORGANIZATION if counts.get(term)],
        suite=suite,
        lists=[collection for collection in lists if collection is not suite],
        recent=[card for card in store.recent(RECENT) if card.last_commit_at],
        totals=store.totals(),
        added=store.added(RECENT),
        stories=stories(store.told_last(), request.state.tongue.tag.partition("-")[0]),
        awaiting=request.app.state.store.calls.awaiting(AWAITING),
        called=calls,
    )


def unprefixed(request: Request) -> Response:
    """Redirect to the page in the reader's language, and to the address without a "/" at its end. Raises NotFound for
    what is no page in any language."""
    path = request.url.path
    tags = offered(request)
    if path.lstrip("/") in tags:
        return RedirectResponse(f"/{path.lstrip('/')}/", 302)  # "//en/" would be another host
    bare, query = path.rstrip("/") or "/", f"?{request.url.query}" if request.url.query else ""
    if bare != "/":
        request.app.router.complete()  # "/me/" looks like a home page: the other routes may not be loaded yet
    if bare != path and path.split("/")[1] in tags and _is_page(request, bare):
        return RedirectResponse(address(bare) + query, 301)
    tag = languages.choose(request.headers.get("accept-language", ""), tags)
    if not _is_page(request, f"/{tag}{bare}"):
        raise NotFound("page", path)
    target = address(f"/{tag}{bare}") + query
    return RedirectResponse(target, 302, headers={"Vary": "Accept-Language", "Cache-Control": "private, max-age=0"})


def _is_page(request: Request, path: str) -> bool:
    """Whether a reader may open this address."""
    scope = dict(request.scope) | {"path": path, "method": "GET"}
    reads = request.method in ("GET", "HEAD")
    return reads and any(route.matches(scope)[0] is Match.FULL for route in request.app.state.pages)
