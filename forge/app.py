"""The application: the addresses of `forge.routes`, each wrapped with its language, its permission and one view of
the database, and one table of the status of each error. Handlers and pages are in `forge.web`.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
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
from starlette.routing import Route

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
from catalog.exchange.names import SIGNED
from catalog.rules.permissions import RULES, SIGN_IN, demand
from catalog.store.store import Store
from forge.config.theme import read_theme
from forge.exchange.paths import FOLDER, ROOT_KEY
from forge.git import http_backend
from forge.i18n import languages
from forge.mail import outbox
from forge.routes import FORMS, PAGES, ROUTES
from forge.security.oidc import SignIn, parse_provider
from forge.security.safe_http import AddressRules
from forge.security.secret import instance_secret
from forge.web.api.quota import Quotas
from forge.web.code.access import BytePaths, CodeReaders
from forge.web.code.unavailable import kept_page_is_counted
from forge.web.core import rate_limits
from forge.web.core.form import read_form, read_upload
from forge.web.core.list_query import without_empty_parameters
from forge.web.core.page_cache import PageCache
from forge.web.core.render import (
    Site,
    address,
    error_page,
    manifest_of,
    offered_languages,
    refusal_page,
    utc_now,
)
from forge.web.core.request_guard import MAX_PATH_BYTES, RequestGuard
from forge.web.core.session import asked_to_sign_in, person_of, typed_and_pressed
from forge.web.exports.export_cache import ExportCache
from forge.web.monitoring.request_counts import CountRequests, RequestCounts
from forge.web.opencatalog import problems as opencatalog_problems
from forge.web.site import home
from forge.web.wording import calls, decisions, peers, submissions, verification

LOG = logging.getLogger(__name__)
MAX_BODY_BYTES = 1_000_000
WITH_FILES = ("project-pictures-change", "organization-pictures-change")  # forms that bring a picture
# What is sent without compression: git is packed already, a signed file is the bytes that were
# signed.
UNCOMPRESSED_TYPES = (http_backend.ADVERTISEMENT, http_backend.RESULT, SIGNED)


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
) -> Starlette:
    """Make the site over `store` and `searcher`, which its owner opens and closes.

    Of the settings it reads `base_url` (None: as the request says), `here` (in what is stored and given to others),
    `proxies`, `allow_networks`, `secret`, `oidc` and `data`, whose `theme/` and `templates/` change how pages look
    and whose `mirrors/` hold the code. What of a theme cannot be used is logged and left out. Children that read code
    end with the app.
    """
    theme = read_theme(settings.data / "theme")
    for sentence in theme.problems:
        LOG.warning("%s", sentence)
    wording = {
        "call_words": calls,
        "decision_words": decisions,
        "peer_words": peers,
        "submission_words": submissions,
        "verification_words": verification,
    }
    site = Site(settings.base_url, settings.data / "templates", theme, settings.source_url, settings.compiled, wording)
    pages = [
        Route(f"/{{language:language}}{path}", _page_handler(handler, name), name=name) for path, handler, name in PAGES
    ]
    forms = [
        Route(f"/{{language:language}}{path}", _form_handler(handler, name), methods=["POST"], name=name)
        for path, handler, name in FORMS
    ]
    counts = RequestCounts()
    app = Starlette(
        routes=[*ROUTES, *pages, *forms, Route("/{path:path}", home.redirect_to_language, name="unprefixed")],
        middleware=[Middleware(CountRequests, counts=counts), *_middleware(store, searcher, clock, site.base_url)],
        exception_handlers={
            CatalogError: _answer_error,
            HTTPException: _answer_error,
            ClientDisconnect: _answer_disconnected,
            Exception: _answer_failure,
        },
        lifespan=_lifespan,
    )
    app.state.pages, app.state.program_routes = pages, ROUTES
    app.state.problem_answers = {f"{opencatalog_problems.PREFIX}/": opencatalog_problems.elsewhere}
    app.state.site, app.state.store, app.state.searcher, app.state.clock = site, store, searcher, clock
    app.state.secret = instance_secret(settings.secret, settings.data)
    app.state.oidc = _sign_in_provider(settings, app.state.secret)
    app.state.metrics_token, app.state.requests, app.state.data = settings.metrics_token, counts, settings.data
    app.state.mail_is_sent = settings.mail is not None
    app.state.proxies, app.state.proxy_noted_at = settings.proxies, None
    app.state.allow_networks = settings.allow_networks
    app.state.quotas = Quotas()
    app.state.exchange, app.state.root_key = settings.data / FOLDER, settings.data / ROOT_KEY
    app.state.outbox = settings.data / outbox.FOLDER
    app.state.code_readers = CodeReaders(settings.data)
    app.state.here = settings.here
    app.state.export_cache = ExportCache(settings.data)
    app.state.peers, app.state.person_of = settings.peers, person_of
    return app


def _middleware(store: Store, searcher: Any, clock: Callable[[], datetime], base_url: str | None) -> list[Middleware]:
    """Make the middleware between the server and the routes, the outermost first."""
    standing, one_host = _state_of(store, searcher), base_url is not None
    return [
        Middleware(
            PageCache,
            standing=standing,
            clock=clock,
            quick=store.counter.local,
            one_host=one_host,
            may_give=kept_page_is_counted,
        ),
        Middleware(
            GZipMiddleware,
            minimum_size=500,
            compresslevel=6,
            exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *UNCOMPRESSED_TYPES),
        ),
        Middleware(BytePaths, max_bytes=MAX_PATH_BYTES),
        Middleware(RequestGuard, refuse=refusal_page, base_url=base_url, max_bytes=MAX_BODY_BYTES),
    ]


def _sign_in_provider(settings: Any, key: bytes) -> SignIn | None:
    """Make the network's own sign-in, where the settings name one."""
    if not settings.oidc:
        return None
    return SignIn(parse_provider(settings.oidc), AddressRules(settings.allow_networks, settings.ca_file), key)


