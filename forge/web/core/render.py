"""Renders plain data as a page in the reader's language, and an error as the page that explains it. No SQL, no git.

Each language has a Jinja environment of its own, so that texts, dates and names need no context. An instance replaces
a page by a file of the same name in `templates/` of its data folder, and may extend ours as `shipped/<name>`; its
colours, logo and words are its theme's.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import CatalogError, Moved, NotAllowed, NotFound, OptedOut, Removed
from catalog.model import HELPER_ROLES, Manifest
from catalog.rules.country_rule import RULES
from catalog.rules.peer import Peer
from catalog.store.store import Store
from catalog.vocabulary import packaged_list
from forge import FORGE, TEMPLATES
from forge.config.theme import Theme
from forge.i18n import languages
from forge.i18n.languages import PageLanguage
from forge.web.core import record_pictures
from forge.web.core.adoption_parts import adoption_parts
from forge.web.core.assets import Assets
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.form import MAX_BODY_BYTES
from forge.web.core.list_query import OWN_LIST, ListPages
from forge.web.core.problems import OPEN_HEADERS, problem_json
from forge.web.core.request_guard import HEADERS, MAX_PATH_BYTES
from forge.web.core.source_links import source_address
from forge.web.core.source_names import source_name
from forge.web.core.template_cache import PageContext, SharedTemplate, TemplateCache
from forge.web.core.template_filters import Sentences, TemplateFilters

CACHE = "public, max-age=0, must-revalidate"  # a withdrawal is to be seen at once: copies are asked for each time
OWN_CACHE = "private, max-age=0, must-revalidate"  # for signed-in readers: the head of their pages leads to their own
PUBLIC = OPEN_HEADERS
KINDS_ONCE_HERE = (
    "declaration",
    "draft",
    "verification",
    "off",
)  # what was perhaps here, by what NotFound says: its page tells why
_FIRST_CHARACTERS = 20  # of the first part of a path that is too long: what tells a language, and who is answered
PROGRAM_PREFIXES = ("/api/", "/openapi.json", "/export")  # whose errors are no pages


class Site:
    """What all requests share: the environments, the static files, and what the frame of a page read last."""

    def __init__(
        self,
        base_url: str | None,
        own_templates: Path | None = None,
        theme: Theme | None = None,
        source_url: str | None = None,
        compiled: Path | None = None,
        wording: Mapping[str, Any] | None = None,
    ):
        """`wording`: what many templates name things by, by the name that they know it by."""
        self.base_url = base_url.rstrip("/") if base_url else None
        self.source_url = source_url
        self.compiled, self.wording = compiled, wording or {}
        self.theme = theme or Theme()
        self.static = Assets(FORGE / "web" / "static", self.theme)
        self.manifest: Manifest | None = None
        self.has_needs = False
        shipped = FileSystemLoader(TEMPLATES)
        own = [FileSystemLoader(own_templates)] if own_templates and own_templates.is_dir() else []
        self._loader = ChoiceLoader([*own, shipped, PrefixLoader({"shipped": shipped})])
        self._environments: dict[str, Environment] = {}

    def environment(self, page_language: PageLanguage) -> Environment:
        """Return the templates' environment for a language."""
        if page_language.tag not in self._environments:
            self._environments[page_language.tag] = _environment(self._loader, page_language, self)
        return self._environments[page_language.tag]


def page(request: Request, name: str, status: int = 200, pages: ListPages | None = None, **context: Any) -> Response:
    """Fill the template `name` with `context` and answer with an `ETag`; 304 when the reader has it already.

    Names that every template knows are those of `_frame`; `context` may replace `canonical` and `noindex`. `read`:
    the parameters that the page's address in other languages carries, in place of all that were given. `pages`: of a
    list, which page this is; one beyond the last leads to the first.
    """
    if pages is not None:
        if pages.number > pages.last:
            return RedirectResponse(address(request.url.path, pages.query), 302)
        context = {"canonical": address(request.url.path, pages.parameters(pages.number)), "pages": pages} | context
    page_language = page_language_of(request)
    template, context = _fill(request, name, context)
    body = _draw(template, context).encode()
    tag = etag_of(body)
    cache = "no-store" if OWN_LIST in request.query_params else OWN_CACHE if context["signed_in"] else CACHE
    headers = {"Cache-Control": cache, "ETag": tag, "Content-Language": page_language.tag}
    if status == 200 and not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    response = _Page(body, status, headers, media_type="text/html")
    response.template, response.context = template, context
    if "http.response.debug" in request.scope.get("extensions", {}):
        response.told = True
    return response


def _fill(request: Request, name: str, context: dict[str, Any]) -> tuple[Template, dict[str, Any]]:
    page_language = page_language_of(request)
    context = _frame(request, page_language, context.get("read")) | context
    context["noindex"] = context["noindex"] or OWN_LIST in request.query_params
    return request.app.state.site.environment(page_language).get_template(name), context


