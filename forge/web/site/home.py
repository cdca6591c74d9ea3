"""The home page, and the redirect to a page in the reader's language."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from catalog.errors import NotFound
from forge.i18n import languages
from forge.web.core.render import address, offered_languages, page
from forge.web.search.category_questions import FINANCE_NEEDS, ORGANIZATION_NEEDS
from forge.web.site.home_quotes import quoted_adoptions
from forge.web.wording import calls

SUITE_COLLECTION = "suite"  # slug of the collection that home shows; another instance may have none
MAX_RECENT = 5
MAX_CALLS = 3  # calls that home shows


def home_page(request: Request) -> Response:
    store = request.app.state.store.home_page
    counts = store.domain_counts()
    lists = store.collections()
    suite = next((collection for collection in lists if collection.slug == SUITE_COLLECTION), None)
    return page(
        request,
        "site/home.html",
        finance=[(term, sentence) for term, sentence in FINANCE_NEEDS if counts.get(term)],
        organization=[(term, sentence) for term, sentence in ORGANIZATION_NEEDS if counts.get(term)],
        suite=suite,
        lists=[collection for collection in lists if collection is not suite],
        recent=[card for card in store.recent(MAX_RECENT) if card.last_commit_at],
        totals=store.totals(),
        added=store.added(MAX_RECENT),
        stories=quoted_adoptions(store.told_last(), request.state.tongue.tag.partition("-")[0]),
        awaiting=request.app.state.store.calls.awaiting(MAX_CALLS),
        called=calls,
    )


def redirect_to_language(request: Request) -> Response:
    """Redirect to the page in the reader's language, and to the address without a "/" at its end. Raises NotFound for
    what is no page in any language."""
    path = request.url.path
    tags = offered_languages(request)
    if path.lstrip("/") in tags:
        return RedirectResponse(f"/{path.lstrip('/')}/", 302)  # "//en/" would be another host
    bare, query = path.rstrip("/") or "/", f"?{request.url.query}" if request.url.query else ""
    if bare != path and path.split("/")[1] in tags and _is_page(request, bare):
        return RedirectResponse(address(bare) + query, 301)
    tag = languages.choose_language(request.headers.get("accept-language", ""), tags)
    if not _is_page(request, f"/{tag}{bare}"):
        raise NotFound("page", path)
    target = address(f"/{tag}{bare}") + query
    return RedirectResponse(target, 302, headers={"Vary": "Accept-Language", "Cache-Control": "private, max-age=0"})


def _is_page(request: Request, path: str) -> bool:
    """Whether a reader may open this address."""
    scope = dict(request.scope) | {"path": path, "method": "GET"}
    reads = request.method in ("GET", "HEAD")
    return reads and any(route.matches(scope)[0] is Match.FULL for route in request.app.state.pages)