def _state_of(store: Store, searcher: Any) -> Callable[[], Hashable | None]:
    """Make the function that returns the state of store and index together; None while the database does not answer."""

    def standing() -> Hashable | None:
        change = store.counter()
        return None if change is None else (change, searcher.stamp if searcher else None)

    return standing


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    app.state.code_readers.close()
    app.state.export_cache.close()


def _page_handler(handler: Handler, name: str) -> Handler:
    action = name if name in RULES else None
    return _without_empty_fields(_in_one_view(_in_language(handler, action)), action)


def _in_language(handler: Handler, action: str | None) -> Handler:
    """Give the handler its language and check its permission. `action`: the rule of `catalog.rules.permissions`; None
    for what every reader may.
    """
    if action is not None and action not in RULES:
        raise ValueError(f"catalog.rules.permissions has no rule for {action}.")

    def in_language(request: Request) -> Response:
        tag = request.path_params["language"]
        if tag not in offered_languages(request):
            return home.redirect_to_language(request)  # "/me" reads like a language, and so does an unknown one
        request.state.page_language = languages.page_language(tag)
        if action is not None:
            demand(person_of(request), action)
        return handler(request)

    return in_language


def _without_empty_fields(handler: Handler, action: str | None) -> Handler:
    """Redirect to the address without empty fields, which a form sends too: the address that is kept and passed on
    has none of them. A page that not every reader may see is passed on to nobody, and says what was left empty.
    """
    if action is not None:
        return handler

    def short(request: Request) -> Response:
        query = request.url.query
        if (shorter := without_empty_parameters(query)) != query:
            return RedirectResponse(address(request.url.path) + (f"?{shorter}" if shorter else ""), 302)
        return handler(request)

    return short


def _in_one_view(handler: Handler) -> Handler:
    """Run the handler in one view of the database: all that a page reads is of one moment, and all that a form reads
    before it writes.
    """

    def viewed(request: Request) -> Response:
        with request.app.state.store.one_view():
            manifest_of(request)  # with the terms of this catalogue's own, for whatever the handler reads
            return handler(request)

    return viewed


def _form_handler(handler: Handler, action: str) -> Callable[[Request], Awaitable[Response]]:
    """Read the form as it comes, bounded, and count it; the handler runs in a thread, as all of them."""

    viewed, reads = _in_one_view(handler), read_upload if action in WITH_FILES else read_form

    def counted(request: Request) -> Response:
        rate_limits.count_attempt(request, action)
        return viewed(request)

    in_language = _in_language(counted, action)

    async def read(request: Request) -> Response:
        request.state.form = await reads(request)
        return await run_in_threadpool(in_language, request)

    return read


def _answer_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        if error.status_code == 429 and hasattr(request.state, "form"):
            answer = rate_limits.too_often_page(request, error)
        else:
            answer = _error_page(request, error, error.status_code)
        answer.headers.update(error.headers or {})
        return answer
    if isinstance(error, NotAllowed) and error.what == SIGN_IN and not request.url.path.startswith("/api/"):
        return asked_to_sign_in(request)
    return _error_page(request, error, next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500))


def _answer_disconnected(request: Request, error: Exception) -> Response:
    """Answer a client that was gone before the end of its request: nothing of it was read, and nobody reads this."""
    return Response(status_code=400)


def _answer_failure(request: Request, error: Exception) -> Response:
    return _error_page(request, error, 500)


def _error_page(request: Request, error: Exception, status: int) -> Response:
    """Draw the page of an error, with what was typed; where it is our fault, to be sent again."""
    typed, pressed = typed_and_pressed(request)
    return error_page(request, error, status, typed=typed, pressed=pressed)
