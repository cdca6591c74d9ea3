"""The application: the addresses of `forge.routes`, each read in its language, within its rule and of one moment, and
one table of what an error answers. No page is drawn here: handlers live in `forge.web`.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from catalog.errors import (
    AlreadyExists,
    CatalogError,
    Incomplete,
    Invalid,
    Moved,
    NotAllowed,
    NotFound,
    OptedOut,
    Removed,
)
from catalog.rules.permissions import RULES, SIGN_IN, demand
from catalog.store import Store
from forge.config.theme import read as read_theme
from forge.export import SPREADSHEET
from forge.export.public_dump_file import Kept
from forge.first_routes import FIRST, FIRST_FACES
from forge.git import http_backend
from forge.i18n import languages
from forge.mail import outbox
from forge.security.client_shares import Shares
from forge.security.oidc import SignIn, provider
from forge.security.safe_http import Addresses
from forge.security.secret import secret
from forge.web.api.quota import Quotas
from forge.web.code import large_trees
from forge.web.code.access import BytePaths, Shelf
from forge.web.core import rate_limits
from forge.web.core.fast_router import Narrowing
from forge.web.core.form import form_of
from forge.web.core.list_query import shortened
from forge.web.core.page_cache import Finished
from forge.web.core.render import Site, address, moved_of, offered, problem, refusal, utc_now
from forge.web.core.request_guard import MAX_PATH_BYTES, Guard
from forge.web.core.session import asked_to_sign_in, person_of, typed_of
from forge.web.exports.export_cache import Drawings
from forge.web.federation import feed_files
from forge.web.opencatalog import problems as opencatalog_problems
from forge.web.site import home

LOG = logging.getLogger(__name__)
MAX_BODY_BYTES = 1_000_000
# What goes out as it comes: git and spreadsheets are packed already, a signed file is the bytes that were signed.
PACKED = (http_backend.ADVERTISEMENT, http_backend.RESULT, SPREADSHEET, feed_files.JSON)


class _Language(Convertor[str]):
    regex = "[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("language", _Language())

STATUSES: dict[type[CatalogError], int] = {
    NotFound: 404,
    Moved: 301,
    Removed: 410,
    OptedOut: 410,
    NotAllowed: 403,
    AlreadyExists: 409,
    Incomplete: 409,
    Invalid: 422,
}

Handler = Callable[[Request], Response]


def create_app(
    settings: Any,
    store: Store,
    searcher: Any,
    clock: Callable[[], datetime] = utc_now,
    read: Callable[[], None] = lambda: None,
) -> Starlette:
    """The site over `store` and `searcher`, which its owner opens and closes. `read` is called when the addresses
    behind the first ones are here too.

    Of the settings it reads `base_url` (None: as the request says), `here` (which stands in what is kept and given to
    others), `proxies`, `allow_networks`, `secret`, `oidc` and `data`, whose `theme/` and `templates/` change how pages
    look and whose `mirrors/` hold the code. What of a theme cannot be used is logged and left out. Children that read
    code end with the app.
    """
    theme = read_theme(settings.data / "theme")
    for sentence in theme.problems:
        LOG.warning("%s", sentence)
    site = Site(settings.base_url, settings.data / "templates", theme, settings.source_url, settings.compiled)
    app = Starlette(
        middleware=_layers(store, searcher, clock, site.base_url),
        exception_handlers={
            CatalogError: _refused,
            HTTPException: _refused,
            ClientDisconnect: _left,
            Exception: _failed,
        },
    )
    app.state.pages = _pages(FIRST)

    def rest() -> list[BaseRoute]:
        from forge.routes import DRAWN, FORMS, MACHINE_FACES, PAGES

        app.state.drawn = DRAWN
        more = _pages(PAGES)
        app.state.pages += more
        forms = [
            Route(f"/{{language:language}}{path}", _sent(handler, name), methods=["POST"], name=name)
            for path, handler, name in FORMS
        ]
        read()
        return [*MACHINE_FACES, *more, *forms, Route("/{path:path}", home.unprefixed, name="unprefixed")]

    app.router = Narrowing([*FIRST_FACES, *app.state.pages], rest, _open_shelf)
    app.state.problem_answers = {f"{opencatalog_problems.PREFIX}/": opencatalog_problems.elsewhere}
    app.state.site, app.state.store, app.state.searcher, app.state.clock = site, store, searcher, clock
    app.state.secret = secret(settings.secret, settings.data)
    app.state.oidc = _oidc(settings, app.state.secret)
    app.state.metrics_token = settings.metrics_token
    app.state.open_catalog_key = settings.open_catalog_key
    app.state.proxies, app.state.proxy_noted_at = settings.proxies, None
    app.state.allow_networks = settings.allow_networks
    app.state.quotas = Quotas()
    app.state.exchange = settings.data / "exchange"
    app.state.outbox = settings.data / outbox.FOLDER
    app.state.shelf = Shelf(settings.data)
    app.state.large_trees = Shares(large_trees.PLACES, large_trees.SHARE)
    app.state.here, app.state.dumps = settings.here, Kept(settings.data / "export", settings.here)
    app.state.drawings, app.state.websub = Drawings(settings.data), settings.websub
    app.state.peers, app.state.person_of = settings.peers, person_of
    return app


def _pages(table: Sequence[tuple[str, Handler, str]]) -> list[Route]:
    return [
        Route(
            f"/{{language:language}}{path}",
            _in_short(_of_one_piece(_in_language(_at_home(path, handler), _rule(name))), _rule(name)),
            name=name,
        )
        for path, handler, name in table
    ]


def _layers(store: Store, searcher: Any, clock: Callable[[], datetime], base_url: str | None) -> list[Middleware]:
    """What stands between the server and the routes, the outermost first."""
    standing, one_host = _standing(store, searcher), base_url is not None
    return [
        Middleware(Finished, standing=standing, clock=clock, quick=store.counter.local, one_host=one_host),
        Middleware(
            GZipMiddleware,
            minimum_size=500,
            compresslevel=6,
            exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *PACKED),
        ),
        Middleware(BytePaths, max_bytes=MAX_PATH_BYTES),
        Middleware(Guard, refuse=refusal, base_url=base_url, max_bytes=MAX_BODY_BYTES),
    ]


def _oidc(settings: Any, key: bytes) -> SignIn | None:
    """The network's own sign-in, where the settings name one."""
    if not settings.oidc:
        return None
    return SignIn(provider(settings.oidc), Addresses(settings.allow_networks, settings.ca_file), key)


