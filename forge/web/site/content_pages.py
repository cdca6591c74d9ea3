"""Pages of needs and lists, and our own texts. The home page is in `home`."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import Moved, NotFound
from catalog.rules.country_rule import countries_with_rules
from catalog.rules.today import UNKNOWN
from catalog.sentences import mark
from catalog.vocabulary import vocabulary
from forge.i18n import languages
from forge.jobs.retention import PERIODS
from forge.web.compare.columns import FURTHER_FACTS, MAIN_FACTS, fact_rows, read_columns
from forge.web.core.markdown import DRAFTS, is_unproofread, own_page
from forge.web.core.render import manifest_of, now_of, offered_languages, page
from forge.web.exports.statistics_table import statistics_tables
from forge.web.search.category_questions import questions_before_choosing
from forge.web.search.facets import filter_value_label
from forge.web.site.shortlist import AdoptionsNearby, shortlist, shortlist_choices
from forge.web.site.starting_points import SUITE_COLLECTION, count_maintained, quoted_adoptions

DOMAIN_CARDS = 30
FEW_PROJECTS = 3  # with fewer projects the page of a category asks what is missing
UNREAD_SENTENCE = mark("These translations have not been reviewed by a native speaker: %(languages)s.")
GUIDES = (
    "use",
    "words",
    "choose",
    "groups",
    "makers",
    "exchange",
    "api",
)  # files of each language in `forge/i18n/pages`


def category_page(request: Request) -> Response:
    """A need: the few projects to consider first, each with why and what is known of it, who uses them, and the others.
    `country` is where the reader is."""
    term = request.path_params["term"]
    vocabulary_terms = vocabulary("domain")
    if term not in vocabulary_terms.terms:
        raise (
            Moved("domain", term, term.lower()) if term.lower() in vocabulary_terms.terms else NotFound("domain", term)
        )
    terms = [term, *vocabulary_terms.children(term)]
    store, now = request.app.state.store.record_pages, now_of(request)
    front = request.app.state.store.home_page
    counts = front.domain_counts()
    above = vocabulary_terms.ancestors(term)
    beside = vocabulary_terms.children(above[0]) if above else vocabulary_terms.children(term)
    lists = front.collections()
    cards = store.domain_cards(
        terms, DOMAIN_CARDS, [line.project for editors_list in lists for line in editors_list.projects]
    )
    places, page_language = request.app.state.store.countries, request.state.page_language
    country = request.query_params.get("country", "")
    country = country if country in page_language.countries() else ""
    uses = places.near(country, [card.id for card in cards]) if country and cards else {}
    near = {key: AdoptionsNearby(*counted) for key, counted in uses.items()}
    language = page_language.tag.partition("-")[0]
    every = shortlist_choices(cards, lists, near, language, now, terms)
    chosen = shortlist(every)
    columns = read_columns(request, [choice.card.slug for choice in chosen], country)
    uses_with_purpose = [line for column in columns for line in column.found.adoptions if line.adoption.purpose]
    others = [choice.card for choice in every if choice not in chosen]
    programs = front.in_areas(term, sorted(terms))
    used = {*places.with_users(), *countries_with_rules()}
    return page(
        request,
        "search/category.html",
        slug=term,
        above_links=[
            (f"/domains/{slug}", filter_value_label("domain", slug, request.state.page_language))
            for slug in reversed(above)
        ],
        beside=[slug for slug in beside if slug != term and counts.get(slug)],
        programs=programs,
        has_users=any(card.has_users for card in cards),
        maintained=count_maintained(request.app.state.searcher, term, now),
        chosen=list(zip(chosen, columns, strict=True)),
        facts={row.key: row for row in fact_rows(columns, {**MAIN_FACTS, **FURTHER_FACTS})},
        by_slug={card.slug: card for card in cards},
        stories=quoted_adoptions(uses_with_purpose, language),
        others=[card for card in others if card.activity.rank(now) <= UNKNOWN],
        resting=[card for card in others if card.activity.rank(now) > UNKNOWN],
        few=FEW_PROJECTS,
        questions=questions_before_choosing(above[-1] if above else term),
        country=country,
        ruled=places.rules(country, [card.id for card in cards]) if country else (),
        countries=[(code, name) for code, name in page_language.countries().items() if code in used],
        noindex=bool(country),
    )


def categories_page(request: Request) -> Response:
    counts = request.app.state.store.home_page.domain_counts()
    terms = vocabulary("domain")
    groups = [(top, [slug for slug in terms.children(top) if counts.get(slug)]) for top in terms.top]
    used = [group for group in groups if group[1] or counts.get(group[0])]
    return page(request, "search/categories.html", groups=used, counts=counts)


def collection_page(request: Request) -> Response:
    collection = request.app.state.store.record_pages.collection(request.path_params["slug"])
    reasons, now = {line.project: line.reason for line in collection.record.projects}, now_of(request)
    cards = [(card, reasons.get(card.slug, {})) for card in collection.cards if card.may_be_proposed(now)]
    resting = [card for card in collection.cards if card.activity.rank(now) > UNKNOWN]
    return page(request, "search/collection.html", collection=collection.record, cards=cards, resting=resting)


def alveole(request: Request) -> Response:
    """The page on Alvéole, a text that we ship."""
    return _own_text_page(request, "alveole")


def about(request: Request) -> Response:
    """What is true of every catalogue, and what the manifest states about this one."""
    lists = request.app.state.store.home_page.collections()
    suite = next((editors_list for editors_list in lists if editors_list.slug == SUITE_COLLECTION), None)
    return _own_text_page(request, "about", "site/about.html", suite=suite)


def legal_page(request: Request) -> Response:
    """Who is responsible, rights, and what is kept how long: the periods are those of `forge.jobs.retention`."""
    title, body = own_page("legal", request.state.page_language.tag)
    spoken = languages.page_language(title.language)
    for row in PERIODS:
        body = body.replace(f"{{{{ {row.name} }}}}", escape(spoken.span(row.period)))
    return page(request, "site/legal.html", title=title, body=body)


def guide_page(request: Request) -> Response:
    """A help page: using the catalogue, words, choosing, for makers, for groups."""
    return _own_text_page(request, f"help/{request.path_params['name']}")


def _own_text_page(request: Request, name: str, template: str = "site/text.html", **more: Any) -> Response:
    title, body = own_page(name, request.state.page_language.tag)
    unread = is_unproofread(title.language, _readers(request))
    return page(request, template, title=title, body=body, unread=unread, **more)


def accessibility_page(request: Request) -> Response:
    """What was tested and what was not, and the languages of the pages that no native speaker has read."""
    title, body = own_page("accessibility", request.state.page_language.tag)
    readers, spoken = _readers(request), languages.page_language(title.language)
    unread_languages = [
        spoken.language(tag) for tag in DRAFTS if tag in offered_languages(request) and is_unproofread(tag, readers)
    ]
    sentence = spoken.gettext(UNREAD_SENTENCE) % {"languages": spoken.comma.join(unread_languages)}
    body = body.replace("<li>{{ unread }}</li>", Markup("<li>{}</li>").format(sentence) if unread_languages else "")
    draft = is_unproofread(title.language, readers)
    return page(request, "site/accessibility.html", title=title, body=body, unread=draft)


def _readers(request: Request) -> Mapping[str, str]:
    manifest = manifest_of(request)
    return manifest.readers if manifest else {}


def help_page(request: Request) -> Response:
    tag = request.state.page_language.tag
    return page(request, "site/help.html", guides={name: own_page(f"help/{name}", tag)[0] for name in GUIDES})


def site_map_page(request: Request) -> Response:
    """Every kind of page that a reader can go to, for those who would rather browse than search."""
    counts = request.app.state.store.home_page.domain_counts()
    used = [
        top
        for top in vocabulary("domain").top
        if any(counts.get(slug) for slug in (top, *vocabulary("domain").children(top)))
    ]
    tag = request.state.page_language.tag
    guides = [(name, own_page(f"help/{name}", tag)[0]) for name in GUIDES]
    return page(request, "site/site-map.html", domains=used, guides=guides)


def statistics_page(request: Request) -> Response:
    """What the catalogue holds, in numbers; nothing about its readers."""
    tables = statistics_tables(request.app.state.store, now_of(request))
    answer = page(
        request,
        "site/statistics.html",
        tables=tables,
        narrower=vocabulary("domain").above,
        license=lambda family: filter_value_label("license", family, request.state.page_language),
    )
    answer.headers["Link"] = '</export/statistics.csv>; rel="alternate"; type="text/csv"'
    return answer
