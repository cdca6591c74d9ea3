"""The page of up to four projects side by side: where they differ, then what is the same, as `columns` decides."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.search import IndexMissing, SearchQuery
from catalog.store.core.read_models import Card
from forge.i18n.languages import plain
from forge.web.compare.columns import FURTHER_FACTS, MAIN_FACTS, MAX_COLUMNS, compared_projects, fact_rows
from forge.web.core.render import address, now_of, page, page_language_of
from forge.web.projects.reader_context import rule_countries

SUGGESTIONS = 8
_TEXT_CHARACTERS = 200


def compare_page(request: Request) -> Response:
    """The projects named by `p`, in the order of the address; `add` is a name to look for."""
    projects = compared_projects(request)
    if projects.moved:
        return RedirectResponse(address(request.url.path, projects.query(projects.moved)), 301)
    columns = projects.columns
    slugs = [column.slug for column in columns]
    text = plain(request.query_params.get("add", "")).strip()[:_TEXT_CHARACTERS]
    return page(
        request,
        "compare/compare.html",
        columns=columns,
        rows=fact_rows(columns, {**MAIN_FACTS, **FURTHER_FACTS}),
        missing=projects.missing,
        left_out=projects.left_out,
        most=MAX_COLUMNS,
        text=text,
        candidates=[card for card in _candidates(request, text) if card.slug not in slugs] if text else (),
        query=projects.query(slugs),
        chosen=projects.query(()),
        country=projects.country,
        rule_countries=rule_countries(request.state.page_language, projects.country),
        canonical=address(request.url.path, [("p", slug) for slug in sorted(slugs)]),
        noindex=True,  # as many pages as there are choices of four
    )


def _candidates(request: Request, text: str) -> Sequence[Card]:
    """Projects that a typed name may mean, the best first, dormant and ended ones only by their own name; none while
    the index is being built again."""
    try:
        query = SearchQuery(text, per_page=SUGGESTIONS + MAX_COLUMNS, language=page_language_of(request).tag)
        results = request.app.state.searcher.find(query, now_of(request))
    except IndexMissing:
        return ()
    cards: Sequence[Card] = request.app.state.store.public_records.cards(results.ids[: results.living])
    return cards[: SUGGESTIONS + MAX_COLUMNS]