def _standing(store: Store, searcher: Any) -> Callable[[], Hashable | None]:
    """Where store and index stand together; None while the database does not answer."""

    def standing() -> Hashable | None:
        change = store.counter()
        return None if change is None else (change, searcher.stamp if searcher else None)

    return standing


@asynccontextmanager
async def _open_shelf(app: Starlette) -> AsyncIterator[None]:
    router: Narrowing = app.router  # type: ignore[assignment]
    with router.completing():
        yield
    app.state.shelf.close()
    app.state.drawings.close()


def _rule(name: str) -> str | None:
    return name if name in RULES else None


def _at_home(path: str, handler: Handler) -> Handler:
    """A page of a record leads to the catalogue that keeps it, once these records were handed over."""
    if not path.startswith(("/projects/{slug}", "/organizations/{slug}")):
        return handler

    def led(request: Request) -> Response:
        moved = moved_of(request)
        if moved is None:
            return handler(request)
        return RedirectResponse(f"{moved['address']}{address(request.url.path)}", 301)

    return led


def _in_language(handler: Handler, action: str | None) -> Handler:
    """`action`: what `catalog.rules.permissions` says who may do; None for what every reader may."""
    if action is not None and action not in RULES:
        raise ValueError(f"catalog.rules.permissions has no rule for {action}.")

    def spoken(request: Request) -> Response:
        tag = request.path_params["language"]
        if tag not in offered(request):
            return home.unprefixed(request)  # "/me" reads like a language, and so does an unknown one
        request.state.tongue = languages.tongue(tag)
        if action is not None:
            demand(person_of(request), action)
        return handler(request)

    return spoken


def _in_short(handler: Handler, action: str | None) -> Handler:
    """A form sends its empty fields too: the address that is kept and passed on has none of them. A page that not every
    reader may see is passed on to nobody, and says what was left empty."""
    if action is not None:
        return handler

    def short(request: Request) -> Response:
        query = request.url.query
        if (kept := shortened(query)) != query:
            return RedirectResponse(address(request.url.path) + (f"?{kept}" if kept else ""), 302)
        return handler(request)

    return short


def _of_one_piece(handler: Handler) -> Handler:
    """All that a page reads is of one moment, and all that a form reads before it writes."""

    def viewed(request: Request) -> Response:
        with request.app.state.store.one_view():
            return handler(request)

    return viewed


def _sent(handler: Handler, action: str) -> Callable[[Request], Awaitable[Response]]:
    """The form is read as it comes, bounded, and counted; the handler runs in a thread, as all of them."""

    viewed = _of_one_piece(handler)

    def counted(request: Request) -> Response:
        rate_limits.counted(request, action)
        return viewed(request)

    spoken = _in_language(counted, action)

    async def read(request: Request) -> Response:
        request.state.form = await form_of(request)
        return await run_in_threadpool(spoken, request)

    return read


def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        if error.status_code == 429 and hasattr(request.state, "form"):
            answer = rate_limits.too_often(request, error)
        else:
            answer = _told(request, error, error.status_code)
        answer.headers.update(error.headers or {})
        return answer
    if isinstance(error, NotAllowed) and error.what == SIGN_IN and not request.url.path.startswith("/api/"):
        return asked_to_sign_in(request)
    return _told(request, error, next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500))


def _left(request: Request, error: Exception) -> Response:
    """Whoever sent something was gone before its end: nothing was read of it, and nobody reads this."""
    return Response(status_code=400)


def _failed(request: Request, error: Exception) -> Response:
    return _told(request, error, 500)


def _told(request: Request, error: Exception, status: int) -> Response:
    """The page of an error, with what was typed; where it is our fault, to be sent again."""
    typed, pressed = typed_of(request)
    return problem(request, error, status, typed=typed, pressed=pressed)