def _draw(template: Template, context: dict[str, Any]) -> str:
    return languages.mark_untranslated(template.render(context))


class _Page(Response):
    """An answer that tells a test client which template drew it, as Starlette's own template answers do."""

    template: Any = None
    context: Mapping[str, Any] = {}
    told = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.told:
            info = {"template": self.template, "context": self.context}
            await send({"type": "http.response.debug", "info": info})
        await super().__call__(scope, receive, send)


def error_page(request: Request, error: Exception, status: int, **context: Any) -> Response:
    """Answer with an error as a page in the reader's language, or as `application/problem+json` under `/api/` (RFC
    9457), or as `app.state.problem_answers` words it below another prefix. `context`: what of a form that was sent is
    given back.
    """
    answers: Mapping[str, Callable[[str, str, int], Response]] = request.app.state.problem_answers
    for prefix, problem_answer in answers.items():
        if request.url.path.startswith(prefix):
            return problem_answer(request.method, request.url.path, status)
    for_programs = request.url.path.startswith(PROGRAM_PREFIXES)
    if isinstance(error, Moved):
        return RedirectResponse(_new_address(request, error), 308 if for_programs else status, PUBLIC)
    if isinstance(error, OptedOut) and not error.gone and "language" in request.path_params:
        of_project = f"/{page_language_of(request).tag}/projects/{error.key}"
        return RedirectResponse(of_project, 302 if _is_reading(request) else 303)
    if for_programs:
        return problem_json(request, error, status, page_language_of(request))
    if status >= 500 and not hasattr(request.state, "person"):
        request.state.person = request.state.session = None  # nothing more is asked of what may have failed
    lost = error.kind if isinstance(error, NotFound) and error.kind in KINDS_ONCE_HERE else ""
    reason = error.reason if isinstance(error, Removed) else error.what if isinstance(error, NotAllowed) else ""
    typed: dict[str, Any] = {"typed": (), "pressed": (), "most": MAX_BODY_BYTES, "action": request.url.path}
    answer = page(
        request,
        "base/error.html",
        status,
        error_status=status,
        lost=lost,
        **typed | context,
        reason=reason,
        opted_out_at=error.at if isinstance(error, OptedOut) else None,
        noindex=True,
    )
    answer.headers.update(HEADERS)  # Starlette's last error handler is outside of the guard
    if status >= 500:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _is_reading(request: Request) -> bool:
    return request.method in ("GET", "HEAD")


def refusal_page(request: Request, status: int) -> Response:
    """Draw the page for what the guard refuses. One for an address that is too long names it nowhere, since its links
    would be refused too: they lead to the page without its query, or home where its path is too long already.
    """
    if status == 414:
        path = request.url.path
        if len(quote(path)) > MAX_PATH_BYTES:
            path = f"/{path[1:].partition('/')[0][:_FIRST_CHARACTERS]}/"
        request = Request({**request.scope, "path": path, "raw_path": quote(path).encode(), "query_string": b""})
    return error_page(request, CatalogError(), status)


def page_language_of(request: Request) -> PageLanguage:
    """Return the language of the address, also where there is no page; else the reader's wish among ours."""
    page_language: PageLanguage | None = getattr(request.state, "page_language", None)
    if page_language is None:
        tags, first = offered_languages(request), request.url.path.lstrip("/").partition("/")[0]
        wished = languages.choose_language(request.headers.get("accept-language", ""), tags)
        page_language = languages.page_language(first if first in tags else wished)
        request.state.page_language = page_language
    return page_language


def offered_languages(request: Request) -> tuple[str, ...]:
    """Return the languages of this instance's pages."""
    manifest = manifest_of(request)
    tags = tuple(tag for tag in manifest.languages if languages.is_supported(tag)) if manifest else ()
    return tags or (languages.SOURCE,)


def manifest_of(request: Request) -> Manifest | None:
    """Return the manifest, read once a request; the last one known when the store fails, so that errors have words."""
    if not hasattr(request.state, "manifest"):
        site: Site = request.app.state.site
        request.state.manifest, request.state.has_needs = site.manifest, site.has_needs
        manifest, site.has_needs = request.app.state.store.frame()
        request.state.manifest, request.state.has_needs = manifest, site.has_needs
        site.manifest = manifest
    last_known: Manifest | None = request.state.manifest
    return last_known


def now_of(request: Request) -> datetime:
    """Return the time of the request, the same for all of its page."""
    if not hasattr(request.state, "now"):
        request.state.now = request.app.state.clock()
    moment: datetime = request.state.now
    return moment


def utc_now() -> datetime:
    return datetime.now(UTC)


