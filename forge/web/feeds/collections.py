"""Feeds of several projects: new and changed ones of the whole catalogue, of a need, a country, a saved search; what an
organization uses. Their author is the catalogue.

A saved search has the find page's own parameters. Of more than MAX_RESULTS results the best are used.
"""

from uuid import NAMESPACE_URL, UUID, uuid5

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.search import IndexMissing, SearchQuery
from catalog.store.core.read_models import Card
from catalog.store.federation.matching.record_origins import OURS
from catalog.store.federation.received.records import OtherCatalogue
from catalog.vocabulary import vocabulary
from forge.i18n.languages import plain
from forge.web.core.list_query import ListQuery, read_query
from forge.web.core.render import address, manifest_of, now_of
from forge.web.core.template_filters import TemplateFilters
from forge.web.feeds.atom import ENTRIES, NEVER, Entry, feed_answer, feed_language, macros, site_name
from forge.web.feeds.entries import adoption_entry
from forge.web.search.facets import filter_value_label

MAX_RESULTS = 100


def projects_feed(request: Request) -> Response:
    """Make the feed of all projects, or of those that match the find page's filters. `in` is the feed's language:
    `language` is a filter here.

    Raises NotFound for what cannot be understood: a feed would hold more than was asked for, and nobody would see
    why.
    """
    query = read_query(request.query_params.multi_items())
    if query.ignored:
        raise NotFound("feed", query.ignored[0])
    filtered, page_language = ListQuery(query.text, query.filters), feed_language(request, "in")
    return _projects_feed(
        request, filtered, address("/feeds/projects.atom", [*filtered.parameters(), ("in", page_language.tag)])
    )


def domain_feed(request: Request) -> Response:
    """Make the feed of a need. Raises NotFound for what is no need of ours."""
    term = request.path_params["term"]
    if term not in vocabulary("domain").terms:
        raise NotFound("domain", term)
    path = f"/feeds/domains/{term}.atom?language={feed_language(request).tag}"
    return _projects_feed(request, ListQuery(filters={"domain": (term,)}), path)


def country_feed(request: Request) -> Response:
    """Make the feed of projects that are used in a country. Raises NotFound for what is no country."""
    code = request.path_params["country"]
    page_language = feed_language(request)
    if code not in page_language.countries():
        raise NotFound("country", code)
    path = f"/feeds/countries/{code}.atom?language={page_language.tag}"
    return _projects_feed(request, ListQuery(filters={"country": (code,)}), path)


def organization_feed(request: Request) -> Response:
    """Make the feed of what an organization publicly uses. Raises NotFound, Moved, Removed."""
    page_language, store, slug = feed_language(request), request.app.state.store, request.path_params["slug"]
    page = store.public_records.organization(slug)
    uses = store.record_pages.organization_uses(slug, per_page=ENTRIES).adoptions
    says = macros(request)
    entries = [entry for line in uses if (entry := adoption_entry(says, page.id, line))]
    entries.sort(key=lambda entry: (entry.updated, str(entry.id)), reverse=True)
    return feed_answer(
        request,
        path=f"/feeds/organizations/{slug}.atom?language={page_language.tag}",
        id=uuid5(page.id, "uses"),
        title=says.uses_title(page.record).unescape(),
        author=plain(page.record.name),
        page=f"/organizations/{slug}/uses",
        updated=entries[0].updated if entries else page.added_at,
        entries=entries,
    )


def _projects_feed(request: Request, query: ListQuery, path: str) -> Response:
    page_language, store, manifest = request.state.page_language, request.app.state.store, manifest_of(request)
    cards = store.public_records.cards(_project_ids(request, query, page_language.tag))
    cards = sorted(cards, key=lambda card: (card.changed_at, card.slug), reverse=True)[:ENTRIES]
    instance_id = manifest.id if manifest else NAMESPACE_URL
    chosen = [query.text] * bool(query.text) + [
        filter_value_label(name, value, page_language) for name, value in query.chosen
    ]
    homes = store.record_origins.projects([card.id for card in cards])
    words, site = TemplateFilters(page_language), site_name(request)
    return feed_answer(
        request,
        path=path,
        id=uuid5(instance_id, f"projects:{query.parameters()}"),
        title=macros(request).projects_title(chosen, site).unescape(),
        author=site,
        page=address("/projects", query.parameters()),
        updated=max((card.changed_at for card in cards), default=NEVER),
        entries=[_project_entry(card, homes.get(card.id, OURS).home, words, page_language.tag) for card in cards],
    )


def _project_entry(card: Card, home: OtherCatalogue | None, words: TemplateFilters, tag: str) -> Entry:
    return Entry(
        id=card.id,
        title=plain(card.name),
        published=card.added_at,
        updated=card.changed_at,
        address=f"/projects/{card.slug}",
        categories=[(slug, words.term("domain", slug)) for slug in card.domains],
        summary=words.text(card.summary),
        author=(plain(home.name_in(tag)), home.address) if home else None,
        rights=(home.texts_license or home.license) if home else "",
    )


def _project_ids(request: Request, query: ListQuery, language: str) -> list[UUID]:
    """Return those that changed last; of a search the best. Raises HTTPException 503 while the index is made."""
    if not query.text and not query.filters:
        return list(request.app.state.store.sitemap.changed(ENTRIES))
    sort = "best" if query.text else "recent"
    search = SearchQuery(query.text, query.filters, sort, 1, MAX_RESULTS, language, literal=query.literal)
    try:
        project_ids: list[UUID] = request.app.state.searcher.find(search, now_of(request)).ids
    except IndexMissing:
        raise HTTPException(503, headers={"Retry-After": "60"}) from None
    return project_ids
