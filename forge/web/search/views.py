"""The pages of the search: what was found, and its filters. `catalog.search` decides what matches."""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.today import ACTIVE, QUIET
from catalog.search import IndexMissing, SearchQuery, SearchResult
from catalog.sentences import mark
from forge.i18n.languages import PageLanguage
from forge.web.core.list_query import ListQuery, list_pages, read_query
from forge.web.core.render import address, now_of, offered_languages, page
from forge.web.search.category_questions import categories_with_projects
from forge.web.search.facets import (
    FURTHER_FILTERS,
    MAIN_FILTERS,
    adopter_facets,
    adopter_filter_values,
    facets,
    filter_value_label,
    select_choices,
)
from forge.web.search.match_reasons import match_reasons_by_id
from forge.web.search.matches import MAX_ROWS
from forge.web.search.no_results import chosen_filters, has_few_results, similar_calls, wider_searches

PER_PAGE = 20
SUGGESTED = 3  # where nothing answers the words
# Of a search the closest come first; what only filters chose stands in the order of the alphabet.
ORDERS = {
    "best": mark("Relevance"),
    "uses": mark("Most confirmed users"),
    "recent": mark("Recently updated"),
    "name": mark("A to Z"),
}
LIST_ORDERS = {"best": mark("A to Z"), "uses": mark("Most confirmed users"), "recent": mark("Recently updated")}


def find_page(request: Request) -> Response:
    query, page_language = read_query(request.query_params.multi_items()), request.state.page_language
    search_result = _search_index(request, query, {})
    if search_result is None:
        return page(request, "search/preparing.html", 503, query=query, noindex=True)
    store = request.app.state.store
    cards = store.public_records.cards(search_result.ids, quoted=bool(search_result.words))
    why = match_reasons_by_id(search_result, cards, store, page_language)
    results = [(card, why.get(card.id)) for card in cards]
    if search_result.is_guess:
        results = results[:SUGGESTED]
    close, living = set(search_result.ids[: search_result.close]), set(search_result.ids[: search_result.living])
    return page(
        request,
        "search/find.html",
        query=query,
        found=search_result,
        selects=[]  # nothing was found that could be fewer
        if search_result.is_guess
        else select_choices(search_result.facets, query, page_language, offered_languages(request)),
        label=partial(filter_value_label, page_language=page_language),
        orders=_orders(query, page_language),
        close=[result for result in results if result[0].id in close],
        weak=[result for result in results if result[0].id in living - close],
        resting=[result for result in results if result[0].id not in living],
        unlisted=store.unlisted.find_by_name(query.text) if query.text else (),
        categories=categories_with_projects(
            search_result.categories, store.home_page.domain_counts(), search_result.answered
        )
        if search_result.categories
        else [],
        poor=has_few_results(search_result),
        maintained=sum(count for state, count in search_result.facets["alive"] if state in (ACTIVE, QUIET)),
        lacked=similar_calls(search_result, store),
        asked=chosen_filters(query, page_language),
        fewer=wider_searches(query, search_result, partial(_count_found, request)),
        pages=list_pages(
            query.page, 0 if search_result.is_guess else search_result.total, PER_PAGE, query.parameters(1)
        ),
        canonical=address(request.url.path, query.shared.parameters()),
        read=query.parameters(),
        fits_table=search_result.total <= MAX_ROWS,
        noindex=bool(query.text) or len(query.chosen) > 1,
    )


def filters_page(request: Request) -> Response:
    """The filters on a page of their own: for narrow screens, and for filters that are rarely needed. `only` names one
    filter, of which all values are shown."""
    query, only = read_query(request.query_params.multi_items()), request.query_params.get("only", "")
    only, page_language = only if only in (*MAIN_FILTERS, *FURTHER_FILTERS) else "", request.state.page_language
    used = request.app.state.store.countries.with_users()
    like = adopter_filter_values(query, used, page_language) if not only else {}
    result = _search_index(request, query, like)
    if result is None:
        return page(request, "search/preparing.html", 503, query=query, noindex=True)
    names = (only,) if only else (*MAIN_FILTERS, *FURTHER_FILTERS)
    return page(
        request,
        "search/filters.html",
        query=query,
        found=result,
        facets=facets(result.facets, query, page_language, names, result.total, offered_languages(request)),
        only=only,
        wide=not only and result.total > PER_PAGE,  # then a choice of one program among them is no way to fewer
        read=[*query.parameters(), ("only", only)],
        ours=adopter_facets(result.facets, like, query, page_language),
        label=partial(filter_value_label, page_language=page_language),
        orders=_orders(query, page_language),
        noindex=True,
    )


def _orders(query: ListQuery, page_language: PageLanguage) -> list[tuple[str, str]]:
    """The orders to choose from, each with its value in addresses: without words there is none by relevance."""
    offered = ORDERS if query.text else LIST_ORDERS
    return [(value, page_language.gettext(sentence)) for value, sentence in offered.items()]


def _count_found(request: Request, query: ListQuery) -> int:
    """How many projects match; 0 while the index is being built again."""
    search = SearchQuery(query.text, query.filters, language=request.state.page_language.tag, literal=query.literal)
    try:
        counted: int = request.app.state.searcher.walk(search, None, 1, now_of(request)).total
    except IndexMissing:
        return 0
    return counted


def _search_index(request: Request, query: ListQuery, like: Mapping[str, tuple[str, ...]]) -> SearchResult | None:
    """The result of a search; None while the index is being built again."""
    tag = request.state.page_language.tag
    sort = query.sort if query.text or query.sort != "best" else "name"
    search = SearchQuery(query.text, query.filters, sort, query.page, PER_PAGE, tag, like, query.literal)
    try:
        result: SearchResult = request.app.state.searcher.find(search, now_of(request))
    except IndexMissing:
        return None
    return result
