"""The home page, and the redirect to a page in the reader's language. `starting_points`
chooses what home shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match

from catalog.errors import NotFound
from catalog.sentences import mark
from catalog.store.core.read_models import Card
from forge.i18n import languages
from forge.web.code.access import PATH_BYTES_KEY
from forge.web.code.code_page import own_address
from forge.web.core.render import address, now_of, offered_languages, page
from forge.web.site.starting_points import (
    FINANCE,
    START_HERE,
    SUITE_COLLECTION,
    StartingPoint,
    area_terms,
    as_unchosen,
    count_maintained,
    doors,
    editors_choice,
    pictured_projects,
    quoted_adoptions,
    selection_tiles,
)

MAX_ADDED = 6
READ_TIMES = 4  # as many cards as are shown: some are of programs that are dormant or over
MAX_CALLS = 3  # calls that home shows
# What people type first, in the words of the reader's language.
EXAMPLE_SEARCHES = (mark("members"), mark("loans"), mark("tax receipt"))


@dataclass(frozen=True)
class Start:
    """What to begin with in solidarity finance: the most used programs (`by_use`), else the editors' choice; and how
    many are maintained there."""

    points: Sequence[StartingPoint]
    by_use: bool
    maintained: int


def home_page(request: Request) -> Response:
    store, now = request.app.state.store.home_page, now_of(request)
    lists = store.collections()
    cards = store.listed_cards({line.project for editors_list in lists for line in editors_list.projects})
    suite = next((editors_list for editors_list in lists if editors_list.slug == SUITE_COLLECTION), None)
    tiles = selection_tiles(lists, cards, now)
    added = [as_unchosen(card) for card in _proposed(store.added(READ_TIMES * MAX_ADDED), now)[:MAX_ADDED]]
    used = _proposed(store.most_used(FINANCE, area_terms(FINANCE), READ_TIMES * START_HERE), now)[:START_HERE]
    by_use = len(used) == START_HERE
    start = [StartingPoint(card, {}) for card in used] if by_use else []
    return page(
        request,
        "site/home.html",
        examples=EXAMPLE_SEARCHES,
        hexagons=pictured_projects(lists, cards, added, now),
        doors=doors(store),
        suite=next((tile for tile in tiles if tile.slug == SUITE_COLLECTION), None),
        start=Start(
            start or (editors_choice(suite, cards, now) if suite else []),
            by_use,
            count_maintained(request.app.state.searcher, FINANCE, now),
        ),
        selections=tiles,
        totals=store.totals(),
        added=added,
        stories=quoted_adoptions(store.told_last(), request.state.page_language.tag.partition("-")[0]),
        awaiting=request.app.state.store.calls.awaiting(MAX_CALLS),
    )


def _proposed(cards: Iterable[Card], now: datetime) -> list[Card]:
    return [card for card in cards if card.may_be_proposed(now)]


def redirect_to_language(request: Request) -> Response:
    """Redirect to the page in the reader's language, and to the address without a "/" at its end. Raises NotFound for
    what is no page in any language."""
    path = request.url.path
    tags = offered_languages(request)
    if path.lstrip("/") in tags:
        return RedirectResponse(f"/{path.lstrip('/')}/", 302)  # "//en/" would be another host
    bare, query = path.rstrip("/") or "/", f"?{request.url.query}" if request.url.query else ""
    first, _, rest = path.lstrip("/").partition("/")
    spelled = next((tag for tag in tags if tag.lower() == first.lower() and tag != first), None)
    if spelled and _is_page(request, f"/{spelled}/{rest}"):
        return RedirectResponse(address(f"/{spelled}/{rest}") + query, 301)
    routes = request.app.state.pages if path.split("/")[1] in tags else request.app.state.program_routes
    if bare != path and _matches(request, bare, routes):
        return RedirectResponse(address(bare) + query, 301)
    tag = languages.choose_language(request.headers.get("accept-language", ""), tags)
    if not _is_page(request, f"/{tag}{bare}"):
        raise NotFound("page", path)
    # Of an address inside a repository the bytes are kept, which may be no text.
    tail = own_address(request) if PATH_BYTES_KEY in request.scope else address(bare)
    target = f"/{tag}{tail}{query}"
    return RedirectResponse(target, 302, headers={"Vary": "Accept-Language", "Cache-Control": "private, max-age=0"})


def _is_page(request: Request, path: str) -> bool:
    """Whether a reader may open this address."""
    return _matches(request, path, request.app.state.pages)


def _matches(request: Request, path: str, routes: Sequence[BaseRoute]) -> bool:
    scope = dict(request.scope) | {"path": path, "method": "GET"}
    return request.method in ("GET", "HEAD") and any(route.matches(scope)[0] is Match.FULL for route in routes)
