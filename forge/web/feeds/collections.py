"""The feed of new and changed projects, of the whole catalogue or of a search. Its author is the catalogue.

A search has the find page's own parameters. Of more than MAX_RESULTS results the best are used.
"""

from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response

from catalog.store.core.read_models import Card
from forge.i18n.languages import plain
from forge.web.core.render import address, manifest_of
from forge.web.core.template_filters import TemplateFilters
from forge.web.feeds.atom import ENTRIES, NEVER, FeedEntry, feed_answer, feed_language, macros, site_name
from forge.web.search.facets import filter_value_label
from forge.web.search.matches import matching_ids, query_of

MAX_RESULTS = 100


def projects_feed(request: Request) -> Response:
    """Make the feed of all projects, or of those that match the find page's filters. `in` is the feed's language:
    `language` is a filter here.

    Raises NotFound for what cannot be understood.
    """
    query, page_language = query_of(request, "feed"), feed_language(request, "in")
    store, manifest = request.app.state.store, manifest_of(request)
    ids = (
        matching_ids(request, query, page_language.tag, MAX_RESULTS)
        if query.is_search
        else store.sitemap.changed(ENTRIES)
    )
    cards = store.public_records.cards(ids)
    cards = sorted(cards, key=lambda card: (card.changed_at, card.slug), reverse=True)[:ENTRIES]
    instance_id = manifest.id if manifest else NAMESPACE_URL
    chosen = [query.text] * bool(query.text) + [
        filter_value_label(name, value, page_language) for name, value in query.chosen
    ]
    words, site = TemplateFilters(page_language), site_name(request)
    return feed_answer(
        request,
        path=address("/feeds/projects.atom", [*query.parameters(), ("in", page_language.tag)]),
        id=uuid5(instance_id, f"projects:{query.parameters()}"),
        title=macros(request).projects_title(chosen, site).unescape(),
        author=site,
        page=address("/projects", query.parameters()),
        updated=max((card.changed_at for card in cards), default=NEVER),
        entries=[_project_entry(card, words, page_language.tag) for card in cards],
    )


def _project_entry(card: Card, words: TemplateFilters, tag: str) -> FeedEntry:
    home = card.origin.home
    return FeedEntry(
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