def address(path: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """Return a path and its parameters as one relative address, empty ones left out."""
    parameters = urlencode([(key, value) for key, value in query if value])
    return f"{quote(path, safe='/@:+~,')}{'?' if parameters else ''}{parameters}"


def base_url(request: Request) -> str:
    """The address of this site, without a slash at its end: as it is set, else as this request was sent."""
    site: Site = request.app.state.site
    return site.base_url or str(request.base_url).rstrip("/")


def _frame(request: Request, page_language: PageLanguage, parts: Iterable[tuple[str, str]] | None) -> dict[str, Any]:
    manifest = manifest_of(request)
    site: Site = request.app.state.site
    tail = _path_without_language(request)
    query = address("", parts) if parts is not None else f"?{request.url.query}" if request.url.query else ""
    links = [(languages.page_language(tag), f"/{tag}{tail}{query}") for tag in offered_languages(request)]
    unnamed = languages.TextInLanguage("Forge", languages.SOURCE)
    name = (page_language.text_of(manifest.name) if manifest else None) or unnamed
    name = languages.TextInLanguage(languages.plain(name.text), name.language)
    person = request.app.state.person_of(request)
    short, _, rest = name.text.partition(":")
    return {
        "site_name": name,
        "brand": (short.strip(), rest.strip()),  # "Forge: free software for …" is a name and a line below it
        "manifest": manifest,
        "base": base_url(request),
        "tail": tail,
        "here": request.url.path,
        "canonical": f"/{page_language.tag}{tail}",
        "languages": links,
        "has_needs": request.state.has_needs,  # with the manifest
        "signed_in": person is not None,
        "moderates": person is not None and person.role is not None,
        "source_url": site.source_url,
        "now": now_of(request),
        "catalogue": _Catalogues(request.app.state.store, page_language),
        "noindex": False,
    }


class _Catalogues:
    """What a catalogue calls itself, by what follows "peer:" in an origin; an imported list by its own name."""

    def __init__(self, store: Store, page_language: PageLanguage):
        self._store, self._words = store, TemplateFilters(page_language)
        self._known: dict[str, Peer] | None = None

    def __call__(self, name: str) -> Markup:
        if self._known is None:
            self._known = {str(peer.instance_id): peer for peer in self._store.peers.all()}
        known_peer = self._known.get(name)
        return self._words.called(known_peer) if known_peer else self._words.name(name)


def _path_without_language(request: Request) -> str:
    """Return the path without its language, as an address."""
    path = request.url.path
    first, _, rest = path.lstrip("/").partition("/")
    spoken: PageLanguage | None = getattr(request.state, "page_language", None)
    return quote(f"/{rest}" if spoken and first == spoken.tag else path, safe="/@:+~,%")


def _new_address(request: Request, error: Moved) -> str:
    path = error.present_path(request.url.path)
    return quote(path, safe="/@:+~,") + (f"?{request.url.query}" if request.url.query else "")


def _environment(loader: Any, page_language: PageLanguage, site: Site) -> Environment:
    theirs = site.theme.words.get(page_language.tag)
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=TemplateCache(site.compiled, page_language.tag) if site.compiled else None,
    )
    environment.template_class, environment.context_class = SharedTemplate, PageContext
    environment.policies["ext.i18n.trimmed"] = True
    own = Sentences(page_language, theirs)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    words = TemplateFilters(page_language)
    environment.globals.update(
        _=own.html,
        gettext=own.html,
        ngettext=own.html_of_number,
        page_language=page_language,
        gettext_of=own.gettext,
        comma=page_language.comma,
        static=site.static.address,
        to=words.to,
        address=address,
        spoken_of=words.spoken_of,
        term=words.term,
        defined=words.defined,
        language_name=words.language,
        kind_or_size=words.kind_or_size,
        reason=words.reason,
        source_name=source_name,
        **site.wording,
        rule_of=packaged_list(RULES).terms.__getitem__,
    )
    environment.globals["adoption_parts"] = lambda adoption, provider: adoption_parts(
        adoption, provider, words, own.gettext
    )
    environment.globals["button"] = lambda label, url: url  # of a message that is shown before it is sent
    environment.globals["picture_address"] = record_pictures.picture_address
    environment.tests["helping"] = HELPER_ROLES.__contains__
    environment.tests["free"] = words.is_free
    environment.filters.update(
        localized=words.localized,
        text=words.text,
        name=words.name,
        names=words.names,
        called=words.called,
        prose=words.prose,
        day=page_language.day,
        month=words.month,
        partial_date=page_language.partial_date,
        number=page_language.number,
        percent=page_language.percent,
        country=page_language.country,
        region=words.region,
        joined=words.joined,
        either=words.either,
        plain=languages.plain,
        line=languages.one_line,
        lowered=words.lowered,
        lines=words.lines,
        features=words.features,
        web=words.web,
        origin=words.origin,
        source_address=source_address,
        own_first=words.own_first,
        initials=record_pictures.initials,
        short_license=words.short_license,
        tile_color=record_pictures.tile_color,
    )
    return environment
